"""Risk sets, partial likelihood, and Breslow's curves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pycox.models.loss import cox_ph_loss
from sksurv.linear_model.coxph import BreslowEstimator

from benchmarks.types import Outcome
from methods.shared.heads.proportional_hazards import BreslowCurves, log_risk_sums, mean_partial_log_likelihood

# Two events at time 2, one of them tied with a censoring.
OUTCOME = Outcome(np.array([3.0, 2.0, 2.0, 1.0, 2.0]), np.array([1, 1, 0, 1, 1]))
HAZARD_RATIO = np.array([1.0, 2.0, 3.0, 4.0, 5.0])


def test_sums_over_risk_sets_by_hand() -> None:
    sums = np.exp(log_risk_sums(np.log(HAZARD_RATIO), OUTCOME.time, np.array([1.0, 1.5, 2.0, 3.0])))
    assert sums == pytest.approx([15, 11, 11, 1])


def test_partial_likelihood_by_hand() -> None:
    expected = np.mean(np.log([1 / 1, 2 / 11, 4 / 15, 5 / 11]))
    assert mean_partial_log_likelihood(np.log(HAZARD_RATIO), OUTCOME) == pytest.approx(expected)


def test_partial_likelihood_without_an_event_is_refused() -> None:
    with pytest.raises(ValueError, match="without an event"):
        mean_partial_log_likelihood(np.zeros(2), Outcome(np.array([1.0, 2.0]), np.array([0, 0])))


def test_partial_likelihood_is_pycoxs_where_no_times_are_tied(gbsg2) -> None:
    times, rows = np.unique(gbsg2.train.outcome.time, return_index=True)
    outcome = gbsg2.train.outcome.take(rows)
    risk = np.random.default_rng(0).normal(size=len(times))
    theirs = cox_ph_loss(torch.from_numpy(risk), torch.from_numpy(times), torch.from_numpy(outcome.event.copy()))
    assert mean_partial_log_likelihood(risk, outcome) == pytest.approx(-float(theirs), rel=1e-6)


def test_curves_by_hand() -> None:
    curves = BreslowCurves().fit(np.log(HAZARD_RATIO), OUTCOME)
    cumulative = np.cumsum([1 / 15, 2 / 11, 1 / 1])
    expected = np.exp(-2 * np.concatenate([[0, 0], cumulative, cumulative[-1:]]))
    times = np.array([0.0, 0.5, 1.0, 2.5, 3.0, 9.0])
    assert curves.survival(np.log([2.0]), times)[0] == pytest.approx(expected)


def test_curves_are_scikit_survivals(gbsg2) -> None:
    outcome = gbsg2.train.outcome
    risk = np.random.default_rng(0).normal(size=len(outcome))
    theirs = BreslowEstimator().fit(risk, outcome.event, outcome.time).get_survival_function(risk[:5])
    times = gbsg2.times[gbsg2.times >= outcome.time.min()]
    expected = np.array([curve(times) for curve in theirs])
    np.testing.assert_allclose(BreslowCurves().fit(risk, outcome).survival(risk[:5], times), expected, rtol=1e-9)


@pytest.mark.parametrize("size", [50.0, 1e3, 1e6])
def test_huge_linear_predictors_give_curves(gbsg2, size: float) -> None:
    outcome = gbsg2.train.outcome
    risk = size * np.random.default_rng(0).normal(size=len(outcome))
    survival = BreslowCurves().fit(risk, outcome).survival(risk, gbsg2.times)
    assert np.isfinite(survival).all()
    assert (survival[:, 0] == 1).all()
    assert (np.diff(survival, axis=1) <= 0).all()
