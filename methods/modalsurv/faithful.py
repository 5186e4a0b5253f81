"""The authors' head: whole months as bins, the last for all later ones, and their loss on the expected bin.

Read in the authors' code (TissueImageAnalytics/CHIMERA-Challenge). It is there to be measured, not recommended: most
patients of a long follow-up fall into the last bin.
"""

import numpy as np
import torch
from torch import Tensor

from benchmarks.errors import UsageError
from benchmarks.types import Context, FloatArray, Outcome, Prediction
from methods.shared.heads.discrete_time import curves_between_cuts

BINS = 30
SMALLEST_SURVIVAL = 1e-4
DAYS_OF_A_MONTH = 30.4375
MONTHS_IN = {"days": 1 / DAYS_OF_A_MONTH, "months": 1.0, "years": 12.0}


class MonthBins:
    """A softmax over 30 bins of a month each; all later times are in the last one.

    Parameters
    ----------
    time_unit : {"days", "months", "years"}
        Unit of the cohort's times.
    """

    def __init__(self, time_unit: str) -> None:
        if time_unit not in MONTHS_IN:
            raise UsageError(f"time unit {time_unit!r}: one of {', '.join(MONTHS_IN)}")
        self._months = MONTHS_IN[time_unit]

    def prepare(self, outcome: Outcome, context: Context) -> int:
        """Return the number of bins, 30."""
        beyond = float((outcome.time * self._months >= BINS - 1).mean())
        context.logger.info("%.0f %% of the training patients are in the last bin", 100 * beyond)
        return BINS

    def start(self, outcome: Outcome) -> None:
        """Return None: the authors start from random weights."""

    def labels(self, outcome: Outcome) -> tuple[Tensor, Tensor]:
        """Return bin (int64) and event indicator (bool) of n patients."""
        bins = np.minimum(np.floor(outcome.time * self._months), BINS - 1).astype(np.int64)
        return torch.from_numpy(bins), torch.from_numpy(outcome.event.copy())

    def loss(self, outputs: Tensor, *labels: Tensor) -> Tensor:
        """Return the mean of likelihood and ranking loss, half each."""
        bins, event = labels
        return 0.5 * likelihood(outputs, bins, event) + 0.5 * ranking(outputs, bins, event)

    def fit_curves(self, outputs: FloatArray, outcome: Outcome) -> None:
        """Learn nothing: the outputs say all of the curves."""

    def survival_at_cuts(self, outputs: FloatArray) -> FloatArray:
        """Return S at 0 and at the end of each bin, shape (n, 31)."""
        density = torch.from_numpy(outputs).softmax(dim=1).numpy()
        after = np.cumsum(density[:, ::-1], axis=1)[:, ::-1]
        return np.concatenate([np.ones((len(outputs), 1)), after[:, 1:], np.zeros((len(outputs), 1))], axis=1)

    def curves(self, at_cuts: FloatArray, times: FloatArray) -> FloatArray:
        """Return the curves at T times, shape (n, T); the density of a bin is constant within it."""
        return curves_between_cuts(np.arange(BINS + 1) / self._months, at_cuts, times, "constant_density")

    def risk(self, outputs: FloatArray, times: FloatArray) -> FloatArray:
        """Return the negative expected bin, whatever the times."""
        return self.predict(outputs, times).risk

    def predict(self, outputs: FloatArray, times: FloatArray) -> Prediction:
        """Return the curves; the risk is the negative expected bin."""
        density = torch.from_numpy(outputs).softmax(dim=1).numpy()
        return Prediction(-density @ np.arange(BINS), times, self.curves(self.survival_at_cuts(outputs), times))


def likelihood(outputs: Tensor, bins: Tensor, event: Tensor) -> Tensor:
    """Return the mean of -log p of the bin (event), or -log of the mass after it, at least 1e-4 (censored)."""
    density = outputs.softmax(dim=1)
    own = density.gather(1, bins[:, None])[:, 0]
    after = 1 - density.cumsum(dim=1).gather(1, bins[:, None])[:, 0]
    said = torch.where(event, own.clamp(min=1e-12), after.clamp(min=SMALLEST_SURVIVAL))
    return -said.log().mean()


def ranking(outputs: Tensor, bins: Tensor, event: Tensor) -> Tensor:
    """Return the mean of exp(m_i - m_j), m the expected bin, over pairs: i has an event, j's bin is later.

    0 if there is no such pair.
    """
    expected = outputs.softmax(dim=1) @ torch.arange(outputs.shape[1], dtype=outputs.dtype, device=outputs.device)
    pairs = event[:, None] & (bins[None, :] > bins[:, None])
    costs = (expected[:, None] - expected[None, :]).exp()
    return (costs * pairs).sum() / pairs.sum().clamp(min=1)
