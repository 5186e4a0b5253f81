"""A network's single output as a log hazard ratio."""

from typing import Literal, TypeAlias

import torch
from torch import Tensor

from benchmarks.types import Context, FloatArray, Outcome, Prediction
from methods.shared.heads.proportional_hazards import BreslowCurves

Ties: TypeAlias = Literal["breslow", "efron"]


class CoxHead:
    """Negative log partial likelihood of a batch, and Breslow's curves.

    Parameters
    ----------
    ties : {"breslow", "efron"}
        How events at the same time are counted.
    """

    def __init__(self, ties: Ties = "efron") -> None:
        self.ties = ties

    def prepare(self, outcome: Outcome, context: Context) -> int:
        """Return 1, the number of outputs; there is nothing to learn."""
        return 1

    def start(self, outcome: Outcome) -> None:
        """Return None: the partial likelihood says nothing of a constant."""

    def labels(self, outcome: Outcome) -> tuple[Tensor, Tensor]:
        """Return times (float64) and event indicators (bool), shape (n,)."""
        return torch.from_numpy(outcome.time.copy()), torch.from_numpy(outcome.event.copy())

    def loss(self, outputs: Tensor, *labels: Tensor) -> Tensor | None:
        """Return the loss of a batch as a risk set, per event; None if it has no event."""
        time, event = labels
        return partial_likelihood_loss(outputs[:, 0], time, event, self.ties)

    def fit_curves(self, outputs: FloatArray, outcome: Outcome) -> None:
        """Estimate the baseline hazard from the training patients."""
        self._curves = BreslowCurves().fit(outputs[:, 0], outcome)

    def risk(self, outputs: FloatArray, times: FloatArray) -> FloatArray:
        """Return the output, whatever the times."""
        return outputs[:, 0]

    def predict(self, outputs: FloatArray, times: FloatArray) -> Prediction:
        """Return the output as risk, and the curves."""
        return Prediction(outputs[:, 0], times, self._curves.survival(outputs[:, 0], times))


def partial_likelihood_loss(linear_predictor: Tensor, time: Tensor, event: Tensor, ties: Ties) -> Tensor | None:
    """Return Cox's negative log partial likelihood divided by the number of events, None if there is no event.

    The order of the patients changes nothing, also among equal times. Sums over risk sets are taken in logarithms;
    O(b log b) for a batch of b.

    Breslow (1974): each of d events at a time has the whole risk set R as its own. Efron (1977): the l-th of them,
    l = 0 ... d - 1, has R less the share l / d of the patients who have their event then.

    Parameters
    ----------
    linear_predictor : Tensor, shape (b,)
        Log hazard ratios.
    time : Tensor, shape (b,)
        Observed times.
    event : Tensor of bool, shape (b,)
        Whether the time is that of an event.
    ties : {"breslow", "efron"}
        How events at the same time are counted.
    """
    if not event.any():
        return None
    order = torch.argsort(time, descending=True, stable=True)
    lp, event = linear_predictor[order], event[order]
    _, group, sizes = torch.unique_consecutive(time[order], return_inverse=True, return_counts=True)
    # Of a group of equal times the last patient's sum has the whole risk set.
    log_sum = torch.logcumsumexp(lp, dim=0)[sizes.cumsum(0) - 1][group]
    if ties == "efron":
        log_sum = log_sum[event] + _log_kept_share(lp[event], group[event], log_sum[event], len(sizes))
        return (log_sum - lp[event]).mean()
    return (log_sum - lp)[event].mean()


def _log_kept_share(lp: Tensor, group: Tensor, log_sum: Tensor, groups: int) -> Tensor:
    """Return log(1 - l / d * D / R) of the events, shape (m,), D being the sum over the d events of one time."""
    largest = lp.new_full((groups,), -torch.inf).scatter_reduce(0, group, lp.detach(), "amax")
    sums = lp.new_zeros(groups).index_add(0, group, (lp - largest[group]).exp())
    events = torch.bincount(group, minlength=groups)
    first = events.cumsum(0) - events
    place = torch.arange(len(lp), device=lp.device) - first[group]
    share = (sums.log() + largest)[group] - log_sum
    return torch.log1p(-(place.to(lp.dtype) / events[group]) * share.clamp(max=0.0).exp())
