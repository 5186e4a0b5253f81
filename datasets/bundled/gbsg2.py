"""German Breast Cancer Study Group 2."""

from sksurv.datasets import load_gbsg2

from benchmarks.types import Cohort


def load() -> Cohort:
    """GBSG2 (Schumacher et al. 1994): 686 node-positive patients, days to recurrence or death."""
    frame, label = load_gbsg2()
    # The file stores the grade as unordered text.
    frame["tgrade"] = frame["tgrade"].cat.set_categories(["I", "II", "III"], ordered=True)
    return Cohort.from_table(frame, time=label["time"], event=label["cens"], time_unit="days")
