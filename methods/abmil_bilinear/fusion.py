"""How the vectors x_1 ... x_M of the modalities come together in a log hazard ratio r.

=================  ================================================================================
concat             r = sum of w_m x_m
pairwise           r = sum over pairs of w_ij F_ij(x_i, x_j), F(x, y) = O((P x) * (Q y))
pairwise_residual  both
full_bilinear      as pairwise, F of full rank: each output is [1, x]' W [1, y]
lmf3               r = w z, z = sum over r of the product over all m of W_m^r [1, x_m] (Liu et al. 2018)
hierarchical       r = w z_M, z_1 = A x_1, z_m = F_m(z_(m-1), x_m): one modality after the other
=================  ================================================================================

Every one adds a weight for each missing modality. A pair of which one is missing is 0. A factor of ``lmf3`` and a
step of ``hierarchical`` whose modality is missing is left out. No constant: it cancels in the partial likelihood.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import cast

import torch
from torch import Tensor, nn

from methods.abmil_bilinear.config import Fusion
from methods.shared.layers.low_rank_bilinear import LowRankBilinear

# Products of each pair whose contributions are kept.
UNITS = 5


def xavier(module: nn.Module) -> None:
    """Draw the weights of all linear layers from Xavier's normal distribution; their constants are 0."""
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.xavier_normal_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)


class Pairs(nn.Module):
    """An interaction of each two modalities, independent of each other.

    Parameters
    ----------
    widths : sequence of int, length M
        Of the vectors.
    rank : int or None
        Products in each; None is full rank.
    outputs : sequence of int
        Of each pair's interaction, in the order (1, 2), (1, 3), ..., (M - 1, M).
    """

    def __init__(self, widths: Sequence[int], rank: int | None, outputs: Sequence[int]) -> None:
        super().__init__()
        self.pairs = list(combinations(range(len(widths)), 2))
        self.interactions = nn.ModuleList(
            FullBilinear(widths[i], widths[j], out)
            if rank is None
            else LowRankBilinear(widths[i], widths[j], rank, out)
            for (i, j), out in zip(self.pairs, outputs, strict=True)
        )

    def forward(self, vectors: Sequence[Tensor], present: Tensor) -> list[Tensor]:
        """Return the interactions of n patients, each (n, o_p); 0 where one of the two is missing."""
        found = []
        for (i, j), interaction in zip(self.pairs, self.interactions, strict=True):
            missing = ~(present[:, [i]] & present[:, [j]])
            found.append(interaction(vectors[i], vectors[j]).masked_fill(missing, 0.0))
        return found


