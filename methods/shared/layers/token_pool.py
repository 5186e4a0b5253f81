"""From the tokens of a patient, of which some may be missing, to one vector by gated attention."""

import torch
from torch import Tensor, nn

from methods.shared.layers.gated_attention_pool import GatedAttentionPool
from methods.shared.layers.packed_bags import PackedBags


class TokenPool(nn.Module):
    """``GatedAttentionPool`` over tokens.

    Parameters
    ----------
    width, hidden, dropout
        As of ``GatedAttentionPool``.
    """

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.pool = GatedAttentionPool(width, hidden, dropout)

    def forward(self, tokens: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """Return the vectors of n patients, (n, d), 0 without a token, and the weight of each token, (n, T).

        Parameters
        ----------
        tokens : Tensor, shape (n, T, d)
            What stands in the place of a missing one is not read.
        present : Tensor of bool, shape (n, T)
            Which tokens there are.
        """
        owner, _ = present.nonzero(as_tuple=True)
        pooled, weights = self.pool(PackedBags(tokens[present], owner, len(present)))
        return pooled, torch.zeros_like(present, dtype=weights.dtype).masked_scatter(present, weights)
