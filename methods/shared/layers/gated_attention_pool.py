"""From a bag to a vector by attention."""

import torch
from torch import Tensor, nn

from methods.shared.layers.packed_bags import PackedBags, softmax_within, sum_within


class GatedAttentionPool(nn.Module):
    """Gated attention pooling (Ilse, Tomczak & Welling 2018, equation 9).

    An instance h has the score w'(tanh(V h) * sigmoid(U h)); the softmax of the scores over a patient's instances
    weighs them. The vector of a patient without an instance is 0.

    Parameters
    ----------
    width : int
        d, of an instance.
    hidden : int
        Rows of V and U.
    dropout : float
        Share of both branches dropped in training.
    """

    def __init__(self, width: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.tanh = nn.Sequential(nn.Linear(width, hidden), nn.Tanh(), nn.Dropout(dropout))
        self.gate = nn.Sequential(nn.Linear(width, hidden), nn.Sigmoid(), nn.Dropout(dropout))
        self.score = nn.Linear(hidden, 1)

    def forward(self, bags: PackedBags) -> tuple[Tensor, Tensor]:
        """Return the vectors of n patients, shape (n, d), and the weight of each instance, shape (R,)."""
        h = bags.instances
        scores = self.score(self.tanh(h) * self.gate(h))
        weights = softmax_within(scores, bags.owner, bags.patients)
        return sum_within(weights * h, bags.owner, bags.patients), weights[:, 0]


class MeanPool(nn.Module):
    """The mean instance of each patient; 0 for a patient without any."""

    def forward(self, bags: PackedBags) -> tuple[Tensor, Tensor]:
        """Return the vectors of n patients, shape (n, d), and the weight of each instance, shape (R,)."""
        counts = torch.bincount(bags.owner, minlength=bags.patients).clamp(min=1)
        weights = (1.0 / counts)[bags.owner]
        pooled = sum_within(bags.instances * weights[:, None], bags.owner, bags.patients)
        return pooled, weights
