"""Ridge-penalised Cox regression reaches the maximum of the partial likelihood, or says that it did not."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import check_grad, minimize
from scipy.special import logsumexp
from sksurv.linear_model import CoxPHSurvivalAnalysis

from benchmarks.catalog.loading import load_dataset
from benchmarks.protocol.splits import make_splits
from benchmarks.types import Outcome
from methods.shared.curves import proportional_hazards_survival, steps_at
from methods.shared.features.components import ModalityVectors
from methods.shared.heads.efron import EfronLikelihood, risk_set_means
from methods.shared.heads.ridge_cox import DidNotConvergeError, RidgeCox

# Two events at time 2, tied with a censoring.
OUTCOME = Outcome(np.array([1.0, 2.0, 2.0, 2.0, 3.0]), np.array([1, 1, 1, 0, 0]))
FEATURE = np.log(np.array([[1.0], [2.0], [3.0], [4.0], [5.0]]))


class PlainEfron:
    """Efron's objective as its formula says it, a row per event: slow, and written apart from the code it tests."""

    def __init__(self, features: np.ndarray, outcome: Outcome, penalty: float) -> None:
        time, event = outcome.time, np.asarray(outcome.event)
        events = np.flatnonzero(event)
        self.features, self.events, self.penalty = features, events, penalty
        self.weights = np.zeros((len(events), len(time)))
        for row, i in enumerate(events):
            tied = np.flatnonzero(event & (time == time[i]))
            self.weights[row, time >= time[i]] = 1.0
            self.weights[row, tied] -= np.flatnonzero(tied == i)[0] / len(tied)

    def __call__(self, b: np.ndarray) -> float:
        lp = self.features @ b
        return float(np.sum(self._log_sums(lp) - lp[self.events]) + 0.5 * self.penalty * b @ b)

    def gradient(self, b: np.ndarray) -> np.ndarray:
        lp = self.features @ b
        shares = self.weights * np.exp(lp - self._log_sums(lp)[:, None])
        return np.sum(shares @ self.features - self.features[self.events], axis=0) + self.penalty * b

    def _log_sums(self, lp: np.ndarray) -> np.ndarray:
        return logsumexp(np.broadcast_to(lp, self.weights.shape), b=self.weights, axis=1)


def standardised(values: np.ndarray) -> np.ndarray:
    values = values[:, values.std(axis=0) > 0]
    return (values - values.mean(axis=0)) / values.std(axis=0)


def drawn(seed: int) -> tuple[np.ndarray, Outcome]:
    """Draw 120 patients with two heavy-tailed columns and a flag that few have; times are whole days, some tied."""
    generator = np.random.default_rng(seed)
    spread = generator.uniform(0.5, 3.0, size=2)
    measured = np.exp(spread * generator.normal(size=(120, 2)))
    flag = np.zeros((120, 1))
    flag[generator.choice(120, generator.integers(1, 6), replace=False)] = 1.0
    features = standardised(np.hstack([measured, flag]))
    effects = generator.normal(size=3) * generator.choice([0.3, 1.0, 2.0])
    time = np.ceil(400 * generator.exponential(size=120) * np.exp(-np.clip(features @ effects, -8, 8)) + 0.5)
    censoring = np.ceil(generator.uniform(50, 1500, size=120))
    return features, Outcome(np.minimum(time, censoring), time <= censoring)


def test_objective_by_hand() -> None:
    # At risk at 1: 1 + 2 + 3 + 4 + 5 = 15; at 2: 14, of which the two events have 5, so 14 and 14 - 5 / 2.
    expected = -np.log(1 / 15 * (2 * 3) / (14 * 11.5))
    assert EfronLikelihood(FEATURE, OUTCOME).value(np.array([1.0])) == pytest.approx(expected)


def test_gradient_and_hessian_by_hand_without_an_effect() -> None:
    x = np.array([1.0, 0.0, 1.0, 0.0, 0.0])[:, None]
    gradient, hessian = EfronLikelihood(x, OUTCOME).derivatives(np.zeros(1))
    # Means of x at risk: 2/5 at time 1; 1/4 at time 2, then (1 - 1/2) / (4 - 1).
    assert gradient == pytest.approx([2 / 5 + 1 / 4 + 1 / 6 - 2])
    assert hessian == pytest.approx(np.array([[2 / 5 * 3 / 5 + 1 / 4 * 3 / 4 + 1 / 6 * 5 / 6]]))


def test_derivatives_are_those_of_the_objective() -> None:
    features, outcome = drawn(3)
    likelihood, at = EfronLikelihood(features, outcome), np.array([0.3, -0.2, 0.5])
    assert len(np.unique(outcome.time[outcome.event])) < outcome.n_events
    assert check_grad(likelihood.value, lambda b: likelihood.derivatives(b)[0], at) < 1e-4
    for k in range(3):
        slope = check_grad(
            lambda b, k=k: likelihood.derivatives(b)[0][k], lambda b, k=k: likelihood.derivatives(b)[1][k], at
        )
        assert slope < 1e-4


def test_means_over_risk_sets_do_not_vanish_where_weights_differ_by_thousands_in_logarithm() -> None:
    linear_predictor = np.array([-3000.0, -3000.0, 0.0, 3000.0, 3000.0])
    features = np.arange(10.0).reshape(5, 2)
    means = risk_set_means(features, linear_predictor, np.logaddexp.accumulate(linear_predictor))
    assert means == pytest.approx(np.array([[0, 1], [1, 2], [4, 5], [6, 7], [7, 8]]))


