"""Elastic-net Cox regression: its limits, the choice of the penalty, its curves."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.exceptions import ConvergenceWarning
from sksurv.linear_model import CoxnetSurvivalAnalysis, CoxPHSurvivalAnalysis

from benchmarks.types import Outcome
from methods.coxnet import Config, Coxnet
from methods.coxnet.method import elastic_net_path
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.proportional_hazards import mean_partial_log_likelihood
from methods.shared.heads.ridge_cox import DidNotConvergeError


@pytest.fixture
def features(gbsg2):
    preprocessor = TabularPreprocessor().fit(gbsg2.train.patients.table())
    return {
        part: preprocessor.transform(getattr(gbsg2, part).patients.table()) for part in ("train", "validation", "test")
    }


def test_with_a_tiny_penalty_it_is_the_cox_model(gbsg2, features, context) -> None:
    # Trained and selected on the same patients: the smallest penalty has the highest partial likelihood. A short path,
    # because a long one ends where a smaller penalty changes little.
    method = Coxnet(Config(path_length=3, smallest_penalty=1e-8))
    method.fit(gbsg2.train, gbsg2.train, context)
    cox = CoxPHSurvivalAnalysis(ties="breslow").fit(features["train"], gbsg2.train.outcome.as_structured())
    prediction = method.predict(gbsg2.test.patients, gbsg2.times)
    survival = prediction.survival
    coefficients, _, rank, _ = np.linalg.lstsq(features["test"], prediction.risk)  # the risk is linear in them
    assert rank == len(cox.coef_)
    np.testing.assert_allclose(coefficients, cox.coef_, atol=3e-3)
    functions = cox.predict_survival_function(features["test"])
    inside = gbsg2.times[gbsg2.times >= gbsg2.train.outcome.time.min()]
    expected = np.array([function(inside) for function in functions])
    np.testing.assert_allclose(survival[:, gbsg2.times >= inside[0]], expected, atol=2e-3)


def test_the_penalty_is_the_best_of_the_path_on_the_validation_part(gbsg2, features, context, caplog) -> None:
    with caplog.at_level(logging.INFO):
        method = Coxnet(Config())
        method.fit(gbsg2.train, gbsg2.validation, context)
    path = CoxnetSurvivalAnalysis(l1_ratio=0.5, alpha_min_ratio=1e-3, tol=1e-12)
    path.fit(features["train"], gbsg2.train.outcome.as_structured())
    scores = [
        mean_partial_log_likelihood(path.predict(features["validation"], alpha=alpha), gbsg2.validation.outcome)
        for alpha in path.alphas_
    ]
    risk = method.predict(gbsg2.test.patients, gbsg2.times).risk
    np.testing.assert_allclose(risk, features["test"] @ path.coef_[:, int(np.argmax(scores))], atol=1e-12)
    assert f"number {np.argmax(scores) + 1} of {len(scores)} on the path" in caplog.text


def test_curves_are_those_of_the_librarys_baseline_model(gbsg2, features, context) -> None:
    method = Coxnet(Config())
    method.fit(gbsg2.train, gbsg2.validation, context)
    path = CoxnetSurvivalAnalysis(l1_ratio=0.5, alpha_min_ratio=1e-3, tol=1e-12, fit_baseline_model=True)
    path.fit(features["train"], gbsg2.train.outcome.as_structured())
    risk = method.predict(gbsg2.test.patients, gbsg2.times).risk
    chosen = int(np.abs(features["test"] @ path.coef_ - risk[:, np.newaxis]).max(axis=0).argmin())
    times = path.unique_times_
    theirs = path.predict_survival_function(features["validation"], alpha=path.alphas_[chosen], return_array=True)
    np.testing.assert_allclose(method.predict(gbsg2.validation.patients, times).survival, theirs, atol=1e-9)


def test_a_path_that_does_not_converge_is_an_error(gbsg2, context, monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(*_: object) -> None:
        warnings.warn("Optimization terminated early", ConvergenceWarning, stacklevel=1)

    monkeypatch.setattr(CoxnetSurvivalAnalysis, "fit", fit)
    with pytest.raises(DidNotConvergeError, match="did not converge: Optimization terminated early"):
        Coxnet(Config()).fit(gbsg2.train, gbsg2.validation, context)


def test_coefficients_that_are_not_at_the_minimum_are_an_error(gbsg2, context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("methods.coxnet.method.SMALLEST_CHANGE", 1e-2)
    with pytest.raises(DidNotConvergeError, match=r"did not converge: .* from the minimum"):
        Coxnet(Config()).fit(gbsg2.train, gbsg2.validation, context)


def heavy_tailed(seed: int) -> tuple[np.ndarray, Outcome]:
    """Draw 120 patients with two lognormal columns and a flag that few have, standardised; times are whole days."""
    generator = np.random.default_rng(seed)
    columns = np.exp(generator.uniform(0.5, 3.0, size=2) * generator.normal(size=(120, 2)))
    flag = np.zeros((120, 1))
    flag[generator.choice(120, generator.integers(1, 6), replace=False)] = 1.0
    features = np.hstack([columns, flag])
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    log_hazard = features @ (generator.normal(size=3) * generator.choice([0.3, 1.0, 2.0]))
    time = np.ceil(400 * generator.exponential(size=120) * np.exp(-log_hazard.clip(-8, 8)))
    censoring = np.ceil(generator.uniform(50, 1500, size=120))
    return features, Outcome(np.minimum(time, censoring), time <= censoring)


class Objective:
    """Minus log partial likelihood / n and the penalty, of the positive and negative parts of coefficients."""

    def __init__(self, features: np.ndarray, outcome: Outcome, penalty: float, l1_ratio: float) -> None:
        self.features, self.event = features, np.asarray(outcome.event)
        self.at_risk = outcome.time >= outcome.time[self.event][:, None]
        self.lasso, self.ridge = penalty * l1_ratio, penalty * (1 - l1_ratio)

    def __call__(self, parts: np.ndarray) -> tuple[float, np.ndarray]:
        b = np.subtract(*np.split(parts, 2))
        lp = self.features @ b
        log_sums = logsumexp(np.broadcast_to(lp, self.at_risk.shape), b=self.at_risk, axis=1)
        shares = self.at_risk * np.exp(lp - log_sums[:, None])
        value = np.sum(log_sums - lp[self.event]) / len(lp) + 0.5 * self.ridge * b @ b + self.lasso * parts.sum()
        slope = (shares.sum(axis=0) - self.event) @ self.features / len(lp) + self.ridge * b
        return float(value), np.concatenate([slope, -slope]) + self.lasso


@pytest.mark.parametrize("block", range(4))
def test_200_drawn_paths_reach_the_optimum_of_an_independent_solver(block: int) -> None:
    for seed in range(50 * block, 50 * (block + 1)):
        features, outcome = heavy_tailed(seed)
        penalties, path = elastic_net_path(Config(), features, outcome)
        for place in (len(penalties) // 2, -1):
            objective = Objective(features, outcome, penalties[place], 0.5)
            parts = np.concatenate([np.maximum(path[:, place], 0), np.maximum(-path[:, place], 0)])
            settings = {"ftol": 1e-15, "gtol": 1e-10}
            theirs = minimize(objective, parts, jac=True, method="L-BFGS-B", bounds=[(0, None)] * 6, options=settings)
            # Of the sum over the patients.
            assert 120 * objective(parts)[0] == pytest.approx(120 * theirs.fun, abs=1e-6), seed
