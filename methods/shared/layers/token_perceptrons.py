"""Tokens of genes: a small self-normalising network of its own for each set, all of them at once."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class TokenPerceptrons(nn.Module):
    """Two layers of SELU and alpha dropout for each of T vectors of different lengths (Klambauer et al. 2017).

    Weights have variance 1 / inputs at first, constants are 0.

    Parameters
    ----------
    sizes : sequence of int, length T
        Columns of each vector; they stand side by side in the input.
    width : int
        Of both layers, and of the tokens.
    dropout : float
        Share of alpha dropout.
    """

    places: Tensor
    there: Tensor

    def __init__(self, sizes: Sequence[int], width: int, dropout: float) -> None:
        super().__init__()
        count, longest = len(sizes), max(sizes)
        # The vectors as rows of one array, short ones with zeros after their end: one product instead of T small ones.
        places, there = torch.zeros(count, longest, dtype=torch.int64), torch.zeros(count, longest)
        start = 0
        for token, size in enumerate(sizes):
            places[token, :size] = torch.arange(start, start + size)
            there[token, :size] = 1.0
            start += size
        self.register_buffer("places", places, persistent=False)
        self.register_buffer("there", there, persistent=False)
        spread = torch.tensor([float(size) for size in sizes])[:, None, None] ** -0.5
        self.first = nn.Parameter(torch.randn(count, longest, width) * spread * there[:, :, None])
        self.second = nn.Parameter(torch.randn(count, width, width) * width**-0.5)
        # Vectors, so that they do not decay.
        self.first_constant = nn.Parameter(torch.zeros(count * width))
        self.second_constant = nn.Parameter(torch.zeros(count * width))
        self.dropout = nn.AlphaDropout(dropout)

    def forward(self, vectors: Tensor) -> Tensor:
        """Return the tokens of n patients, shape (n, T, width), from their vectors side by side, (n, sum of sizes)."""
        rows = (vectors[:, self.places] * self.there).transpose(0, 1)
        hidden = self._layer(rows, self.first, self.first_constant)
        return self._layer(hidden, self.second, self.second_constant).transpose(0, 1)

    def _layer(self, rows: Tensor, weight: Tensor, constant: Tensor) -> Tensor:
        """Return a layer's output, shape (T, n, width)."""
        added = torch.baddbmm(constant.view(len(weight), 1, -1), rows, weight)
        activated: Tensor = self.dropout(nn.functional.selu(added))
        return activated


class GeneTokenLayer(nn.Module):
    """The tokens of all molecular modalities of a patient, those of a missing one masked.

    Parameters
    ----------
    sizes : sequence of sequence of int
        Columns of each token, by modality.
    width, dropout
        As of ``TokenPerceptrons``.
    """

    def __init__(self, sizes: Sequence[Sequence[int]], width: int, dropout: float) -> None:
        super().__init__()
        self.perceptrons = nn.ModuleList(TokenPerceptrons(of_modality, width, dropout) for of_modality in sizes)
        self.counts = [len(of_modality) for of_modality in sizes]

    def forward(self, vectors: Sequence[Tensor], present: Tensor) -> tuple[Tensor, Tensor]:
        """Return the T tokens of n patients, shape (n, T, width), and which of them there are, (n, T).

        Parameters
        ----------
        vectors : sequence of Tensor, each (n, g_m)
            One a modality; what stands in the place of a missing one is not read.
        present : Tensor of bool, shape (n, M)
            Which of the modalities there are.
        """
        tokens = [
            perceptron(values.masked_fill(~present[:, [m]], 0.0))
            for m, (perceptron, values) in enumerate(zip(self.perceptrons, vectors, strict=True))
        ]
        counts = torch.tensor(self.counts, device=present.device)
        return torch.cat(tokens, dim=1), present.repeat_interleave(counts, dim=1)