@pytest.mark.parametrize("block", range(9))
def test_540_drawn_fits_reach_the_optimum_of_an_independent_solver(block: int) -> None:
    for seed in range(60 * block, 60 * (block + 1)):
        features, outcome = drawn(seed)
        plain = PlainEfron(features, outcome, 0.1)
        reached = plain(RidgeCox(0.1).fit(features, outcome).coefficients)
        assert check_grad(plain, plain.gradient, np.full(features.shape[1], 0.1)) < 1e-3
        theirs = minimize(plain, np.zeros(features.shape[1]), jac=plain.gradient, method="BFGS")
        assert reached == pytest.approx(theirs.fun, abs=1e-6), seed


def test_a_fit_from_which_halving_towards_zero_never_returns(root: Path) -> None:
    """Standardised covariates of 64 drawn patients; halving without end gives coefficients of 1e-30."""
    folded = pd.read_csv(root / "tests" / "methods" / "shared" / "collapsing_fold.csv")
    features = folded[["a", "b", "c"]].to_numpy()
    outcome = Outcome(folded["time"].to_numpy(float), folded["event"].to_numpy())
    coefficients = RidgeCox(0.1).fit(features, outcome).coefficients
    plain = PlainEfron(features, outcome, 0.1)
    assert coefficients == pytest.approx([0.0941, 0.4764, 0.4150], abs=5e-5)
    assert plain(coefficients) == pytest.approx(153.99, abs=5e-2)
    assert plain(np.zeros(3)) == pytest.approx(162.63, abs=5e-2)
    assert plain.gradient(coefficients) == pytest.approx(np.zeros(3), abs=1e-7)


@pytest.mark.parametrize("name", ["gbsg2", "whas500", "actg320"])
@pytest.mark.parametrize("penalty", [0.1, 20.0])
def test_coefficients_and_curves_are_scikit_survivals_where_it_converges(name: str, penalty: float) -> None:
    loaded = load_dataset(name)
    for split in make_splits(loaded.cohort, folds=5, repeats=1, seed=0):
        train, test = loaded.cohort[split.train], loaded.cohort[split.test]
        vectors = ModalityVectors(20, 0).fit(train.patients.modalities["clinical"])
        features, unseen = (vectors.transform(part.patients.modalities["clinical"]) for part in (train, test))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            # With its own tolerance of 1e-9 on the likelihood it stops up to 1e-5 away from the optimum of ACTG 320.
            theirs = CoxPHSurvivalAnalysis(alpha=penalty, ties="efron", tol=1e-12)
            theirs.fit(features, train.outcome.as_structured())
        ours = RidgeCox(penalty).fit(features, train.outcome)
        np.testing.assert_allclose(ours.coefficients, theirs.coef_, atol=1e-6)
        baseline, times = theirs.cum_baseline_hazard_, np.linspace(0, train.outcome.time.max(), 50)
        hazard = steps_at(baseline.x, baseline.y, times, before=0.0)
        np.testing.assert_allclose(ours.cumulative_hazard(times), hazard, rtol=1e-6)
        curves = proportional_hazards_survival(theirs.predict(unseen), hazard)
        np.testing.assert_allclose(ours.survival(unseen, times), curves, atol=1e-6)


def test_a_penalty_of_its_own_for_each_feature() -> None:
    features, outcome = drawn(5)
    penalty = np.array([0.1, 3.0, 500.0])
    fitted = RidgeCox(penalty).fit(features, outcome)
    gradient, _ = EfronLikelihood(features, outcome).derivatives(fitted.coefficients)
    assert gradient == pytest.approx(-penalty * fitted.coefficients, abs=1e-7)


def test_curves_stay_right_where_one_covariate_tells_nearly_all() -> None:
    """With one covariate that orders the events, everybody is expected to survive until just before their own."""
    time = np.arange(1.0, 401.0)
    outcome = Outcome(time, np.ones(400, dtype=bool))
    features = standardised(-time[:, None])
    fitted = RidgeCox(0.1).fit(features, outcome)
    survival = fitted.survival(features, time)
    assert np.ptp(fitted.linear_predictor(features)) > 100
    assert (np.diff(survival, axis=1) <= 0).all()
    brier = np.mean((survival - (time[:, None] > time)) ** 2)
    assert brier < 0.01


def test_without_a_penalty_the_coefficients_are_the_maximum() -> None:
    outcome = Outcome(np.array([1.0, 2.0, 3.0]), np.array([1, 1, 1]))
    fitted = RidgeCox(0.0).fit(np.array([[0.0], [1.0], [0.0]]), outcome)
    # -log L = log(2 + e^b) + log(1 + e^b) - b is least at e^b = sqrt(2).
    assert fitted.coefficients == pytest.approx([0.5 * np.log(2)])


@pytest.mark.parametrize(
    "features",
    [
        pytest.param([[1.0], [1.0], [0.0], [0.0]], id="a covariate that separates the events"),
        pytest.param([[1.0, 2.0], [0.0, 0.0], [1.0, 2.0], [0.0, 0.0]], id="collinear covariates"),
    ],
)
def test_where_there_is_no_single_maximum_the_fit_fails_by_name(features: list[list[float]]) -> None:
    outcome = Outcome(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 1, 0, 1]))
    with pytest.raises(DidNotConvergeError, match=r"did not converge: .* \(largest component of the gradient .*\)"):
        RidgeCox(0.0).fit(np.array(features), outcome)
    assert np.isfinite(RidgeCox(0.1).fit(np.array(features), outcome).coefficients).all()


def test_features_that_are_not_finite_and_outcomes_without_an_event_are_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        RidgeCox(0.1).fit(np.array([[np.nan], [1.0], [0.0], [0.0], [0.0]]), OUTCOME)
    with pytest.raises(ValueError, match="without an event"):
        RidgeCox(0.1).fit(FEATURE, Outcome(OUTCOME.time, np.zeros(5, dtype=bool)))
