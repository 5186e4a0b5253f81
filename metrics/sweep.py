"""The order in which pairs are counted: stratum by stratum, through time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.checks import FloatArray, positive_number, stratum_codes
from metrics.errors import UndefinedError
from metrics.outcome import PreparedOutcome
from metrics.pair_counting import count_comparable


class SweepOrder:
    """Patients by stratum, time, and events before censorings of the same time (conventions 1 and 16).

    Parameters
    ----------
    outcome : PreparedOutcome
        Outcome of the patients.
    tau : float or None
        Only pairs whose earlier time is below it are comparable (convention 5). None stands for the
        outcome's.
    strata : array-like, shape (n,), or None
        Stratum of each patient; pairs are formed within a stratum only.

    Attributes
    ----------
    rows : ndarray of int64, shape (n,)
        The patients in this order.
    time, event : ndarray, shape (n,)
        Their outcome.
    strata : list of slice
        Where each stratum lies.
    horizon : float
        Tau, or infinity.
    """

    def __init__(self, outcome: PreparedOutcome, tau: float | None, strata: ArrayLike | None) -> None:
        limit = outcome.tau if tau is None else positive_number(tau, "tau")
        self.horizon = np.inf if limit is None else limit
        self.rows = outcome.order
        self.strata = [slice(0, len(outcome))]
        if strata is not None:
            codes = stratum_codes(strata, len(outcome))[outcome.order]
            self.rows = outcome.order[np.argsort(codes, kind="stable")]
            ends = np.cumsum(np.bincount(codes))
            self.strata = [slice(int(a), int(b)) for a, b in zip(np.append(0, ends[:-1]), ends, strict=True)]
        self.time = outcome.time[self.rows]
        self.event = outcome.event[self.rows]

    def comparable(self) -> FloatArray:
        """Count the comparable later patients of each patient; refuse if there are none at all (convention 6)."""
        counts = np.concatenate(
            [count_comparable(self.time[part], self.event[part], self.horizon) for part in self.strata]
        )
        if not counts.any():
            raise UndefinedError(self._why_no_pair_is_comparable())
        return counts

    def _why_no_pair_is_comparable(self) -> str:
        if not self.event.any():
            return "no patient has an event, so no pair is comparable"
        if not (self.event & (self.time < self.horizon)).any():
            return f"no event before tau = {self.horizon}, so no pair is comparable"
        return "no pair is comparable: nobody outlives an event (in the same stratum)"

    def in_order_of_patients(self, values: FloatArray) -> FloatArray:
        """Bring values from this order back to that of the patients."""
        scattered = np.empty_like(values)
        scattered[self.rows] = values
        return scattered
