"""The authors' recipe: their loss, their pairs, their sizes, and what chooses a network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import metrics
from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context
from methods.abmil_bilinear import ABMILBilinear, Config
from methods.abmil_bilinear.authors_recipe import BalancedDraws, CumulativeCoxHead, authors_encoder, pair_widths
from methods.abmil_bilinear.config import AUTHORS
from methods.abmil_bilinear.network import BilinearNetwork
from methods.shared.heads.cox_head import partial_likelihood_loss
from methods.shared.training.bag_network import Widths

TIMES = np.linspace(0.0, 40.0, 81)
# Bag of 1,024 columns, 27 covariates, 19,359 genes, as published.
PUBLISHED = Widths(1024, (27, 19_359), (True, False))


def batch(*pairs: tuple[float, bool]) -> tuple[torch.Tensor, torch.Tensor]:
    time, event = zip(*pairs, strict=True)
    return torch.tensor(time), torch.tensor(event)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_without_ties_the_loss_is_the_partial_likelihood(seed: int, n: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    risk = torch.randn(n, 1, dtype=torch.float64, generator=generator)
    time = torch.randperm(n, generator=generator).double()
    event = torch.rand(n, generator=generator) < 0.5
    event[0] = True
    expected = partial_likelihood_loss(risk[:, 0], time, event, "breslow")
    found = CumulativeCoxHead().loss(risk, time, event)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


def test_of_tied_patients_whoever_comes_first_counts() -> None:
    """A sum that runs on beyond the first of two equal times leaves the second out of the first one's risk set."""
    risk = torch.tensor([[1.0], [0.0]])
    value = CumulativeCoxHead().loss(risk, *batch((3.0, True), (3.0, False)))
    assert value.item() == pytest.approx(0, abs=1e-6)
    tied = partial_likelihood_loss(risk[:, 0], *batch((3.0, True), (3.0, False)), "breslow")
    assert tied is not None
    assert tied.item() == pytest.approx(np.log(1 + np.exp(-1)), abs=1e-6)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (((1.0, True), (2.0, False)), True),
        (((1.0, True), (2.0, True)), True),
        (((1.0, False), (2.0, True)), False),
        (((1.0, False), (2.0, False)), False),
        (((1.0, True),), False),
    ],
)
def test_batches_that_carry_a_gradient_are_counted(pairs: tuple[tuple[float, bool], ...], said: bool) -> None:
    head = CumulativeCoxHead()
    risk = torch.linspace(0, 1, len(pairs))[:, None].requires_grad_()
    head.loss(risk, *batch(*pairs)).backward()  # type: ignore[no-untyped-call]  # 2026-11-26: torch does not annotate it
    assert (head.batches, head.with_gradient) == (1, int(said))
    assert risk.grad is not None
    assert (risk.grad.abs().max().item() > 1e-6) == said


def test_draws_are_with_replacement_and_half_of_them_have_the_event() -> None:
    event = np.arange(101) < 20
    batches = BalancedDraws(event, 2)(np.random.default_rng(0))
    assert [len(rows) for rows in batches] == [2] * 50 + [1]
    drawn = np.concatenate([np.concatenate(BalancedDraws(event, 2)(np.random.default_rng(k))) for k in range(50)])
    assert event[drawn].mean() == pytest.approx(0.5, abs=0.03)
    assert len(np.unique(np.concatenate(batches))) < 101


def test_the_settings_of_a_faithful_run_are_the_authors() -> None:
    config = Config(faithful=True, epochs=7, members=2)
    assert {name: getattr(config, name) for name in AUTHORS} == dict(AUTHORS)
    assert (config.epochs, config.members) == (7, 2)
    training = config.training
    assert (training.l2, training.weight_decay, training.clip_norm) == (True, 0.3, None)
    assert (training.patience, training.stop_from, training.epochs) == (30, 52, 7)
    assert replace(config, epochs=9).rank == 64
    assert not Config().training.l2


def test_a_setting_that_the_recipe_fixes_cannot_be_another() -> None:
    with pytest.raises(UsageError, match="faithful=true sets rank=64: leave out rank=8"):
        Config(faithful=True, rank=8)


def test_the_pair_of_bag_and_expression_is_wider() -> None:
    config = Config(faithful=True)
    # bag x covariates, bag x expression, covariates x expression
    assert pair_widths(PUBLISHED, config) == [32, 64, 32]
    assert pair_widths(Widths(None, (27, 300), (True, False)), config) == [32]
    assert pair_widths(Widths(1024, (300,), (False,)), config) == [64]


def test_the_network_has_the_published_number_of_parameters() -> None:
    """Counted by hand: layers of the bag, of expression, three interactions of rank 64, a weight for each output."""
    config = Config(faithful=True)
    with torch.device("meta"):
        network = BilinearNetwork(PUBLISHED, config)
        encoder = authors_encoder(19_359, config)
    bag = (1024 + 1) * 512 + 2 * (512 + 1) * 256 + (256 + 1)
    expression = (19_359 + 1) * 2048 + (2048 + 1) * 512 + (512 + 1) * 128
    interactions = 94_080
    # Ours: a weight for each missing modality, and a linear risk of patients with one modality alone.
    ours = 3 + 512 + 27 + 128
    assert sum(p.numel() for p in encoder.parameters()) == expression == 40_764_032
    total = sum(p.numel() for p in network.parameters())
    assert total == bag + expression + interactions + 128 + ours == 41_646_623


def fitted(cohort: Cohort, context: Context, **changes: Any) -> ABMILBilinear:
    method = ABMILBilinear(Config(faithful=True, **{"epochs": 2, "members": 2, **changes}))
    method.fit(cohort[np.arange(120)], cohort[np.arange(120, 140)], context)
    return method


def test_a_network_is_chosen_by_its_inner_held_out_fold_and_that_concordance_is_told(
    cohort: Cohort, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    method = fitted(cohort, context)
    prediction = method.predict(cohort[np.arange(140, 160)].patients, TIMES)
    train = cohort[np.arange(120)]
    chosen_by = [
        float(metrics.concordance_index(train.outcome.time[rows], train.outcome.event[rows], outputs[:, 0]))
        for rows, outputs in method.network.out_of_fold(train.patients)
    ]
    assert prediction.diagnostics["selected_by_c"] == pytest.approx(np.mean(chosen_by), abs=0.01)
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()
    # 60 patients a member, 30 batches, 2 epochs.
    share = prediction.diagnostics["batches_with_gradient"]
    assert f"{round(120 * share)} of 120 batches say anything of the risks" in caplog.text
    assert 0 < share < 1


def test_any_fusion_may_be_trained_so(cohort: Cohort, context: Context) -> None:
    shown = cohort.only("clinical", "rna")
    method = fitted(shown, context, fusion="concat", epochs=1)
    assert np.isfinite(method.predict(shown[np.arange(140, 160)].patients, TIMES).risk).all()


def test_nothing_is_drawn_of_the_recipe() -> None:
    config = Config(faithful=True)
    assert ABMILBilinear.search_space(None, config) is config  # type: ignore[arg-type]  # 2026-11-26: no trial is asked
