"""Gradient boosting: how many trees are used, and the curves."""

from __future__ import annotations

import numpy as np
import pytest
from sksurv.ensemble import GradientBoostingSurvivalAnalysis

from methods.gradient_boosting import Config, GradientBoosting
from methods.shared.heads.proportional_hazards import mean_partial_log_likelihood

SETTINGS = {"trees": 60, "learning_rate": 0.3}


@pytest.fixture
def fitted(gbsg2, context) -> GradientBoosting:
    method = GradientBoosting(Config(**SETTINGS))
    method.fit(gbsg2.train, gbsg2.validation, context)
    return method


def refitted(method: GradientBoosting, gbsg2, context, trees: int) -> GradientBoostingSurvivalAnalysis:
    """Return the library's model with another number of trees, all else as in the method."""
    settings = method._model.get_params() | {"n_estimators": trees}
    features = method._features.transform(gbsg2.train.patients.table())
    return GradientBoostingSurvivalAnalysis(**settings).fit(features, gbsg2.train.outcome.as_structured())


def test_the_number_of_trees_is_the_best_on_the_validation_part(gbsg2, context, fitted) -> None:
    features = fitted._features.transform(gbsg2.validation.patients.table())
    scores = [
        mean_partial_log_likelihood(refitted(fitted, gbsg2, context, trees).predict(features), gbsg2.validation.outcome)
        for trees in range(1, 61, 3)
    ]
    used = fitted.predict(gbsg2.validation.patients, gbsg2.times).risk
    assert 1 < fitted._used < 60
    assert mean_partial_log_likelihood(used, gbsg2.validation.outcome) >= max(scores)


def test_risk_and_curves_are_those_of_a_model_with_only_these_trees(gbsg2, context, fitted) -> None:
    model = refitted(fitted, gbsg2, context, fitted._used)
    features = fitted._features.transform(gbsg2.test.patients.table())
    prediction = fitted.predict(gbsg2.test.patients, model.unique_times_)
    np.testing.assert_allclose(prediction.risk, model.predict(features), atol=1e-9)
    np.testing.assert_allclose(
        prediction.survival, model.predict_survival_function(features, return_array=True), atol=1e-9
    )
