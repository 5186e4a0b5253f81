"""From a risk to a time: the rank of the risk among the training patients, read off their Kaplan-Meier curve."""

import numpy as np

import metrics
from benchmarks.types import FloatArray, Outcome


class RankMap:
    """The event time at which the training patients' Kaplan-Meier curve is nearest to p, the rank of a risk.

    With n - 1 training patients, p = 1 - (q - 1) / n, q - 1 of them having a risk as high or higher. The highest risk
    has p = 1 and the earliest event time. Where the curve ends above p, the time is that of the last event: all ranks
    below the end of the curve share it. Of two equally near times it is the earlier one.
    """

    def fit(self, risk: FloatArray, outcome: Outcome) -> "RankMap":
        """Learn ranks and curve from the training patients, of whom at least one has an event.

        Parameters
        ----------
        risk : array, shape (n - 1,)
            Of the training patients.
        outcome : Outcome
            Of the same patients.
        """
        self._risks = np.sort(risk)
        self._times = np.unique(outcome.time[outcome.event])
        self._survival = metrics.kaplan_meier(outcome.time, outcome.event).at(self._times)
        return self

    def times(self, risk: FloatArray) -> FloatArray:
        """Return the times of m patients, shape (m,), never later for a higher risk."""
        as_high = len(self._risks) - np.searchsorted(self._risks, risk, side="left")
        p = 1 - as_high / (len(self._risks) + 1)
        # The first of equal distances is the earlier time.
        nearest = np.abs(self._survival[None, :] - p[:, None]).argmin(axis=1)
        found: FloatArray = self._times[nearest]
        return found


def tied_pairs(times: FloatArray) -> float:
    """Return the share of the pairs of m patients who have the same time; 0 for a patient alone."""
    _, counts = np.unique(times, return_counts=True)
    pairs = len(times) * (len(times) - 1)
    return float((counts * (counts - 1)).sum() / pairs) if pairs else 0.0


def mean_absolute_error(times: FloatArray, outcome: Outcome) -> float | None:
    """Return the mean distance of predicted and observed time over the patients with the event, None without any."""
    if outcome.n_events == 0:
        return None
    return float(np.abs(times - outcome.time)[outcome.event].mean())
