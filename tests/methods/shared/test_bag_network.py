"""What networks on bags read: never all bags at once, each patient as if alone, nothing of the absent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from benchmarks.types import Bags, Context
from methods.abmil.network import AbmilNetwork
from methods.shared.heads.cox_head import partial_likelihood_loss
from methods.shared.layers.bag_encoder import BagEncoder, Pool
from methods.shared.layers.packed_bags import pack_bags
from methods.shared.training import bag_network
from methods.shared.training.attention_record import attention_diagnostics, attention_record
from methods.shared.training.bag_network import BagInputs

WIDTH = 6
POOLS: list[Pool] = ["gated", "plain", "mean", "max"]


def drawn_bags(sizes: list[int], seed: int = 0) -> Bags:
    generator = np.random.default_rng(seed)
    return Bags([generator.normal(size=(size, WIDTH)).astype(np.float32) for size in sizes], WIDTH)


def network(pool: Pool = "gated") -> AbmilNetwork:
    """Return a network none of whose weights is 0."""
    torch.manual_seed(0)
    module = AbmilNetwork(BagEncoder(WIDTH, 8, pool, 5, 0.0), 8, [3], 1)
    torch.nn.init.normal_(module.last.weight)
    return module


@pytest.mark.parametrize("pool", POOLS)
def test_packed_bags_have_the_loss_and_gradient_of_a_loop_over_patients(pool: Pool) -> None:
    bags = drawn_bags([4, 1, 9, 30, 2])
    vectors = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
    present = torch.ones(5, 2, dtype=torch.bool)
    time, event = torch.tensor([3.0, 1.0, 2.0, 2.0, 5.0]), torch.tensor([True, True, True, False, False])
    gradients, losses = [], []
    for packed in (True, False):
        module = network(pool)
        if packed:
            risk = module(pack_bags(bags, range(5)), [vectors], present)[0]
        else:
            alone = [module(pack_bags(bags, [row]), [vectors[[row]]], present[[row]])[0] for row in range(5)]
            risk = torch.cat(alone)
        loss = partial_likelihood_loss(risk[:, 0], time, event, "breslow")
        assert loss is not None
        loss.backward()  # type: ignore[no-untyped-call]  # 2026-11-26: torch does not annotate it
        losses.append(loss.item())
        gradients.append(torch.cat([p.grad.flatten() for p in module.parameters() if p.grad is not None]))
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    torch.testing.assert_close(gradients[0], gradients[1], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("pool", POOLS)
def test_the_weights_of_each_patient_sum_to_one_and_the_order_of_the_instances_changes_nothing(pool: Pool) -> None:
    bags = drawn_bags([4, 7])
    order = np.random.default_rng(1).permutation(7)
    shuffled = Bags([bags[0], bags[1][order]], WIDTH)
    encoder = network(pool).encoder
    pooled, weights = encoder(pack_bags(bags, [0, 1]))
    again, permuted = encoder(pack_bags(shuffled, [0, 1]))
    assert (weights >= 0).all()
    assert weights[:4].sum().item() == pytest.approx(1, abs=1e-6)
    assert weights[4:].sum().item() == pytest.approx(1, abs=1e-6)
    torch.testing.assert_close(pooled, again)
    torch.testing.assert_close(weights[4:][torch.from_numpy(order)], permuted[4:])


@pytest.mark.parametrize("pool", POOLS)
def test_twice_the_same_instances_give_the_same_vector(pool: Pool) -> None:
    bags = drawn_bags([5])
    doubled = Bags([np.concatenate([bags[0], bags[0]])], WIDTH)
    encoder = network(pool).encoder
    torch.testing.assert_close(encoder(pack_bags(bags, [0]))[0], encoder(pack_bags(doubled, [0]))[0])


class Counted:
    """A source that knows how many instances were read since it was last asked."""

    def __init__(self, sizes: list[int]) -> None:
        self.sizes, self.read = sizes, 0

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, position: int) -> NDArray[np.float32]:
        self.read += self.sizes[position]
        return np.ones((self.sizes[position], WIDTH), dtype=np.float32)


def inputs_of(source: Any, sizes: list[int], cap: int = 10) -> BagInputs:
    bags = Bags(source, WIDTH, borders=tuple(np.array([0, size]) for size in sizes))
    return BagInputs(bags, (), torch.ones(len(sizes), 1, dtype=torch.bool), cap, 0.0)


def test_prediction_reads_no_more_at_once_than_a_piece_or_one_large_bag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bag_network, "PIECE", 20)
    sizes = [8, 8, 8, 50, 3, 4]
    source = Counted(sizes)
    found, largest = [], []
    for packed, _, _ in inputs_of(source, sizes).pieces():
        found += torch.bincount(packed.owner, minlength=packed.patients).tolist()
        largest.append(source.read)
        source.read = 0
    assert found == sizes
    assert largest == [16, 8, 50, 7]


def test_a_training_batch_reads_its_own_bags_alone_and_keeps_at_most_the_cap(
    make_context: Callable[..., Context],
) -> None:
    sizes = [8, 30, 5, 40]
    source = Counted(sizes)
    packed, _, _ = inputs_of(source, sizes).sampler(make_context(), 0)(np.array([1, 2]))
    assert source.read == 35
    assert torch.bincount(packed.owner).tolist() == [10, 5]


def test_the_record_of_attention_is_counted_by_hand() -> None:
    attention = np.array([0.25, 0.25, 0.25, 0.25, 1.0, 0.1, 0.9])
    found = attention_record(attention, np.array([0, 0, 0, 0, 2, 3, 3]), 4)
    assert found["instances"][:, 0].tolist() == [4, 0, 1, 2]
    spread = -(0.1 * np.log(0.1) + 0.9 * np.log(0.9))
    np.testing.assert_allclose(found["attention_entropy"][:, 0], [np.log(4), 0, 0, spread], atol=1e-12)
    assert found["top_instances"][3, :3].tolist() == [1, 0, -1]
    assert found["top_weights"][3, :3].tolist() == [0.9, 0.1, 0]
    assert attention_diagnostics(found)["attention_evenness"] == pytest.approx((1 + spread / np.log(2)) / 2)
    assert attention_diagnostics({}) == {}
