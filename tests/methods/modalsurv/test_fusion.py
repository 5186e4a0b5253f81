"""What the fusions of ModalSurv must fulfil: nobody attends to itself, the missing are not read, order is nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from methods.modalsurv.config import Config, Fusion
from methods.modalsurv.fusion import CrossModal, FusionLayer
from methods.modalsurv.network import ModalSurvNetwork

CONFIG = Config(width=8, heads=2, dropout=0.0)
FUSIONS = get_args(Fusion)
N = 4


def tokens(modalities: int, seed: int = 0) -> Tensor:
    return torch.randn(N, modalities, CONFIG.width, generator=torch.Generator().manual_seed(seed))


def cross_modal(modalities: int, config: Config = CONFIG) -> CrossModal:
    torch.manual_seed(1)
    return CrossModal(modalities, config, residual=False).eval()


def layer(fusion: Fusion, modalities: int = 3, **changes: bool) -> FusionLayer:
    torch.manual_seed(1)
    return FusionLayer(modalities, replace(CONFIG, fusion=fusion, **changes)).eval()  # type: ignore[arg-type]  # 2026-11-26: changes are bools


def own_gradient(module: CrossModal, modalities: int, place: int) -> Tensor:
    """Return the gradient of a modality's attended token with respect to its own token."""
    x = tokens(modalities).requires_grad_()
    attended, _ = module(x, torch.ones(N, modalities, dtype=torch.bool))
    attended[:, place].sum().backward()
    assert x.grad is not None
    return x.grad[:, place]


def test_with_two_modalities_what_one_attends_to_does_not_depend_on_itself() -> None:
    # One key: its weight is exactly 1, whatever asks.
    assert not own_gradient(cross_modal(2), 2, 0).any()
    assert own_gradient(cross_modal(2, replace(CONFIG, self_attention=True)), 2, 0).any()


@pytest.mark.parametrize("self_attention", [False, True])
def test_with_three_modalities_no_own_value_is_read(self_attention: bool) -> None:
    module = cross_modal(3, replace(CONFIG, self_attention=self_attention))
    present = torch.ones(N, 3, dtype=torch.bool)
    x = tokens(3)
    changed = x.clone()
    changed[:, 1] += 1.0
    # With the question held fixed, only keys and values of token 1 change.
    asked = present[:, None, :] & module.others & present[:, :, None]
    before, _ = module.blocks[1](x[:, [1]], x, asked[:, 1])
    after, _ = module.blocks[1](x[:, [1]], changed, asked[:, 1])
    assert torch.equal(before, after) is not self_attention


def test_the_attention_of_a_modality_to_itself_is_exactly_zero() -> None:
    _, weights = cross_modal(4)(tokens(4), torch.ones(N, 4, dtype=torch.bool))
    assert not torch.diagonal(weights, dim1=1, dim2=2).any()
    assert torch.allclose(weights.sum(dim=2), torch.ones(N, 4))


@pytest.mark.parametrize("fusion", FUSIONS)
@settings(max_examples=15, deadline=None)
@given(st.lists(st.booleans(), min_size=3, max_size=3).filter(any), st.floats(-1e6, 1e6))
def test_what_stands_in_the_place_of_a_missing_modality_changes_no_bit(
    fusion: Fusion, there: list[bool], filler: float
) -> None:
    present, x = torch.tensor([there] * N), tokens(3)
    fused, states = layer(fusion)(x, present)
    again, _ = layer(fusion)(x.masked_fill(~present[..., None], filler), present)
    assert torch.equal(fused, again)
    if "gate" in states:
        assert not states["gate"][~present].any()
        assert torch.allclose(states["gate"].sum(dim=1), torch.ones(N))


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_patient_alone_is_fused_as_among_others(fusion: Fusion) -> None:
    present = torch.tensor([[1, 1, 1], [1, 0, 1], [0, 0, 1], [1, 1, 0]], dtype=torch.bool)
    x = tokens(3)
    together, _ = layer(fusion)(x, present)
    for row in range(N):
        alone, _ = layer(fusion)(x[[row]], present[[row]])
        assert torch.allclose(together[[row]], alone, atol=1e-6)


def test_the_only_modality_of_a_patient_is_handed_on() -> None:
    module, x = cross_modal(3), tokens(3)
    attended, _ = module(x, torch.tensor([[False, True, False]] * N))
    assert torch.equal(attended[:, 1], x[:, 1])


def test_zeros_for_a_missing_modality_have_a_weight() -> None:
    torch.manual_seed(0)
    network = ModalSurvNetwork([2, 2, 2], replace(CONFIG, missing="zero"), 5, None).eval()
    vectors = [torch.randn(N, 2) for _ in range(3)]
    _, states = network(vectors, torch.tensor([[True, False, True]] * N))
    assert (states["gate"][:, 1] > 0).all()


def test_the_order_of_the_modalities_with_their_weights_changes_nothing() -> None:
    order, width = [2, 0, 1], CONFIG.width
    module, x = layer("cross_gated"), tokens(3)
    present = torch.tensor([[1, 1, 1], [1, 0, 1], [0, 0, 1], [1, 1, 0]], dtype=torch.bool)
    permuted = layer("cross_gated")
    permuted.load_state_dict(module.state_dict())
    for new, old in enumerate(order):
        permuted.attention.blocks[new].load_state_dict(module.attention.blocks[old].state_dict())
    first, last = module.gate.scores[0], module.gate.scores[2]
    with torch.no_grad():
        columns = torch.cat([torch.arange(width) + old * width for old in order])
        permuted.gate.scores[0].weight.copy_(first.weight[:, columns])
        permuted.gate.scores[2].weight.copy_(last.weight[order])
        permuted.gate.scores[2].bias.copy_(last.bias[order])
    fused, _ = module(x, present)
    again, _ = permuted(x[:, order], present[:, order])
    assert torch.allclose(fused, again, atol=1e-6)
