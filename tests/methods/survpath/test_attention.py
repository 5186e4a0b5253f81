"""SurvPath's attention: one softmax over pathways and instances, none among instances."""

from __future__ import annotations

import pytest
import torch
from drawn_gene_bags import packed, rows_of
from torch import Tensor

from methods.shared.layers.packed_bags import PackedBags, sum_within
from methods.survpath.attention import PathwayAttention

WIDTH, PATHWAYS = 5, 3
SIZES = [4, 6, 0, 3, 0]
PRESENT = torch.tensor([[True] * 3, [True, False, True], [True] * 3, [False] * 3, [False] * 3])


def layer() -> PathwayAttention:
    torch.manual_seed(0)
    return PathwayAttention(WIDTH)


def pathways() -> Tensor:
    return torch.randn(len(SIZES), PATHWAYS, WIDTH, generator=torch.Generator().manual_seed(1))


def test_it_is_full_attention_with_the_block_among_instances_masked() -> None:
    attention, bags = layer(), packed(SIZES, WIDTH)
    of_pathways, of_instances, to_instances, to_pathways = attention(pathways(), PRESENT, bags)
    for patient, size in enumerate(SIZES[:2]):
        present = PRESENT[patient]
        tokens = torch.cat([pathways()[patient, present], bags.instances[bags.owner == patient]])
        count = int(present.sum())
        scores = attention.query(tokens) @ attention.key(tokens).T / WIDTH**0.5
        scores[count:, count:] = -torch.inf
        weights = scores.softmax(dim=1)
        gathered = weights @ attention.value(tokens)
        own = bags.owner == patient
        torch.testing.assert_close(of_pathways[patient, present], gathered[:count])
        torch.testing.assert_close(of_instances[own], gathered[count:])
        torch.testing.assert_close(to_instances[own][:, present], weights[:count, count:].T)
        torch.testing.assert_close(to_pathways[own][:, present], weights[count:, :count])
        assert len(gathered) == count + size


def test_another_instance_changes_nothing_of_an_instance() -> None:
    bags = packed([6], WIDTH)
    changed = bags.instances.clone()
    changed[2] += 100.0
    given, present = pathways()[:1], PRESENT[:1]
    before, after = (layer()(given, present, PackedBags(one, bags.owner, 1)) for one in (bags.instances, changed))
    others = torch.arange(6) != 2
    assert torch.equal(before[1][others], after[1][others])
    assert torch.equal(before[3][others], after[3][others])
    # The pathways do see it.
    assert not torch.allclose(before[0], after[0])


def test_rows_sum_to_one() -> None:
    bags = packed(SIZES, WIDTH)
    _, _, to_instances, to_pathways = layer()(pathways(), PRESENT, bags)
    assert torch.allclose(to_pathways[bags.owner < 2].sum(dim=1), torch.ones(10))
    # What goes to instances is less than all: the rest goes to pathways.
    shares = sum_within(to_instances, bags.owner, len(SIZES))
    assert ((shares[:2] > 0) & (shares[:2] < 1)).all()


def test_without_pathways_instances_gather_nothing_and_without_a_bag_pathways_attend_to_pathways() -> None:
    bags = packed(SIZES, WIDTH)
    attention = layer()
    of_pathways, of_instances, _, to_pathways = attention(pathways(), PRESENT, bags)
    assert not of_instances[bags.owner == 3].any()
    assert not to_pathways[bags.owner == 3].any()
    own = pathways()[2]
    weights = (attention.query(own) @ attention.key(own).T / WIDTH**0.5).softmax(dim=1)
    torch.testing.assert_close(of_pathways[2], weights @ attention.value(own))


def test_a_patient_alone_is_as_among_others() -> None:
    bags = packed(SIZES, WIDTH)
    together = layer()(pathways(), PRESENT, bags)
    for patient in range(len(SIZES)):
        alone = layer()(pathways()[[patient]], PRESENT[[patient]], rows_of(bags, patient))
        own = bags.owner == patient
        torch.testing.assert_close(alone[0][0, PRESENT[patient]], together[0][patient, PRESENT[patient]])
        for one, all_of_them in zip(alone[1:], together[1:], strict=True):
            torch.testing.assert_close(one, all_of_them[own])


@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_gradients_are_finite_whoever_is_missing_and_however_large_the_scores(scale: float) -> None:
    attention, bags = layer(), packed(SIZES, WIDTH)
    of_pathways, of_instances, _, _ = attention(
        scale * pathways(), PRESENT, PackedBags(scale * bags.instances, bags.owner, bags.patients)
    )
    (of_pathways[PRESENT].sum() + of_instances.sum()).backward()
    assert all(torch.isfinite(part.grad).all() for part in attention.parameters())
