"""Intervals of equal numbers of events, and the likelihood of discrete hazards, by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch
from pycox.models.loss import nll_logistic_hazard

from benchmarks.types import Context, Outcome
from methods.shared.heads.discrete_head import DiscreteHead
from methods.shared.heads.discrete_outputs import HAZARDS
from methods.shared.heads.discrete_time import TimeCuts


def test_each_interval_has_its_share_of_the_events(context: Context) -> None:
    generator = np.random.default_rng(0)
    outcome = Outcome(generator.exponential(10, 300) + 0.1, generator.random(300) < 0.6)
    cuts = TimeCuts.fit(outcome, 4, "event_quantiles", "later", context)
    times = outcome.time[outcome.event]
    # A second implementation: the quartiles of pandas.
    _, edges = pd.qcut(times, 4, retbins=True)
    np.testing.assert_allclose(cuts.cuts[1:-1], edges[1:-1])
    assert cuts.cuts[0] == 0
    assert cuts.cuts[-1] == outcome.time.max()
    index, event = (label.numpy() for label in cuts.labels(outcome))
    counts = np.bincount(index[event == 1], minlength=5)
    assert counts[0] == 0
    assert np.ptp(counts[1:]) <= 1


def test_quantiles_that_coincide_make_fewer_intervals(context: Context, caplog: pytest.LogCaptureFixture) -> None:
    outcome = Outcome(np.array([1.0, 1.0, 1.0, 2.0, 5.0]), np.array([True, True, True, True, False]))
    with caplog.at_level(logging.INFO):
        cuts = TimeCuts.fit(outcome, 4, "event_quantiles", "nearest", context)
    assert cuts.cuts.tolist() == [0, 1, 1.25, 5]
    assert "3 of 4 intervals" in caplog.text


def test_without_an_event_there_are_no_quantiles(context: Context) -> None:
    with pytest.raises(ValueError, match="no event"):
        TimeCuts.fit(Outcome(np.ones(3), np.zeros(3, bool)), 4, "event_quantiles", "later", context)


@pytest.mark.parametrize(
    ("censoring", "numbers"), [("earlier", [1, 1, 0]), ("nearest", [1, 2, 0]), ("later", [2, 2, 1])]
)
def test_a_censoring_is_moved_to_a_cut(censoring: str, numbers: list[int]) -> None:
    cuts = TimeCuts(np.array([0.0, 10.0, 20.0]), censoring)  # type: ignore[arg-type]  # 2026-11-26: one of the three
    index, event = cuts.labels(Outcome(np.array([14.0, 16.0, 4.0]), np.zeros(3, bool)))
    assert index.tolist() == numbers
    assert not event.any()


def test_the_loss_is_the_likelihood_of_discrete_hazards_by_hand(make_context: Callable[..., Context]) -> None:
    head = DiscreteHead(nll_logistic_hazard, HAZARDS, intervals=4, spacing="event_quantiles", censoring="later")
    # Events at 1, ..., 4: cuts 0, 1.75, 2.5, 3.25, 9.
    outcome = Outcome(np.array([1.0, 2.0, 3.0, 4.0, 9.0, 2.2]), np.array([1, 1, 1, 1, 0, 0], dtype=bool))
    assert head.prepare(outcome, make_context()) == 5
    np.testing.assert_allclose(head.cuts.cuts, [0, 1.75, 2.5, 3.25, 9])
    outputs = torch.randn(6, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    hazards = torch.sigmoid(outputs).numpy()
    by_hand = []
    # The event of patient i is in interval k: all before it survived, the hazard of k came true. Who is censored in
    # interval k survived it. Nothing happens at time 0.
    for row, (k, event) in enumerate([(1, 1), (2, 1), (3, 1), (4, 1), (4, 0), (2, 0)]):
        survived = hazards[row, : k if event else k + 1]
        by_hand.append(-np.log1p(-survived).sum() - (np.log(hazards[row, k]) if event else 0.0))
    index, event = head.labels(outcome)
    assert head.loss(outputs.float(), index, event).item() == pytest.approx(np.mean(by_hand), rel=1e-5)
