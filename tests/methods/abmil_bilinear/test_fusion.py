"""The fusions: independent pairs, contributions that add up, the missing not read, sizes, what F can represent."""

from __future__ import annotations

from typing import get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from methods.abmil_bilinear.config import Fusion
from methods.abmil_bilinear.fusion import FusedRisk, Pairs
from methods.shared.layers.low_rank_bilinear import LowRankBilinear

FUSIONS = get_args(Fusion)
OF_PAIRS = ("pairwise", "pairwise_residual", "full_bilinear")
WIDTHS = [4, 3, 5]
N = 6
# The authors' widths: pooled bag, expression, clinical covariates; outputs of their pairs.
OFFICIAL, OFFICIAL_OUTPUTS = (512, 128, 27), (64, 32, 32)


def vectors(seed: int = 0) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(N, width, generator=generator) for width in WIDTHS]


def risk(fusion: Fusion, widths: list[int] = WIDTHS) -> FusedRisk:
    """Return a fusion none of whose weights is 0."""
    torch.manual_seed(0)
    module = FusedRisk(fusion, widths, rank=4, pair_width=3)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.1 * torch.randn(parameter.shape)
    return module.eval()


def present(*there: bool) -> Tensor:
    return torch.tensor([there] * N)


def parameters_at(rank: int) -> int:
    return sum(parameter.numel() for parameter in Pairs(OFFICIAL, rank, OFFICIAL_OUTPUTS).parameters())


def test_parameters_are_affine_in_the_rank_as_published() -> None:
    counts = [parameters_at(rank) for rank in (8, 16, 32, 64, 128)]
    assert counts == [11_872, 23_616, 47_104, 94_080, 188_032]
    assert (counts[1] - counts[0]) / 8 == sum(a + b + 2 for a, b in ((512, 128), (512, 27), (128, 27))) + 128


@pytest.mark.parametrize("fusion", FUSIONS)
@settings(max_examples=15, deadline=None)
@given(st.lists(st.booleans(), min_size=3, max_size=3).filter(any), st.floats(-1e6, 1e6))
def test_what_stands_in_the_place_of_a_missing_modality_changes_no_bit(
    fusion: Fusion, there: list[bool], filler: float
) -> None:
    module, known = risk(fusion), present(*there)
    filled = [values.masked_fill(~known[:, [m]], filler) for m, values in enumerate(vectors())]
    value, parts = module(vectors(), known)
    again, same = module(filled, known)
    assert torch.equal(value, again)
    assert all(torch.equal(parts[name], same[name]) for name in parts)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_contributions_add_up_to_the_risk(fusion: Fusion) -> None:
    known = torch.tensor([[1, 1, 1], [1, 0, 1], [0, 0, 1], [1, 1, 0], [1, 0, 0], [0, 1, 1]], dtype=torch.bool)
    value, parts = risk(fusion)(vectors(), known)
    added = torch.cat(list(parts.values()), dim=1).double().sum(dim=1)
    torch.testing.assert_close(value[:, 0].double(), added, rtol=0, atol=1e-6)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_before_training_the_risk_is_the_same_for_everybody(fusion: Fusion) -> None:
    value, _ = FusedRisk(fusion, WIDTHS, rank=4, pair_width=3)(vectors(), present(True, False, True))
    assert not value.any()


@pytest.mark.parametrize("fusion", OF_PAIRS)
def test_a_pair_is_independent_of_the_others(fusion: Fusion) -> None:
    module, x, everything = risk(fusion), vectors(), present(True, True, True)
    _, parts = module(x, everything)
    # Modality 1 is in the pairs (0, 1) and (1, 2), not in (0, 2).
    _, changed = module([x[0], x[1] + 1, x[2]], everything)
    assert torch.equal(changed["pairs"][:, 1], parts["pairs"][:, 1])
    assert (changed["pairs"][:, [0, 2]] != parts["pairs"][:, [0, 2]]).any(dim=0).all()
    with torch.no_grad():
        module.of_pairs[0].weight.zero_()
    _, without = module(x, everything)
    assert not without["pairs"][:, 0].any()
    assert torch.equal(without["pairs"][:, 1:], parts["pairs"][:, 1:])


@pytest.mark.parametrize("fusion", OF_PAIRS)
def test_pairs_of_a_missing_modality_are_zero_and_a_weight_is_added(fusion: Fusion) -> None:
    module = risk(fusion)
    _, parts = module(vectors(), present(True, False, True))
    assert not parts["pairs"][:, [0, 2]].any()
    assert parts["pairs"][:, 1].all()
    assert torch.equal(parts["singles"][:, 1], module.flags[0, 1].expand(N))


