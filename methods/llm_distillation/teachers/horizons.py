"""The times at which a teacher is asked for the probability of survival."""

from typing import Literal, TypeAlias

import numpy as np

from benchmarks.types import Cohort, FloatArray
from methods.llm_distillation.horizons import MONTHS as UNITS_OF_A_MONTH

# "months": 12, 36 and 60 months. "quantiles": of the event times of the training patients. "auto": the months, where
# the training patients can tell what happens before the first and behind the last of them.
HorizonRule: TypeAlias = Literal["auto", "months", "quantiles"]

MONTHS = (12.0, 36.0, 60.0)
QUANTILES = (0.25, 0.5, 0.75)
# Share of events before the first, and of patients observed beyond the last, from which on "auto" takes the months.
ENOUGH = 0.05


def horizons_of(train: Cohort, rule: HorizonRule = "auto") -> FloatArray:
    """Return J horizons in the cohort's unit, rising, shape (J,).

    Quantiles that fall together, as those of few events may, are one horizon.

    Parameters
    ----------
    train : Cohort
        The training patients, at least one event.
    rule : {"auto", "months", "quantiles"}
        Fixed months, quantiles of the event times, or the months where the follow-up allows it.
    """
    months = np.array(MONTHS) * UNITS_OF_A_MONTH[train.time_unit]
    time, of_events = train.outcome.time, train.outcome.time[train.outcome.event]
    followed = np.mean(of_events <= months[0]) >= ENOUGH and np.mean(time > months[-1]) >= ENOUGH
    if rule == "months" or (rule == "auto" and followed):
        return months
    quantiles: FloatArray = np.unique(np.quantile(of_events, QUANTILES))
    return quantiles
