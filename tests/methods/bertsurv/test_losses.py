"""The losses of the method's heads: exact ties, what a risk does not depend on, who is left out at a horizon."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sksurv.linear_model.coxph import CoxPHOptimizer

import metrics
from benchmarks.types import Cohort, Context, FloatArray, Outcome
from methods.bertsurv import BertSurv, Config
from methods.shared.heads.binary_head import BinaryHead
from methods.shared.heads.cox_head import CoxHead, Ties


def drawn_outcome(ties: bool) -> tuple[FloatArray, Outcome]:
    generator = np.random.default_rng(1)
    time = generator.exponential(5.0, 80)
    outcome = Outcome(np.ceil(time) if ties else time, generator.random(80) < 0.6)
    return generator.normal(size=80), outcome


def loss_of(head: CoxHead, risk: FloatArray, outcome: Outcome) -> float:
    loss = head.loss(torch.from_numpy(risk)[:, None], *head.labels(outcome))
    assert loss is not None
    return loss.item()


@pytest.mark.parametrize("ties", ["breslow", "efron"])
@pytest.mark.parametrize("tied", [False, True])
def test_the_partial_likelihood_is_that_of_scikit_survival(ties: Ties, tied: bool) -> None:
    risk, outcome = drawn_outcome(tied)
    model = CoxPHOptimizer(risk[:, None], outcome.event, outcome.time, np.zeros(1), ties)
    expected = model.nlog_likelihood(np.ones(1)) * len(risk) / outcome.n_events
    assert loss_of(CoxHead(ties), risk, outcome) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_a_constant_or_another_order_leaves_the_partial_likelihood(ties: Ties) -> None:
    risk, outcome = drawn_outcome(True)
    head = CoxHead(ties)
    expected = loss_of(head, risk, outcome)
    order = np.random.default_rng(2).permutation(len(risk))
    assert loss_of(head, risk + 3.0, outcome) == pytest.approx(expected, abs=1e-9)
    assert loss_of(head, risk[order], outcome.take(order)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("ipcw", [False, True])
def test_the_cross_entropy_leaves_out_exactly_those_censored_up_to_the_horizon(
    cohort: Cohort, context: Context, ipcw: bool
) -> None:
    train, test = cohort[np.arange(110)].outcome, cohort[np.arange(110, 160)].outcome
    horizon = float(np.median(train.time))
    head = BinaryHead(horizon, ipcw=ipcw)
    head.prepare(train, context)
    happened, weights = (label.numpy() for label in head.labels(test))
    assert ((weights == 0) == (~test.event & (test.time <= horizon))).all()
    assert np.isfinite(weights).all()
    assert (happened.astype(bool) == (test.event & (test.time <= horizon))).all()
    # The weights are those of the training patients' censoring, whoever is weighed.
    censoring = metrics.censoring_distribution(train.time, train.event)
    seen = weights > 0
    at = np.where(test.event & (test.time <= horizon), censoring.before(test.time), censoring.at(horizon))
    assert weights[seen] == pytest.approx(1 / at[seen] if ipcw else np.ones(seen.sum()), rel=1e-6)


def test_the_horizon_is_the_median_observed_time_unless_it_is_set(cohort: Cohort, context: Context) -> None:
    part = cohort[np.arange(110)]
    for given, expected in ((0.0, float(np.median(part.outcome.time))), (7.0, 7.0)):
        method = BertSurv(Config(encoder="tfidf", loss="bce", horizon=given, epochs=1, members=1))
        method.fit(part, cohort[np.arange(110, 130)], context)
        assert method.predict(part.patients, np.array([0.0, 9.0])).diagnostics["horizon"] == expected


def test_a_risk_of_zero_for_everybody_gives_the_nelson_aalen_curve() -> None:
    _, outcome = drawn_outcome(True)
    head = CoxHead("breslow")
    head.fit_curves(np.zeros((80, 1)), outcome)
    times = np.arange(0.0, 20.0)
    survival = head.predict(np.zeros((80, 1)), times).survival
    assert survival is not None
    hazard = [
        sum(
            (outcome.event & (outcome.time == at)).sum() / (outcome.time >= at).sum()
            for at in np.unique(outcome.time[outcome.event])
            if at <= time
        )
        for time in times
    ]
    assert survival[0] == pytest.approx(np.exp(-np.array(hazard)), abs=1e-9)
