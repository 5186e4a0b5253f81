"""Survival curves without proportional hazards: Kaplan-Meier of the training patients of the nearest risks."""

import numpy as np

import metrics
from benchmarks.types import FloatArray, Outcome

# Training patients of a curve: at least so many, and at least this share of all.
FEWEST, SHARE = 30, 0.2


class NearestCurves:
    """Curve of a risk: Kaplan-Meier of the k training patients whose out-of-fold risks are nearest to it.

    k is 30 or a fifth of the training patients, whichever is more, and all of them if there are fewer.
    """

    def fit(self, risk: FloatArray, outcome: Outcome) -> "NearestCurves":
        """Keep n training patients with risks, shape (n,), of a model that was not trained on them."""
        self._risk = risk
        self._outcome = outcome
        self._k = min(len(risk), max(FEWEST, round(SHARE * len(risk))))
        return self

    def survival(self, risk: FloatArray, times: FloatArray) -> FloatArray:
        """Return the curves of m patients at T times, shape (m, T), constant after the last time of their k."""
        distances = np.abs(risk[:, None] - self._risk[None, :])
        nearest = np.argsort(distances, axis=1, kind="stable")[:, : self._k]
        time, event = self._outcome.time, self._outcome.event
        return np.stack([metrics.kaplan_meier(time[rows], event[rows]).at(times) for rows in nearest])
