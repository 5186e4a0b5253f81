"""AIDS Clinical Trials Group Study 320."""

from typing import Literal

from sksurv.datasets import load_aids

from benchmarks.types import Cohort


def load(endpoint: Literal["aids", "death"]) -> Cohort:
    """ACTG 320 (Hammer et al. 1997): 1151 patients, days to AIDS or death, or to death alone."""
    frame, label = load_aids(endpoint=endpoint)
    event, time = label.dtype.names
    # The file stores the Karnofsky score as unordered text.
    frame["karnof"] = frame["karnof"].cat.set_categories(["70", "80", "90", "100"], ordered=True)
    return Cohort.from_table(frame, time=label[time], event=label[event], time_unit="days")
