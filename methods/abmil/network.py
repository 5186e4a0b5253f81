"""The network: the bag's vector by attention, beside the vectors of all other modalities, and a linear layer."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from methods.shared.layers.bag_encoder import BagEncoder
from methods.shared.layers.packed_bags import PackedBags


class AbmilNetwork(nn.Module):
    """r = w'[M; x_1; ...; flags], M the pooled bag. A missing vector is 0, and its flag 1.

    Parameters
    ----------
    encoder : BagEncoder
        From a bag to M.
    width : int
        Of M.
    vectors : sequence of int
        Widths of the x_m.
    outputs : int
        Rows of w'.
    """

    def __init__(self, encoder: BagEncoder, width: int, vectors: Sequence[int], outputs: int) -> None:
        super().__init__()
        self.encoder = encoder
        # A constant cancels in the partial likelihood.
        self.last = nn.Linear(width + sum(vectors) + 1 + len(vectors), outputs, bias=False)
        # At first the risk is the same for everybody: random weights here say more than a few events can correct.
        nn.init.zeros_(self.last.weight)

    def forward(
        self, bags: PackedBags, vectors: Sequence[Tensor], present: Tensor
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the outputs of n patients, and the weight of each instance."""
        pooled, attention = self.encoder(bags)
        missing = ~present
        read = [values.masked_fill(missing[:, [m]], 0.0) for m, values in enumerate([pooled, *vectors])]
        joined = torch.cat([*read, missing.to(pooled.dtype)], dim=1)
        return self.last(joined), {"attention": attention}