class FullBilinear(nn.Module):
    """Outputs [1, x]' W [1, y], W of full rank."""

    def __init__(self, left: int, right: int, outputs: int) -> None:
        super().__init__()
        self.form = nn.Bilinear(left + 1, right + 1, outputs, bias=False)
        nn.init.xavier_normal_(self.form.weight)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the outputs of n patients, shape (n, outputs)."""
        one = x.new_ones((len(x), 1))
        return cast(Tensor, self.form(torch.cat([one, x], dim=1), torch.cat([one, y], dim=1)))


class LowRankTensor(nn.Module):
    """z = sum over r of the product over the modalities that are present of W_m^r [1, x_m] (Liu et al. 2018)."""

    def __init__(self, widths: Sequence[int], rank: int, outputs: int) -> None:
        super().__init__()
        self.rank = rank
        self.factors = nn.ModuleList(nn.Linear(width, rank * outputs) for width in widths)

    def forward(self, vectors: Sequence[Tensor], present: Tensor) -> Tensor:
        """Return z of n patients, shape (n, outputs)."""
        read = [factor(x) for factor, x in zip(self.factors, vectors, strict=True)]
        kept = [values.masked_fill(~present[:, [m]], 1.0) for m, values in enumerate(read)]
        product: Tensor = torch.stack(kept).prod(dim=0)
        return product.reshape(len(product), self.rank, -1).sum(dim=1)


class Hierarchical(nn.Module):
    """z_m = F_m(z_(m-1), x_m); the first modality that a patient has is projected, a missing one changes nothing."""

    def __init__(self, widths: Sequence[int], rank: int, outputs: int) -> None:
        super().__init__()
        self.first = nn.ModuleList(nn.Linear(width, outputs) for width in widths)
        self.steps = nn.ModuleList(LowRankBilinear(outputs, width, rank, outputs) for width in widths[1:])

    def forward(self, vectors: Sequence[Tensor], present: Tensor) -> Tensor:
        """Return z_M of n patients, shape (n, outputs)."""
        there = present[:, [0]]
        z: Tensor = self.first[0](vectors[0]).masked_fill(~there, 0.0)
        for m, step in enumerate(self.steps, start=1):
            begun = torch.where(there, step(z, vectors[m]), self.first[m](vectors[m]))
            z = torch.where(present[:, [m]], begun, z)
            there = there | present[:, [m]]
        return z


class FusedRisk(nn.Module):
    """r of n patients as a sum of contributions: of pairs, of single modalities, of all together.

    A patient with one modality has no pair: there r is linear in that modality.

    Parameters
    ----------
    fusion : str
        One of this module.
    widths : sequence of int, length M
        Of the vectors.
    rank : int
        Products in each interaction.
    pair_width : int
        Outputs of each.
    pair_widths : sequence of int, optional
        Outputs of each pair's interaction, in the order of ``Pairs``, where they are not all the same.
    start_at_zero : bool
        Whether the untrained risk is the same for everybody. Otherwise the last weights, too, are drawn.
    """

    def __init__(
        self,
        fusion: Fusion,
        widths: Sequence[int],
        rank: int,
        pair_width: int,
        *,
        pair_widths: Sequence[int] | None = None,
        start_at_zero: bool = True,
    ) -> None:
        super().__init__()
        self.linear = fusion in ("concat", "pairwise_residual")
        self.pairs: Pairs | None = None
        self.together: nn.Module | None = None
        self.of_pairs, self.of_all = nn.ModuleList(), nn.ModuleList()
        if fusion in ("pairwise", "pairwise_residual", "full_bilinear"):
            outputs = pair_widths or [pair_width] * (len(widths) * (len(widths) - 1) // 2)
            self.pairs = Pairs(widths, None if fusion == "full_bilinear" else rank, outputs)
            self.of_pairs.extend(nn.Linear(width, 1, bias=False) for width in outputs)
        elif fusion != "concat":
            kind = LowRankTensor if fusion == "lmf3" else Hierarchical
            self.together = kind(widths, rank, pair_width)
            self.of_all.append(nn.Linear(pair_width, 1, bias=False))
        self.singles = nn.ModuleList(nn.Linear(width, 1, bias=False) for width in widths)
        xavier(self)
        # A modality that no training patient has alone, or that nobody misses, stays without influence there.
        self.flags = nn.Parameter(torch.zeros(1, len(widths)))
        zeros = [] if self.linear and not start_at_zero else [*self.singles]
        if start_at_zero:
            # At first the risk is the same for everybody: random weights say more than a few events can correct.
            zeros += [*self.of_pairs, *self.of_all]
        for last in zeros:
            nn.init.zeros_(cast(nn.Linear, last).weight)

    def forward(self, vectors: Sequence[Tensor], present: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return r, shape (n, 1), and its contributions: ``singles`` (n, M), ``pairs`` (n, P), ``together`` (n, 1).

        Parameters
        ----------
        vectors : sequence of Tensor, each (n, d_m)
            What stands in the place of a missing one is not read.
        present : Tensor of bool, shape (n, M)
            Which modalities there are.
        """
        read = [values.masked_fill(~present[:, [m]], 0.0) for m, values in enumerate(vectors)]
        parts: dict[str, Tensor] = {"singles": self._singles(read, present)}
        if self.pairs is not None and self.pairs.pairs:
            found = self.pairs(read, present)
            parts["pairs"] = torch.cat([last(z) for last, z in zip(self.of_pairs, found, strict=True)], dim=1)
        if self.together is not None:
            parts["together"] = self.of_all[0](self.together(read, present))
        return torch.cat(list(parts.values()), dim=1).sum(dim=1, keepdim=True), parts

    def _singles(self, read: Sequence[Tensor], present: Tensor) -> Tensor:
        """Return what each modality contributes alone, or the weight of its flag where it is missing."""
        flags = torch.where(present, 0.0, self.flags)
        if self.together is not None:
            return flags
        counted = present if self.linear else present & (present.sum(dim=1, keepdim=True) == 1)
        alone = torch.cat([single(x) for single, x in zip(self.singles, read, strict=True)], dim=1)
        return flags + alone.masked_fill(~counted, 0.0)

    def units(self, vectors: Sequence[Tensor], present: Tensor) -> Tensor | None:
        """Return the contributions of the five weightiest products of each pair, shape (n, P * 5).

        A product weighs |v_k| |P_k| |Q_k|, v being its weight in r, P_k and Q_k the rows it is a product of. None
        unless the pairs are of low rank; fewer than five where the rank is.
        """
        if self.pairs is None or not all(isinstance(one, LowRankBilinear) for one in self.pairs.interactions):
            return None
        found = []
        for (i, j), one, last in zip(self.pairs.pairs, self.pairs.interactions, self.of_pairs, strict=True):
            low = cast(LowRankBilinear, one)
            weight = (cast(nn.Linear, last).weight @ low.output.weight)[0]
            size = weight.abs() * low.left.weight.norm(dim=1) * low.right.weight.norm(dim=1)
            top = size.argsort(descending=True, stable=True)[:UNITS]
            products = low.products(vectors[i], vectors[j])[:, top] * weight[top]
            found.append(products.masked_fill(~(present[:, [i]] & present[:, [j]]), 0.0))
        return torch.cat(found, dim=1) if found else None
