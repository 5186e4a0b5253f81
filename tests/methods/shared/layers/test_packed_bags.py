"""Packed bags: each patient's softmax, sums and pooled vector are what the patient's bag alone gives."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.types import Bags
from methods.shared.layers.gated_attention_pool import GatedAttentionPool, MeanPool
from methods.shared.layers.packed_bags import PackedBags, pack_bags, softmax_within, sum_within

WIDTH = 3


def drawn(sizes: list[int], seed: int = 0) -> list[NDArray[np.float32]]:
    generator = np.random.default_rng(seed)
    return [generator.normal(size=(size, WIDTH)).astype(np.float32) for size in sizes]


def packed(bags: list[NDArray[np.float32]]) -> PackedBags:
    present = np.array([len(bag) > 0 for bag in bags])
    return pack_bags(Bags(bags, WIDTH, present=present), range(len(bags)))


def pool(seed: int = 0) -> GatedAttentionPool:
    torch.manual_seed(seed)
    return GatedAttentionPool(WIDTH, 4).eval()


def test_bags_lie_one_below_the_other_with_their_owner() -> None:
    bags = drawn([2, 0, 1])
    together = packed(bags)
    assert together.owner.tolist() == [0, 0, 2]
    assert together.patients == 3
    assert np.array_equal(together.instances.numpy(), np.concatenate(bags))


def test_the_bag_of_an_absent_patient_is_not_read() -> None:
    class Unreadable:
        def __len__(self) -> int:
            return 2

        def __getitem__(self, position: int) -> NDArray[np.float32]:
            if position == 1:
                raise AssertionError("read")
            return np.ones((2, WIDTH), dtype=np.float32)

    bags = Bags(Unreadable(), WIDTH, present=np.array([True, False]))
    assert pack_bags(bags, [0, 1]).owner.tolist() == [0, 0]


def test_a_cap_draws_instances_of_large_bags_alone_in_their_order() -> None:
    bag = np.arange(30, dtype=np.float32).reshape(10, 3)
    bags = Bags([bag, bag[:4]], WIDTH)
    taken = pack_bags(bags, [0, 1], cap=5, generator=np.random.default_rng(0))
    assert torch.bincount(taken.owner).tolist() == [5, 4]
    first = taken.instances[:5, 0]
    assert torch.equal(first, first.sort().values)
    assert len(set(first.tolist())) == 5


def test_a_cap_without_a_generator_is_refused() -> None:
    with pytest.raises(ValueError, match="generator"):
        pack_bags(Bags(drawn([2]), WIDTH), [0], cap=1)


def test_softmax_within_is_each_patients_own_softmax() -> None:
    scores = torch.tensor([[1.0], [3.0], [1e4], [-1e4], [5.0]])
    owner = torch.tensor([0, 0, 1, 1, 3])
    weights = softmax_within(scores, owner, 4)
    expected = torch.cat([torch.tensor([1.0, 3.0]).softmax(0), torch.tensor([1.0, 0.0, 1.0])])
    assert torch.allclose(weights[:, 0], expected)


def test_sums_of_a_patient_without_instances_are_zero() -> None:
    sums = sum_within(torch.ones(3, 2), torch.tensor([0, 0, 2]), 4)
    assert sums.tolist() == [[2, 2], [0, 0], [1, 1], [0, 0]]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=6), st.integers(0, 100))
def test_a_pooled_vector_is_that_of_the_patient_alone(sizes: list[int], seed: int) -> None:
    bags = drawn(sizes, seed)
    vectors, weights = pool()(packed(bags))
    for row, bag in enumerate(bags):
        alone, _ = pool()(packed([bag]))
        assert torch.allclose(vectors[row], alone[0], atol=1e-6)
        assert len(bag) == 0 or weights[packed(bags).owner == row].sum().item() == pytest.approx(1, abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(5)))
def test_the_order_of_the_instances_changes_nothing(order: list[int]) -> None:
    bag = drawn([5])[0]
    assert torch.allclose(pool()(packed([bag]))[0], pool()(packed([bag[order]]))[0], atol=1e-6)


def test_every_instance_twice_changes_nothing() -> None:
    bag = drawn([5])[0]
    once, _ = pool()(packed([bag]))
    twice, _ = pool()(packed([np.concatenate([bag, bag])]))
    assert torch.allclose(once, twice, atol=1e-6)


def test_the_gated_score_is_that_of_the_equation() -> None:
    layer, bag = pool(), drawn([4])[0]
    h = torch.from_numpy(bag)
    v, u = layer.tanh[0], layer.gate[0]
    score = layer.score(torch.tanh(v(h)) * torch.sigmoid(u(h)))[:, 0].softmax(0)
    vectors, weights = layer(packed([bag]))
    assert torch.allclose(weights, score)
    assert torch.allclose(vectors[0], score @ h)


def test_no_gradient_is_nan_with_an_empty_bag() -> None:
    layer = pool()
    vectors, _ = layer(packed(drawn([2, 0])))
    vectors.square().sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in layer.parameters() if p.grad is not None)


def test_mean_pool_is_the_mean_and_zero_without_instances() -> None:
    bags = drawn([3, 0, 1])
    vectors, _ = MeanPool()(packed(bags))
    assert np.allclose(vectors[0], bags[0].mean(axis=0), atol=1e-6)
    assert vectors[1].tolist() == [0, 0, 0]
