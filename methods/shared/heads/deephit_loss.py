"""DeepHit's loss: a likelihood with right censoring, and a ranking of pairs."""

from pycox.models.loss import DeepHitSingleLoss
from torch import Tensor

from methods.shared.heads.discrete_head import DiscreteTimeLoss


def deephit_loss(likelihood_weight: float, ranking_scale: float) -> DiscreteTimeLoss:
    """Return pycox's loss as a function of outputs and labels."""
    weighted = DeepHitSingleLoss(likelihood_weight, ranking_scale)

    def loss(outputs: Tensor, index: Tensor, event: Tensor) -> Tensor:
        value: Tensor = weighted(outputs, index, event, ranked_pairs(index, event))
        return value

    return loss


def ranked_pairs(index: Tensor, event: Tensor) -> Tensor:
    """Return 1 where i has an event before j's time, or at j's censoring time, else 0; shape (n, n)."""
    earlier = index[:, None] < index
    censored_then = (index[:, None] == index) & (event == 0)
    return ((earlier | censored_then) & (event[:, None] == 1)).float()
