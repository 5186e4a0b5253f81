"""Tokens of genes, their pool and the fused outputs, against separate layers and with missing modalities."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from methods.shared.layers.fused_outputs import FusedOutputs
from methods.shared.layers.token_perceptrons import GeneTokenLayer, TokenPerceptrons
from methods.shared.layers.token_pool import TokenPool

SIZES, WIDTH = [3, 1, 4], 5


def perceptrons() -> TokenPerceptrons:
    torch.manual_seed(0)
    layer = TokenPerceptrons(SIZES, WIDTH, 0.3).eval()
    torch.nn.init.normal_(layer.first_constant)
    torch.nn.init.normal_(layer.second_constant)
    return layer


def test_each_token_is_a_network_of_its_own_columns() -> None:
    layer = perceptrons()
    vectors = torch.randn(6, sum(SIZES))
    found = layer(vectors)
    start = 0
    for token, size in enumerate(SIZES):
        own = vectors[:, start : start + size]
        start += size
        constants = [one.view(len(SIZES), WIDTH)[token] for one in (layer.first_constant, layer.second_constant)]
        hidden = torch.selu(own @ layer.first[token, :size] + constants[0])
        torch.testing.assert_close(found[:, token], torch.selu(hidden @ layer.second[token] + constants[1]))


def test_weights_have_the_variance_of_self_normalising_networks_and_no_gradient_beyond_the_columns() -> None:
    torch.manual_seed(0)
    wide = TokenPerceptrons([400, 2], 50, 0.0)
    assert wide.first[0].var().item() == pytest.approx(1 / 400, rel=0.05)
    assert not wide.first[1, 2:].any()
    wide(torch.randn(4, 402)).square().sum().backward()
    assert wide.first.grad is not None
    assert not wide.first.grad[1, 2:].any()
    assert wide.first.grad[0].all()


def test_tokens_of_standard_normal_columns_keep_mean_0_and_variance_1() -> None:
    torch.manual_seed(0)
    found = TokenPerceptrons([300, 40], 64, 0.0)(torch.randn(500, 340))
    assert found.mean().item() == pytest.approx(0, abs=0.1)
    assert found.var().item() == pytest.approx(1, abs=0.2)


def test_tokens_of_a_missing_modality_are_masked_and_not_read() -> None:
    torch.manual_seed(0)
    layer = GeneTokenLayer([[2, 2], [3]], WIDTH, 0.0)
    present = torch.tensor([[True, True], [False, True], [False, False]])
    vectors = [torch.randn(3, 4), torch.randn(3, 3)]
    tokens, there = layer(vectors, present)
    assert there.tolist() == [[True, True, True], [False, False, True], [False, False, False]]
    changed = [values.masked_fill(~present[:, [m]], 1e9) for m, values in enumerate(vectors)]
    assert torch.equal(layer(changed, present)[0], tokens)


def test_the_pool_weighs_the_tokens_that_are_there() -> None:
    torch.manual_seed(0)
    pool = TokenPool(WIDTH, 4, 0.0)
    tokens = torch.randn(3, 4, WIDTH, requires_grad=True)
    present = torch.tensor([[True] * 4, [False, True, False, True], [False] * 4])
    pooled, weights = pool(tokens, present)
    assert weights.sum(dim=1).tolist() == pytest.approx([1, 1, 0])
    assert not weights[~present].any()
    torch.testing.assert_close(pooled, (weights[:, :, None] * tokens).sum(dim=1))
    alone, _ = pool(tokens[[1]][:, [1, 3]], torch.ones(1, 2, dtype=torch.bool))
    torch.testing.assert_close(pooled[[1]], alone)
    pooled.square().sum().backward()
    assert torch.isfinite(tokens.grad).all()


@pytest.mark.parametrize("fusion", ["concat", "bilinear"])
def test_outputs_start_at_what_is_known_of_all_and_do_not_read_the_absent(fusion: str) -> None:
    torch.manual_seed(0)
    start = np.array([0.1, -2.0])
    end = FusedOutputs(WIDTH, [2, 3], 4, fusion, 3, 0.0, 2, start)  # type: ignore[arg-type]  # 2026-11-26: one of the two
    slide, gene = torch.randn(2, WIDTH), torch.randn(2, WIDTH)
    beside = [torch.randn(2, 2), torch.randn(2, 3)]
    present = torch.tensor([[True, True, True, False], [True, True, False, True]])
    torch.testing.assert_close(end(slide, gene, beside, present), torch.tensor([[0.1, -2.0]] * 2))
    torch.nn.init.normal_(end.last.weight)
    outputs = end(slide, gene, beside, present)
    changed = [torch.where(present[:, [2 + m]], values, 1e9) for m, values in enumerate(beside)]
    assert torch.equal(end(slide, gene, changed, present), outputs)
    assert not torch.allclose(end(slide + 1, gene, beside, present), outputs)
    assert not torch.allclose(end(slide, gene + 1, beside, present), outputs)
