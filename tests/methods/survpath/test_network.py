"""SurvPath's network: nobody else's data, no absent token, no order of instances counts; every part learns."""

from __future__ import annotations

import numpy as np
import torch
from drawn_gene_bags import packed, rows_of
from torch import Tensor

from methods.shared.layers.packed_bags import PackedBags
from methods.shared.training.bag_network import Widths
from methods.survpath import Config
from methods.survpath.network import SurvPathNetwork

WIDTHS = Widths(bag=6, vectors=(3,), tables=(True,), tokens=((2, 4, 3), (5,)))
N = 5
# The bag, two molecular modalities, clinical covariates; the last patient has covariates alone.
PRESENT = torch.tensor(
    [[True] * 4, [True, True, False, True], [True, False, False, True], [False, True, True, True], [False] * 3 + [True]]
)
SIZES = [4, 7, 3, 0, 0]


def network(width: int = 8) -> SurvPathNetwork:
    """Return a network whose last weights are not 0."""
    torch.manual_seed(0)
    module = SurvPathNetwork(WIDTHS, Config(width=width, dropout=0.0), 4, np.zeros(4)).eval()
    torch.nn.init.normal_(module.fused.last.weight)
    return module


def vectors() -> list[Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(N, width, generator=generator) for width in (9, 5, 3)]


def test_a_patient_alone_is_as_among_others() -> None:
    module, bags = network(), packed(SIZES, 6)
    outputs, states = module(bags, vectors(), PRESENT)
    assert torch.isfinite(outputs).all()
    for patient in range(N):
        alone, own = module(rows_of(bags, patient), [values[[patient]] for values in vectors()], PRESENT[[patient]])
        torch.testing.assert_close(alone, outputs[[patient]])
        torch.testing.assert_close(own["token_attention"], states["token_attention"][bags.owner == patient])
        torch.testing.assert_close(own["to_pathways"], states["to_pathways"][[patient]])


def test_the_order_of_the_instances_changes_nothing() -> None:
    bags, given = packed([5], 6), [values[:1] for values in vectors()]
    order = torch.randperm(5, generator=torch.Generator().manual_seed(2))
    one, _ = network()(bags, given, PRESENT[:1])
    other, _ = network()(PackedBags(bags.instances[order], bags.owner, 1), given, PRESENT[:1])
    torch.testing.assert_close(one, other)


def test_what_stands_in_the_place_of_an_absent_modality_changes_no_bit() -> None:
    bags = packed(SIZES, 6)
    expected, _ = network()(bags, vectors(), PRESENT)
    changed = [torch.where(PRESENT[:, [1 + m]], values, 1e9) for m, values in enumerate(vectors())]
    assert torch.equal(network()(bags, changed, PRESENT)[0], expected)


def test_absent_pathways_look_nowhere_and_nobody_looks_at_them() -> None:
    bags = packed(SIZES, 6)
    _, states = network()(bags, vectors(), PRESENT)
    assert not states["token_attention"][bags.owner == 1][:, 3].any()
    assert not states["token_attention"][bags.owner == 2].any()
    assert states["to_pathways"].sum(dim=1).tolist() == [1, 1, 0, 0, 0]


def test_gradient_reaches_every_token_and_every_weight() -> None:
    # Wide, so that no patient's hidden nodes are all dead.
    module, bags = network(width=32), packed(SIZES, 6)
    instances = bags.instances.requires_grad_()
    given = [values.requires_grad_() for values in vectors()]
    outputs, _ = module(PackedBags(instances, bags.owner, N), given, PRESENT)
    outputs.square().sum().backward()
    for name, weight in module.named_parameters():
        assert weight.grad is not None, name
        assert torch.isfinite(weight.grad).all(), name
        assert weight.grad.any(), name
    assert instances.grad is not None
    assert instances.grad.any(dim=1).all()
    for m, values in enumerate(given):
        assert values.grad is not None
        assert torch.equal(values.grad.any(dim=1), PRESENT[:, 1 + m])
