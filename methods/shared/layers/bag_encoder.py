"""From the instances of a bag to one vector: a layer for each instance, then a pool."""

from typing import Literal, TypeAlias, cast

from torch import Tensor, nn

from methods.shared.layers.gated_attention_pool import GatedAttentionPool, MeanPool
from methods.shared.layers.packed_bags import PackedBags, softmax_within, sum_within

Pool: TypeAlias = Literal["gated", "plain", "mean", "max"]


class PlainAttentionPool(nn.Module):
    """Attention pooling without a gate (Ilse, Tomczak & Welling 2018, equation 8): scores w' tanh(V h)."""

    def __init__(self, width: int, hidden: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.score = nn.Sequential(
            nn.Linear(width, hidden), nn.Tanh(), nn.Dropout(dropout), nn.Linear(hidden, 1, bias=False)
        )

    def forward(self, bags: PackedBags) -> tuple[Tensor, Tensor]:
        """Return the vectors of n patients, shape (n, d), and the weight of each instance, shape (R,)."""
        weights = softmax_within(self.score(bags.instances), bags.owner, bags.patients)
        return sum_within(weights * bags.instances, bags.owner, bags.patients), weights[:, 0]


class MaxPool(nn.Module):
    """The largest value of each column; the weight of an instance is the share of the columns where it is largest."""

    def forward(self, bags: PackedBags) -> tuple[Tensor, Tensor]:
        """Return the vectors of n patients, shape (n, d), and the weight of each instance, shape (R,)."""
        h, owner = bags.instances, bags.owner
        start = h.new_zeros((bags.patients, h.shape[1]))
        index = owner[:, None].expand_as(h)
        pooled = start.scatter_reduce(0, index, h, "amax", include_self=False)
        largest = (h == pooled[owner]).to(h.dtype).detach()
        shared = largest / sum_within(largest, owner, bags.patients)[owner]
        return pooled, shared.mean(dim=1)


class BagEncoder(nn.Module):
    """h = Dropout(ReLU(W h0)) of each instance, then the pool. A patient without an instance has the vector 0.

    Parameters
    ----------
    width : int
        Of an instance.
    outputs : int
        Width of h, and of the vector.
    pool : {"gated", "plain", "mean", "max"}
        Attention with or without a gate, the mean, or the largest value of each column.
    hidden : int
        Rows of the layers of the attention.
    dropout : float
        Share dropped in training, of h and within the attention.
    """

    def __init__(self, width: int, outputs: int, pool: Pool, hidden: int, dropout: float) -> None:
        super().__init__()
        self.layer = nn.Sequential(nn.Linear(width, outputs), nn.ReLU(), nn.Dropout(dropout))
        self.pool: nn.Module
        if pool == "gated":
            self.pool = GatedAttentionPool(outputs, hidden, dropout)
        elif pool == "plain":
            self.pool = PlainAttentionPool(outputs, hidden, dropout)
        else:
            self.pool = MeanPool() if pool == "mean" else MaxPool()

    def forward(self, bags: PackedBags) -> tuple[Tensor, Tensor]:
        """Return the vectors of n patients, shape (n, outputs), and the weight of each instance, shape (R,)."""
        encoded = PackedBags(self.layer(bags.instances), bags.owner, bags.patients)
        return cast(tuple[Tensor, Tensor], self.pool(encoded))
