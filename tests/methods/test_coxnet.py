"""Elastic-net Cox regression: its limits, the choice of the penalty, its curves."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sksurv.linear_model import CoxnetSurvivalAnalysis, CoxPHSurvivalAnalysis

from methods.coxnet import Config, Coxnet
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.proportional_hazards import mean_partial_log_likelihood


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
    path = CoxnetSurvivalAnalysis(l1_ratio=0.5, alpha_min_ratio=1e-3)
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
    path = CoxnetSurvivalAnalysis(l1_ratio=0.5, alpha_min_ratio=1e-3, fit_baseline_model=True)
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
    with pytest.raises(ConvergenceWarning, match="terminated early"):
        Coxnet(Config()).fit(gbsg2.train, gbsg2.validation, context)
