"""The vectors of all modalities side by side, with flags of the missing."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn


class Concatenated(nn.Module):
    """[x_1; ...; x_M; flags] -> hidden layer with ReLU and dropout -> outputs. A missing x_m is 0.

    Parameters
    ----------
    widths : sequence of int, length M
        Of the vectors.
    hidden : int
        Hidden nodes.
    dropout : float
        Share of them dropped in training.
    outputs : int
        Number of outputs.
    bias : bool
        Whether the last layer has a constant.
    """

    def __init__(self, widths: Sequence[int], hidden: int, dropout: float, outputs: int, *, bias: bool = True) -> None:
        super().__init__()
        self.hidden = nn.Linear(sum(widths) + len(widths), hidden)
        self.dropout = nn.Dropout(dropout)
        self.last = nn.Linear(hidden, outputs, bias=bias)

    def forward(self, vectors: Sequence[Tensor], present: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the outputs of n patients; nothing is kept for figures."""
        missing = ~present
        read = [values.masked_fill(missing[:, [m]], 0.0) for m, values in enumerate(vectors)]
        joined = torch.cat([*read, missing.to(read[0].dtype)], dim=1)
        return self.last(self.dropout(self.hidden(joined).relu())), {}
