"""Inverse-probability weights and the loss of a binary head."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.types import Context, Outcome
from methods.shared.heads.binary_head import BinaryHead

# Before 3: event at 1; censored at 2 with three at risk, so G falls to 2/3; event at 2.5; followed to 4.
OUTCOME = Outcome(np.array([1.0, 2.0, 2.5, 4.0]), np.array([True, False, True, False]))


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(seed=0, workdir=tmp_path, logger=logging.getLogger("test"))


def test_hand_computed_weights(context: Context) -> None:
    head = BinaryHead(3.0)
    assert head.prepare(OUTCOME, context) == 1
    happened, weights = head.labels(OUTCOME)
    assert happened.tolist() == [1, 0, 1, 0]
    assert weights.tolist() == pytest.approx([1, 0, 1.5, 1.5])
    # Weighted share of events: 2.5 of 4.
    assert head.start(OUTCOME)[0] == pytest.approx(np.log(2.5 / 1.5))


def test_the_untrained_start_minimises_the_loss_of_a_constant(context: Context) -> None:
    head = BinaryHead(3.0)
    head.prepare(OUTCOME, context)
    labels = head.labels(OUTCOME)
    best = float(head.start(OUTCOME)[0])
    losses = [
        float(loss) for at in (best - 0.1, best, best + 0.1) if (loss := head.loss(torch.full((4, 1), at), *labels))
    ]
    assert losses[1] < min(losses[0], losses[2])


def test_without_weights_the_censored_are_left_out(context: Context) -> None:
    head = BinaryHead(3.0, ipcw=False)
    head.prepare(OUTCOME, context)
    assert head.labels(OUTCOME)[1].tolist() == [1, 0, 1, 1]


def test_a_batch_of_censored_patients_has_no_loss(context: Context) -> None:
    head = BinaryHead(3.0)
    head.prepare(OUTCOME, context)
    labels = head.labels(OUTCOME.take(np.array([1])))
    assert head.loss(torch.zeros(1, 1), *labels) is None


@pytest.mark.parametrize("horizon", [0.5, 5.0])
def test_a_horizon_at_which_all_are_alike_is_refused(horizon: float, context: Context) -> None:
    with pytest.raises(ValueError, match="the same status"):
        BinaryHead(horizon).prepare(OUTCOME, context)


def test_weighted_events_are_unbiased_under_random_censoring(context: Context) -> None:
    generator = np.random.default_rng(1)
    death, censoring = generator.exponential(2.0, 20_000), generator.exponential(3.0, 20_000)
    outcome = Outcome(np.minimum(death, censoring), death <= censoring)
    head = BinaryHead(1.5)
    head.prepare(outcome, context)
    odds = float(head.start(outcome)[0])
    share = 1 / (1 + np.exp(-odds))
    assert share == pytest.approx(1 - np.exp(-1.5 / 2.0), abs=4 * 0.005)
