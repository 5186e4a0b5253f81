"""KECM attention and the queries: lengths, weights, masks, order."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from drawn_gene_bags import packed, rows_of
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from methods.kemm.knowledge_attention import KnowledgeAttention, joined, packed_tokens
from methods.kemm.queries import LearnedQueries, TextQueries, TextSources, TextTokens
from methods.shared.layers.packed_bags import PackedBags, sum_within

WIDTH, HEADS, QUERIES = 8, 2, 5
SIZES = [4, 900, 0, 1]


def layer() -> KnowledgeAttention:
    torch.manual_seed(0)
    return KnowledgeAttention(WIDTH, HEADS, dropout=0.0, feed_forward=2)


def queries(n: int = len(SIZES)) -> Tensor:
    return torch.randn(n, QUERIES, WIDTH, generator=torch.Generator().manual_seed(1))


def test_as_many_tokens_come_out_as_ask_and_weights_sum_to_one() -> None:
    bags = packed(SIZES, WIDTH)
    found, weights = layer()(queries(), bags)
    assert found.shape == (4, QUERIES, WIDTH)
    total = sum_within(weights, bags.owner, 4)
    torch.testing.assert_close(total[[0, 1, 3]], torch.ones(3, QUERIES))
    assert not total[2].any()


def test_it_is_the_formula_by_hand() -> None:
    attention, bags = layer(), packed([3], WIDTH)
    asking, keys = queries(1), bags.instances
    q = attention.query(attention.of_queries(asking[0]))
    k = attention.key(attention.of_keys(keys))
    v = attention.value(keys)
    heads = []
    for head in range(HEADS):
        own = slice(head * WIDTH // HEADS, (head + 1) * WIDTH // HEADS)
        heads.append((q[:, own] @ k[:, own].T / (WIDTH / HEADS) ** 0.5).softmax(dim=1) @ v[:, own])
    z = asking[0] + attention.output(torch.cat(heads, dim=1))
    expected = z + attention.feed_forward(attention.after(z))
    torch.testing.assert_close(attention(asking, bags)[0][0], expected)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_the_regions_changes_nothing(order: list[int]) -> None:
    bags = packed([6], WIDTH)
    other = PackedBags(bags.instances[torch.tensor(order)], bags.owner, 1)
    before, after = layer()(queries(1), bags), layer()(queries(1), other)
    torch.testing.assert_close(before[0], after[0])
    torch.testing.assert_close(before[1][torch.tensor(order)], after[1])


def test_a_patient_alone_is_as_among_others() -> None:
    bags = packed(SIZES, WIDTH)
    together, _ = layer()(queries(), bags)
    for patient in range(len(SIZES)):
        alone, _ = layer()(queries()[[patient]], rows_of(bags, patient))
        torch.testing.assert_close(alone[0], together[patient])


def test_joined_bags_have_each_patients_rows_together() -> None:
    one, other = packed([2, 0, 1], WIDTH), packed([1, 2, 0], WIDTH, seed=1)
    both = joined(one, other)
    assert both.owner.tolist() == [0, 0, 0, 1, 1, 2]
    torch.testing.assert_close(both.instances[:2], one.instances[:2])
    torch.testing.assert_close(both.instances[2:5], other.instances)


def test_packed_tokens_are_those_that_are_present() -> None:
    tokens = torch.arange(12.0).reshape(2, 3, 2)
    bags = packed_tokens(tokens, torch.tensor([[True, False, True], [False, False, False]]))
    assert bags.owner.tolist() == [0, 0]
    assert bags.patients == 2
    torch.testing.assert_close(bags.instances, tokens[0, [0, 2]])


def sources(knowledge: bool) -> TextSources:
    known = {"image": np.ones((4, 3), dtype=np.float32)} if knowledge else {}
    return TextSources(3, 2, known)


@pytest.mark.parametrize("knowledge", [True, False])
def test_who_has_no_report_asks_by_knowledge_or_by_learned_queries_in_its_place(knowledge: bool) -> None:
    texts = sources(knowledge)
    tokens, module = TextTokens(texts, WIDTH), TextQueries(texts, "image", WIDTH)
    report = tokens.report(torch.randn(2, 2, 3))
    told = torch.tensor([[True, True], [False, False]])
    asking, present = module(tokens, report, told, 2)
    assert asking.shape == (2, texts.asking("image"), WIDTH)
    assert present[0].all()
    if knowledge:
        assert present[1].tolist() == [False, False, True, True, True, True]
    else:
        assert present[1].all()
        torch.testing.assert_close(asking[1], module.stand_ins)


def test_learned_queries_are_as_many_as_asked_for() -> None:
    asking, present = LearnedQueries(7, WIDTH)(3)
    assert asking.shape == (3, 7, WIDTH)
    assert present.all()


def test_no_gradient_reaches_the_vectors_of_knowledge() -> None:
    texts = sources(knowledge=True)
    tokens = TextTokens(texts, WIDTH)
    tokens.knowledge("image").sum().backward()
    assert not tokens.knowledge_image.requires_grad
    assert tokens.project.weight.grad is not None
    assert "knowledge_image" not in dict(tokens.named_parameters())
