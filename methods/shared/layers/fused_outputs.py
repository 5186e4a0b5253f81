"""The end of a network on a bag and genes: two vectors come together, the other modalities stand beside them."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn

from benchmarks.types import FloatArray
from methods.shared.layers.last_layer import last_layer
from methods.shared.layers.low_rank_bilinear import LowRankBilinear

Fusion: TypeAlias = Literal["concat", "bilinear"]


class FusedOutputs(nn.Module):
    """A hidden layer of both vectors, then a linear layer of it, of the other vectors and of flags of the missing.

    Parameters
    ----------
    width : int
        Of both vectors, and of the hidden layer.
    beside : sequence of int
        Widths of the other vectors.
    modalities : int
        Number of flags.
    fusion : {"concat", "bilinear"}
        The hidden layer is linear in both, or in their products of low rank (and in each by itself), with a ReLU.
    rank : int
        Number of products.
    dropout : float
        Share of hidden nodes dropped in training.
    outputs : int
        Number of outputs.
    start : array, shape (outputs,), optional
        What the untrained network says of everybody.
    """

    def __init__(
        self,
        width: int,
        beside: Sequence[int],
        modalities: int,
        fusion: Fusion,
        rank: int,
        dropout: float,
        outputs: int,
        start: FloatArray | None,
    ) -> None:
        super().__init__()
        self.hidden = LowRankBilinear(width, width, rank, width) if fusion == "bilinear" else _Concatenation(width)
        self.dropout = nn.Dropout(dropout)
        self.last = last_layer(width + sum(beside) + modalities, outputs, start)

    def forward(self, one: Tensor, other: Tensor, beside: Sequence[Tensor], present: Tensor) -> Tensor:
        """Return the outputs of n patients, shape (n, outputs).

        Parameters
        ----------
        one, other : Tensors, shape (n, width)
            0 where there is none.
        beside : sequence of Tensor, each (n, d_m)
            Of the last modalities of ``present``; what stands in the place of a missing one is not read.
        present : Tensor of bool, shape (n, M)
            Which modalities there are.
        """
        hidden = self.hidden(one, other)
        missing = ~present
        first = present.shape[1] - len(beside)
        read = [values.masked_fill(missing[:, [first + m]], 0.0) for m, values in enumerate(beside)]
        joined = torch.cat([self.dropout(hidden.relu()), *read, missing.to(hidden.dtype)], dim=1)
        outputs: Tensor = self.last(joined)
        return outputs


class _Concatenation(nn.Module):
    """A linear layer of two vectors side by side."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(2 * width, width)

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """Return the layer's output for n patients, shape (n, width)."""
        hidden: Tensor = self.linear(torch.cat([one, other], dim=1))
        return hidden
