"""Worcester Heart Attack Study."""

from sksurv.datasets import load_whas500

from benchmarks.types import Cohort


def load(include_los: bool = True) -> Cohort:
    """WHAS500 (Hosmer et al. 2008): 500 patients with myocardial infarction, days from admission to death.

    Parameters
    ----------
    include_los : bool
        Keep the length of the hospital stay, which is known only at discharge.
    """
    frame, label = load_whas500()
    if not include_los:
        frame = frame.drop(columns="los")
    return Cohort.from_table(frame, time=label["lenfol"], event=label["fstat"], time_unit="days")