@pytest.mark.parametrize("fusion", OF_PAIRS)
def test_a_patient_with_one_modality_has_a_risk_linear_in_it(fusion: Fusion) -> None:
    module, x = risk(fusion), vectors()
    only = present(False, False, True)
    value, parts = module(x, only)
    assert not parts["pairs"].any()
    expected = module.singles[2](x[2])[:, 0] + module.flags[0, 0] + module.flags[0, 1]
    torch.testing.assert_close(value[:, 0], expected)


def test_without_a_residual_a_modality_adds_nothing_alone_where_it_has_a_pair() -> None:
    _, parts = risk("pairwise")(vectors(), present(True, True, True))
    assert not parts["singles"].any()
    _, with_residual = risk("pairwise_residual")(vectors(), present(True, True, True))
    assert with_residual["singles"].all()


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_cohort_of_one_modality_has_a_risk(fusion: Fusion) -> None:
    value, _ = risk(fusion, [4])([vectors()[0]], torch.ones(N, 1, dtype=torch.bool))
    assert value.shape == (N, 1)
    assert len(value.unique()) == N


@pytest.mark.parametrize("fusion", ["lmf3", "hierarchical"])
def test_a_modality_left_out_of_all_is_as_if_it_had_never_been(fusion: Fusion) -> None:
    """With the weights of the remaining modalities, a module for those alone says the same but for the flag."""
    whole, x = risk(fusion), vectors()
    part = risk(fusion, WIDTHS[:2])
    kept = part.state_dict()
    for name in kept:
        if name.startswith(("together", "of_all")):
            kept[name] = whole.state_dict()[name]
    part.load_state_dict(kept)
    value, parts = whole(x, present(True, True, False))
    _, alone = part(x[:2], present(True, True))
    torch.testing.assert_close(parts["together"], alone["together"])
    torch.testing.assert_close(value, parts["together"] + whole.flags[0, 2])


def test_low_rank_factors_of_all_are_the_sum_of_products() -> None:
    module, x = risk("lmf3"), vectors()
    assert module.together is not None
    found = module.together(x, present(True, True, True))
    weights = [(factor.weight.detach(), factor.bias.detach()) for factor in module.together.factors]
    for output in range(3):
        by_hand = torch.zeros(N)
        for r in range(4):
            product = torch.ones(N)
            for values, (weight, bias) in zip(x, weights, strict=True):
                product = product * (values @ weight[r * 3 + output] + bias[r * 3 + output])
            by_hand = by_hand + product
        torch.testing.assert_close(found[:, output], by_hand, rtol=1e-4, atol=1e-5)


def test_without_constants_an_interaction_is_bilinear() -> None:
    torch.manual_seed(0)
    module = LowRankBilinear(4, 3, 5, 2, bias=False)
    x, y = vectors()[:2]
    torch.testing.assert_close(module(2.5 * x, y), 2.5 * module(x, y))
    torch.testing.assert_close(module(x + 1, y), module(x, y) + module(torch.ones_like(x), y))


def test_of_enough_rank_an_interaction_is_any_bilinear_form() -> None:
    torch.manual_seed(0)
    d = 8
    form = torch.randn(d, d, dtype=torch.float64)
    u, s, v = torch.linalg.svd(form)
    module = LowRankBilinear(d, d, d, 1, bias=False).double()
    with torch.no_grad():
        module.left.weight.copy_(u.T)
        module.right.weight.copy_(v)
        module.output.weight.copy_(s[None, :])
    x, y = torch.randn(2, N, d, dtype=torch.float64)
    torch.testing.assert_close(module(x, y)[:, 0], ((x @ form) * y).sum(dim=1))


def test_the_units_of_a_pair_add_up_to_its_contribution_less_the_constant() -> None:
    module, x, everything = risk("pairwise"), vectors(), present(True, True, True)
    _, parts = module(x, everything)
    units = module.units(x, everything)
    assert units is not None
    for p in range(3):
        assert module.pairs is not None
        constant = module.of_pairs[p](module.pairs.interactions[p].output.bias)
        of_pair = units[:, 4 * p : 4 * p + 4].sum(dim=1)
        torch.testing.assert_close(of_pair, parts["pairs"][:, p] - constant, rtol=1e-4, atol=1e-5)
    assert risk("full_bilinear").units(x, everything) is None
