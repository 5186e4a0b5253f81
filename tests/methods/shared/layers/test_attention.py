"""Cross-attention, the gate of modalities and the low-rank bilinear layer."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from methods.shared.layers.cross_attention import CrossAttention, masked_softmax
from methods.shared.layers.low_rank_bilinear import LowRankBilinear
from methods.shared.layers.modality_gate import ModalityGate

N, Q, K, D = 3, 2, 4, 8


def attention(*, residual: bool = True) -> CrossAttention:
    torch.manual_seed(0)
    return CrossAttention(D, 2, residual=residual).eval()


def tokens(count: int, seed: int) -> Tensor:
    return torch.randn(N, count, D, generator=torch.Generator().manual_seed(seed))


def test_attention_is_torchs_own_where_every_key_is_there() -> None:
    ours = attention(residual=False)
    theirs = nn.MultiheadAttention(D, 2, batch_first=True).eval()
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([ours.query.weight, ours.key.weight, ours.value.weight]))
        theirs.in_proj_bias.copy_(torch.cat([ours.query.bias, ours.key.bias, ours.value.bias]))
        theirs.out_proj.load_state_dict(ours.output.state_dict())
    queries, keys = tokens(Q, 1), tokens(K, 2)
    present = torch.tensor([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 1]], dtype=torch.bool)
    expected, weights = theirs(queries, keys, keys, key_padding_mask=~present)
    found, found_weights = ours(queries, keys, present)
    assert torch.allclose(found, expected, atol=1e-6)
    assert torch.allclose(found_weights, weights, atol=1e-6)


def test_the_block_is_torchs_own_decoder_layer_without_self_attention() -> None:
    ours, queries, keys = attention(), tokens(Q, 1), tokens(K, 2)
    plain = attention(residual=False)
    plain.load_state_dict(ours.state_dict(), strict=False)
    attended, _ = plain(queries, keys, torch.ones(N, K, dtype=torch.bool))
    u = nn.functional.layer_norm(queries + attended, (D,))
    expected = nn.functional.layer_norm(u + ours.feed_forward(u), (D,))
    assert torch.allclose(ours(queries, keys, torch.ones(N, K, dtype=torch.bool))[0], expected, atol=1e-6)


@pytest.mark.parametrize("residual", [True, False])
def test_a_query_without_a_key_is_handed_on(residual: bool) -> None:
    queries = tokens(Q, 1).requires_grad_()
    found, weights = attention(residual=residual)(queries, tokens(K, 2), torch.zeros(N, K, dtype=torch.bool))
    assert torch.equal(found, queries)
    assert not weights.any()
    found.sum().backward()
    assert queries.grad is not None
    assert torch.isfinite(queries.grad).all()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=K, max_size=K), st.floats(-1e6, 1e6))
def test_what_stands_in_the_place_of_a_missing_key_changes_no_bit(there: list[bool], filler: float) -> None:
    present = torch.tensor([there] * N)
    keys = tokens(K, 2)
    filled = keys.masked_fill(~present[..., None], filler)
    for first, second in zip(
        attention()(tokens(Q, 1), keys, present), attention()(tokens(Q, 1), filled, present), strict=True
    ):
        assert torch.equal(first, second)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(K)))
def test_the_order_of_the_keys_changes_nothing(order: list[int]) -> None:
    keys, present = tokens(K, 2), torch.tensor([[True, False, True, True]] * N)
    found, weights = attention()(tokens(Q, 1), keys, present)
    permuted, permuted_weights = attention()(tokens(Q, 1), keys[:, order], present[:, order])
    assert torch.allclose(found, permuted, atol=1e-5)
    assert torch.allclose(weights[:, :, order], permuted_weights, atol=1e-6)


def test_heads_that_do_not_divide_the_width_are_refused() -> None:
    with pytest.raises(ValueError, match="3 heads do not divide a width of 8"):
        CrossAttention(8, 3)


def test_a_masked_softmax_sums_to_one_or_is_zero() -> None:
    scores = torch.tensor([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    weights = masked_softmax(scores, torch.tensor([[True, False, True], [False, False, False]]))
    assert weights[0].tolist() == pytest.approx([1 / (1 + 2.718281828**2), 0, 1 / (1 + 2.718281828**-2)])
    assert weights[1].tolist() == [0, 0, 0]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=K, max_size=K).filter(any), st.floats(-1e6, 1e6))
def test_gate_weights_sum_to_one_over_the_modalities_that_are_there(there: list[bool], filler: float) -> None:
    torch.manual_seed(0)
    gate, present = ModalityGate(D, K), torch.tensor([there] * N)
    weights = gate(tokens(K, 3), present)
    assert torch.allclose(weights.sum(dim=1), torch.ones(N))
    assert not weights[~present].any()
    assert torch.equal(weights, gate(tokens(K, 3).masked_fill(~present[..., None], filler), present))


def test_without_constants_the_bilinear_layer_is_bilinear() -> None:
    torch.manual_seed(0)
    layer = LowRankBilinear(4, 3, 2, 5, bias=False).double()
    x, y = torch.randn(6, 4, dtype=torch.float64), torch.randn(6, 3, dtype=torch.float64)
    assert torch.allclose(layer(2.5 * x, y), 2.5 * layer(x, y))
    assert torch.allclose(layer(x, -3 * y), -3 * layer(x, y))
    assert torch.allclose(layer(x, y) + layer(x[[0]], y), layer(x + x[[0]], y))


@pytest.mark.parametrize("rank", [8, 16, 32, 64, 128])
def test_the_parameters_of_the_official_dimensions_are_affine_in_the_rank(rank: int) -> None:
    pairs = [(512, 128, 64), (512, 27, 32), (128, 27, 32)]
    layers = [LowRankBilinear(left, right, rank, outputs) for left, right, outputs in pairs]
    count = sum(p.numel() for layer in layers for p in layer.parameters())
    assert count == 128 + 1468 * rank


def test_with_full_rank_the_layer_represents_any_bilinear_form() -> None:
    torch.manual_seed(0)
    form = torch.randn(8, 8, dtype=torch.float64)
    layer = LowRankBilinear(8, 8, 8, 1, bias=False).double()
    left, values, right = torch.linalg.svd(form)
    with torch.no_grad():
        layer.left.weight.copy_(left.T)
        layer.right.weight.copy_(right)
        layer.output.weight.copy_(values[None])
    x, y = torch.randn(5, 8, dtype=torch.float64), torch.randn(5, 8, dtype=torch.float64)
    assert torch.allclose(layer(x, y)[:, 0], ((x @ form) * y).sum(dim=1))
