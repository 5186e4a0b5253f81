"""Networks on genes and a bag: nobody else's data, no absent token, no order of instances counts; every part learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from drawn_gene_bags import packed, rows_of
from torch import Tensor, nn

import methods.mcat
import methods.survpath
from methods.mcat.network import MCATNetwork
from methods.shared.layers.packed_bags import PackedBags
from methods.shared.training.bag_network import Widths
from methods.survpath.network import SurvPathNetwork

WIDTHS = Widths(bag=6, vectors=(3,), tables=(True,), tokens=((2, 4, 3), (5,)))
N = 5
# The bag, two molecular modalities, clinical covariates; the last patient has covariates alone.
PRESENT = torch.tensor(
    [[True] * 4, [True, True, False, True], [True, False, False, True], [False, True, True, True], [False] * 3 + [True]]
)
SIZES = [4, 7, 3, 0, 0]
KINDS = ["mcat", "mcat bilinear", "survpath"]


def network(kind: str) -> nn.Module:
    """Return a network none of whose weights is 0, wide enough that no patient's hidden nodes are all dead."""
    torch.manual_seed(0)
    if kind == "survpath":
        module: MCATNetwork | SurvPathNetwork = SurvPathNetwork(
            WIDTHS, methods.survpath.Config(width=32, dropout=0.0), 4, np.zeros(4)
        )
    else:
        config = methods.mcat.Config(
            width=32, heads=2, attention_width=4, rank=3, dropout=0.0, fusion="bilinear" if "bi" in kind else "concat"
        )
        module = MCATNetwork(WIDTHS, config, 4, np.zeros(4))
        torch.nn.init.normal_(module.queries)
    torch.nn.init.normal_(module.fused.last.weight)
    return module


def vectors() -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(N, width, generator=generator) for width in (9, 5, 3)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_patient_alone_is_as_among_others(kind: str) -> None:
    module, bags = network(kind), packed(SIZES, 6)
    outputs, states = module(bags, vectors(), PRESENT)
    assert torch.isfinite(outputs).all()
    for patient in range(N):
        alone, own = module(rows_of(bags, patient), [values[[patient]] for values in vectors()], PRESENT[[patient]])
        torch.testing.assert_close(alone, outputs[[patient]])
        for name, state in own.items():
            rows = bags.owner == patient if name == "token_attention" else [patient]
            torch.testing.assert_close(state, states[name][rows])


@pytest.mark.parametrize("kind", KINDS)
def test_the_order_of_the_instances_changes_nothing(kind: str) -> None:
    bags, given = packed([5], 6), [values[:1] for values in vectors()]
    order = torch.randperm(5, generator=torch.Generator().manual_seed(2))
    one, _ = network(kind)(bags, given, PRESENT[:1])
    other, _ = network(kind)(PackedBags(bags.instances[order], bags.owner, 1), given, PRESENT[:1])
    torch.testing.assert_close(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_what_stands_in_the_place_of_an_absent_modality_changes_no_bit(kind: str) -> None:
    bags = packed(SIZES, 6)
    expected, _ = network(kind)(bags, vectors(), PRESENT)
    changed = [torch.where(PRESENT[:, [1 + m]], values, 1e9) for m, values in enumerate(vectors())]
    assert torch.equal(network(kind)(bags, changed, PRESENT)[0], expected)


@pytest.mark.parametrize("kind", KINDS)
def test_gradient_reaches_every_token_and_every_weight(kind: str) -> None:
    module, bags = network(kind), packed(SIZES, 6)
    instances = bags.instances.requires_grad_()
    given = [values.requires_grad_() for values in vectors()]
    outputs, _ = module(PackedBags(instances, bags.owner, N), given, PRESENT)
    outputs.square().sum().backward()
    for name, weight in module.named_parameters():
        assert weight.grad is not None, name
        assert torch.isfinite(weight.grad).all(), name
        # A constant added to all keys, or to all scores, cancels in the softmax.
        assert weight.grad.any() or name.endswith(("key.bias", "score.bias")), name
    assert instances.grad is not None
    assert instances.grad.any(dim=1).all()
    for m, values in enumerate(given):
        assert values.grad is not None
        assert torch.equal(values.grad.any(dim=1), PRESENT[:, 1 + m])


def test_each_family_shares_its_attention_out_to_the_instances_also_where_a_learnt_query_asks() -> None:
    bags = packed(SIZES, 6)
    _, states = network("mcat")(bags, vectors(), PRESENT)
    for patient in range(3):
        assert states["token_attention"][bags.owner == patient].sum(dim=0).tolist() == pytest.approx([1] * 4, abs=1e-5)


def test_pools_weigh_the_tokens_that_are_there() -> None:
    _, states = network("mcat")(packed(SIZES, 6), vectors(), PRESENT)
    assert states["gene_pool"].sum(dim=1).tolist() == pytest.approx([1, 1, 0, 1, 0], abs=1e-6)
    assert not states["gene_pool"][1, 3].any()
    assert states["slide_pool"].sum(dim=1).tolist() == pytest.approx([1, 1, 1, 0, 0], abs=1e-6)


def test_absent_pathways_look_nowhere_and_nobody_looks_at_them() -> None:
    bags = packed(SIZES, 6)
    _, states = network("survpath")(bags, vectors(), PRESENT)
    assert not states["token_attention"][bags.owner == 1][:, 3].any()
    assert not states["token_attention"][bags.owner == 2].any()
    assert states["to_pathways"].sum(dim=1).tolist() == pytest.approx([1, 1, 0, 0, 0])


@pytest.mark.parametrize("kind", KINDS)
def test_the_genes_of_a_patient_move_where_the_patient_looks(kind: str) -> None:
    bags = packed([6, 6], 6)
    given = [values[:2] for values in vectors()]
    _, before = network(kind)(bags, given, PRESENT[[0, 0]])
    _, after = network(kind)(bags, [given[0] + torch.tensor([[1.0], [0.0]]), *given[1:]], PRESENT[[0, 0]])
    moved = (before["token_attention"] != after["token_attention"]).any(dim=1)
    assert torch.equal(moved, bags.owner == 0)
