"""A network's outputs as hazards that are constant within intervals of time."""

import numpy as np
import torch
from pycox.models.loss import nll_pc_hazard_loss
from torch import Tensor
from torch.nn.functional import softplus

from benchmarks.types import Context, FloatArray, Outcome, Prediction
from methods.shared.heads.discrete_time import Spacing, TimeCuts


class PiecewiseConstantHead:
    """Hazard softplus(output k) / length in interval k (Kvamme & Borgan 2021, PC-Hazard); times stay continuous.

    Parameters
    ----------
    intervals : int
        K.
    spacing : {"equidistant", "quantiles", "event_quantiles"}
        Intervals of equal length, equal falls of the Kaplan-Meier curve, or equal numbers of events.
    """

    def __init__(self, intervals: int, spacing: Spacing = "quantiles") -> None:
        self.intervals = intervals
        self.spacing = spacing

    def prepare(self, outcome: Outcome, context: Context) -> int:
        """Place the cuts by the training outcomes; return the number of intervals."""
        self.cuts = TimeCuts.fit(outcome, self.intervals, self.spacing, "nearest", context).cuts
        return len(self.cuts) - 1

    def start(self, outcome: Outcome) -> FloatArray:
        """Return the outputs that say the hazards of all training patients, shape (K,): events over time at risk.

        Half an event more in each interval, so that no hazard is zero.
        """
        index, event, share = (label.numpy() for label in self.labels(outcome))
        events = np.bincount(index[event == 1], minlength=len(self.cuts) - 1) + 0.5
        # In units of the interval's length: 1 for all whose time is in a later one, the share for those in this one.
        at_risk = np.array([np.sum(index > k) + share[index == k].sum() for k in range(len(self.cuts) - 1)])
        hazard = events / np.maximum(at_risk, 0.5)
        outputs: FloatArray = hazard + np.log(-np.expm1(-hazard))
        return outputs

    def labels(self, outcome: Outcome) -> tuple[Tensor, Tensor, Tensor]:
        """Return interval (int64), event indicator and the share of the interval that has passed (float32).

        Times beyond the last cut are censored there.
        """
        time = np.minimum(outcome.time, self.cuts[-1])
        event = outcome.event & (outcome.time <= self.cuts[-1])
        index = np.clip(np.searchsorted(self.cuts, time, side="left") - 1, 0, len(self.cuts) - 2)
        share = (time - self.cuts[index]) / np.diff(self.cuts)[index]
        return (
            torch.from_numpy(index.astype(np.int64)),
            torch.from_numpy(event.astype(np.float32)),
            torch.from_numpy(share.astype(np.float32)),
        )

    def loss(self, outputs: Tensor, *labels: Tensor) -> Tensor:
        """Return the mean negative log-likelihood of a batch."""
        index, event, share = labels
        value: Tensor = nll_pc_hazard_loss(outputs, index, event, share)
        return value

    def fit_curves(self, outputs: FloatArray, outcome: Outcome) -> None:
        """Learn nothing: the outputs say all of the curves."""

    def survival(self, outputs: FloatArray, times: FloatArray) -> FloatArray:
        """Return exp(-H) at T times, shape (n, T); H rises linearly within an interval, and stays after the last."""
        steps = softplus(torch.from_numpy(outputs)).numpy()
        hazard = np.concatenate([np.zeros((len(outputs), 1)), np.cumsum(steps, axis=1)], axis=1)
        inside = np.minimum(times, self.cuts[-1])
        right = np.clip(np.searchsorted(self.cuts, inside, side="left"), 1, len(self.cuts) - 1)
        rho = (inside - self.cuts[right - 1]) / (self.cuts[right] - self.cuts[right - 1])
        curves: FloatArray = np.exp(-((1 - rho) * hazard[:, right - 1] + rho * hazard[:, right]))
        return curves

    def risk(self, outputs: FloatArray, times: FloatArray) -> FloatArray:
        """Return the negative restricted mean of the curves."""
        return self.predict(outputs, times).risk

    def predict(self, outputs: FloatArray, times: FloatArray) -> Prediction:
        """Return the curves; the risk is their negative restricted mean."""
        return Prediction.from_curves(times, self.survival(outputs, times))
