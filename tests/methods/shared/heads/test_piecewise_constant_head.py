"""Piecewise constant hazards against their definition and against pycox's prediction."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from pycox.models import PCHazard

from benchmarks.types import Context, Outcome
from methods.shared.heads.piecewise_constant_head import PiecewiseConstantHead


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(seed=0, workdir=tmp_path, logger=logging.getLogger("test"))


def drawn(n: int = 400) -> Outcome:
    generator = np.random.default_rng(0)
    death, censoring = generator.exponential(5.0, n), generator.exponential(12.0, n)
    return Outcome(np.minimum(death, censoring) + 1e-3, death <= censoring)


def test_the_loss_is_minus_the_likelihood_of_continuous_times(context: Context) -> None:
    outcome, head = drawn(), PiecewiseConstantHead(4, "equidistant")
    intervals = head.prepare(outcome, context)
    hazards = np.array([0.1, 0.3, 0.2, 0.05])
    lengths = np.diff(head.cuts)
    outputs = np.log(np.expm1(hazards * lengths))
    cumulative = np.array([np.sum(hazards * np.clip(t - head.cuts[:-1], 0, lengths)) for t in outcome.time])
    own = np.clip(np.searchsorted(head.cuts, outcome.time, side="left") - 1, 0, intervals - 1)
    # pycox leaves out the constant log of the interval's length.
    log_likelihood = outcome.event * np.log(hazards[own] * lengths[own]) - cumulative
    loss = head.loss(torch.from_numpy(np.tile(outputs, (len(outcome), 1))), *head.labels(outcome))
    assert float(loss) == pytest.approx(-log_likelihood.mean(), rel=1e-5)


def test_the_start_is_the_curve_of_all(context: Context) -> None:
    outcome, head = drawn(4000), PiecewiseConstantHead(8)
    head.prepare(outcome, context)
    curve = head.survival(head.start(outcome)[None], np.array([1.0, 4.0, 8.0]))[0]
    assert curve == pytest.approx(np.exp(-np.array([1.0, 4.0, 8.0]) / 5.0), abs=0.02)


def test_curves_at_the_cuts_are_pycoxs(context: Context) -> None:
    outcome, head = drawn(), PiecewiseConstantHead(6)
    intervals = head.prepare(outcome, context)
    outputs = np.random.default_rng(1).normal(size=(5, intervals)).astype(np.float32)
    identity = torch.nn.Linear(intervals, intervals, bias=False)
    torch.nn.init.eye_(identity.weight)
    theirs = PCHazard(identity, duration_index=head.cuts.astype(np.float32))
    theirs.sub = 1
    expected = theirs.predict_surv_df(outputs).to_numpy().T
    np.testing.assert_allclose(head.survival(outputs.astype(np.float64), head.cuts), expected, atol=1e-6)


def test_curves_start_at_one_fall_and_stay_after_the_last_cut(context: Context) -> None:
    outcome, head = drawn(), PiecewiseConstantHead(6)
    intervals = head.prepare(outcome, context)
    times = np.linspace(0, 2 * head.cuts[-1], 101)
    curves = head.survival(np.random.default_rng(1).normal(size=(5, intervals)), times)
    assert (curves[:, 0] == 1).all()
    assert (np.diff(curves, axis=1) <= 0).all()
    assert (curves[:, -1] == curves[:, 60]).all()
