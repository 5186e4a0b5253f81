"""A network's single output as the log odds of an event before one time."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

import metrics
from benchmarks.types import BoolArray, Context, FloatArray, Outcome, Prediction


class BinaryHead:
    """Event up to a horizon or not, each patient weighted by the inverse probability of being seen so long.

    Whoever is censored before the horizon has weight 0, the others 1 / G, G being the Kaplan-Meier curve of the
    censoring among the training patients, just before the event or at the horizon (Robins & Rotnitzky 1992). Without
    weights (``ipcw=False``) the censored are left out, and too many of those who stay have an event.

    Parameters
    ----------
    horizon : float
        In the cohort's unit of time.
    ipcw : bool
        Whether to weight.
    """

    def __init__(self, horizon: float, *, ipcw: bool = True) -> None:
        self.horizon = horizon
        self.ipcw = ipcw

    def prepare(self, outcome: Outcome, context: Context) -> int:
        """Estimate the censoring of the training patients; return 1, the number of outputs.

        Raises
        ------
        ValueError
            If no training patient has an event up to the horizon, or none is followed beyond it.
        """
        happened, known = self._status(outcome)
        if not happened.any() or (happened | ~known).all():
            raise ValueError(f"up to {self.horizon:g} all training patients have the same status")
        self._uncensored = metrics.censoring_distribution(outcome.time, outcome.event)
        return 1

    def start(self, outcome: Outcome) -> FloatArray:
        """Return the log odds among the weighted training patients, shape (1,)."""
        happened, _ = self._status(outcome)
        weights = self._weights(outcome)
        share = float(weights[happened].sum() / weights.sum())
        return np.array([np.log(share / (1 - share))])

    def labels(self, outcome: Outcome) -> tuple[Tensor, Tensor]:
        """Return status at the horizon and weight of n patients, both float32."""
        happened, _ = self._status(outcome)
        weights = self._weights(outcome)
        return torch.from_numpy(happened.astype(np.float32)), torch.from_numpy(weights.astype(np.float32))

    def loss(self, outputs: Tensor, *labels: Tensor) -> Tensor | None:
        """Return the weighted mean cross-entropy; None if nobody in the batch has a weight."""
        happened, weights = labels
        if not (weights > 0).any():
            return None
        each = binary_cross_entropy_with_logits(outputs[:, 0], happened.to(outputs.dtype), reduction="none")
        return (weights * each).sum() / weights.sum()

    def fit_curves(self, outputs: FloatArray, outcome: Outcome) -> None:
        """Learn nothing: one probability is no curve."""

    def risk(self, outputs: FloatArray, times: FloatArray) -> FloatArray:
        """Return the output, whatever the times."""
        return outputs[:, 0]

    def predict(self, outputs: FloatArray, times: FloatArray) -> Prediction:
        """Return the log odds as risk; there are no curves."""
        return Prediction(outputs[:, 0], times)

    def _status(self, outcome: Outcome) -> tuple[BoolArray, BoolArray]:
        """Return whose event came up to the horizon, and of whom that is known, shape (n,)."""
        happened = outcome.event & (outcome.time <= self.horizon)
        return happened, happened | (outcome.time > self.horizon)

    def _weights(self, outcome: Outcome) -> FloatArray:
        happened, known = self._status(outcome)
        if not self.ipcw:
            return known.astype(np.float64)
        seen = np.where(happened, self._uncensored.before(outcome.time), self._uncensored.at(self.horizon))
        return np.divide(1.0, seen, out=np.zeros(len(outcome)), where=known)
