"""Co-attention on packed bags: each patient's is that of the patient alone, whatever the order of the instances."""

from __future__ import annotations

import pytest
import torch
from drawn_gene_bags import packed, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st

from methods.shared.layers.co_attention import CoAttention, scores_of_instances, sum_of_instances, sum_of_tokens
from methods.shared.layers.packed_bags import PackedBags, sum_within

WIDTH, TOKENS = 5, 3


def layer() -> CoAttention:
    torch.manual_seed(0)
    return CoAttention(WIDTH)


def tokens(patients: int) -> torch.Tensor:
    return torch.randn(patients, TOKENS, WIDTH, generator=torch.Generator().manual_seed(1))


def test_scores_and_sums_are_those_of_a_loop_over_instances() -> None:
    bags, given_tokens = packed([2, 0, 3], WIDTH), tokens(3)
    scores = scores_of_instances(given_tokens, bags)
    weights = torch.rand(5, TOKENS)
    of_instances, of_tokens = torch.zeros(3, TOKENS, WIDTH), torch.zeros(5, WIDTH)
    for row, (instance, owner) in enumerate(zip(bags.instances, bags.owner, strict=True)):
        for token in range(TOKENS):
            assert scores[row, token].item() == pytest.approx((instance @ given_tokens[owner, token]).item() / 5**0.5)
            of_instances[owner, token] += weights[row, token] * instance
            of_tokens[row] += weights[row, token] * given_tokens[owner, token]
    torch.testing.assert_close(sum_of_instances(weights, bags), of_instances)
    torch.testing.assert_close(sum_of_tokens(weights, given_tokens, bags), of_tokens)


def test_it_is_attention_with_one_head_of_torch() -> None:
    found = layer()
    bags, asking = packed([4, 7], WIDTH), tokens(2)
    peer = torch.nn.MultiheadAttention(WIDTH, 1, batch_first=True)
    with torch.no_grad():
        peer.in_proj_weight.copy_(torch.cat([part.weight for part in (found.query, found.key, found.value)]))
        peer.in_proj_bias.copy_(torch.cat([part.bias for part in (found.query, found.key, found.value)]))
        peer.out_proj.weight.copy_(found.output.weight)
        peer.out_proj.bias.copy_(found.output.bias)
    means, weights = found(asking, bags)
    for patient in range(2):
        own = bags.instances[bags.owner == patient][None]
        expected, attention = peer(asking[[patient]], own, own)
        torch.testing.assert_close(means[[patient]], expected)
        torch.testing.assert_close(weights[bags.owner == patient].T, attention[0])


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=5))
def test_weights_sum_to_one_and_a_patient_alone_has_the_same(sizes: list[int]) -> None:
    bags, asking = packed(sizes, WIDTH), tokens(len(sizes))
    means, weights = layer()(asking, bags)
    sums = sum_within(weights, bags.owner, bags.patients)
    for patient, size in enumerate(sizes):
        if not size:
            continue
        assert torch.allclose(sums[patient], torch.ones(TOKENS), atol=1e-5)
        alone, own = layer()(asking[[patient]], rows_of(bags, patient))
        assert torch.allclose(means[[patient]], alone, atol=1e-5)
        assert torch.allclose(weights[bags.owner == patient], own, atol=1e-6)


def test_the_order_of_the_instances_moves_their_weights_and_changes_no_mean() -> None:
    bags, asking = packed([6], WIDTH), tokens(1)
    order = torch.randperm(6, generator=torch.Generator().manual_seed(2))
    means, weights = layer()(asking, bags)
    again, permuted = layer()(asking, PackedBags(bags.instances[order], bags.owner, 1))
    torch.testing.assert_close(means, again)
    torch.testing.assert_close(weights[order], permuted)


def test_what_other_patients_have_changes_nothing() -> None:
    bags, asking = packed([3, 4], WIDTH), tokens(2)
    changed = PackedBags(torch.where(bags.owner[:, None] == 1, 100.0, bags.instances), bags.owner, 2)
    assert torch.equal(layer()(asking, bags)[0][0], layer()(asking, changed)[0][0])


def test_an_empty_bag_gives_numbers_and_finite_gradients() -> None:
    found = layer()
    means, _ = found(tokens(2), packed([3, 0], WIDTH))
    means.square().sum().backward()
    assert torch.isfinite(means).all()
    assert all(torch.isfinite(part.grad).all() for part in found.parameters())
