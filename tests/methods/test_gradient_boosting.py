"""Gradient boosting: how many trees are used, and the curves."""

from __future__ import annotations

import logging
import re

import numpy as np
import pytest
from sksurv.ensemble import GradientBoostingSurvivalAnalysis

from methods.gradient_boosting import Config, GradientBoosting
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.proportional_hazards import mean_partial_log_likelihood

PARTS = ("train", "validation", "test")
SETTINGS = {"trees": 60, "learning_rate": 0.3}


@pytest.fixture
def fitted(gbsg2, context) -> GradientBoosting:
    method = GradientBoosting(Config(**SETTINGS))
    method.fit(gbsg2.train, gbsg2.validation, context)
    return method


@pytest.fixture
def features(gbsg2):
    preprocessor = TabularPreprocessor().fit(gbsg2.train.patients.table())
    return {name: preprocessor.transform(getattr(gbsg2, name).patients.table()) for name in PARTS}


def librarys(gbsg2, features, context, trees: int) -> GradientBoostingSurvivalAnalysis:
    """Return the library's model with so many trees, all else as in the method."""
    config = Config(**SETTINGS)
    model = GradientBoostingSurvivalAnalysis(
        n_estimators=trees,
        learning_rate=config.learning_rate,
        max_depth=config.depth,
        min_samples_leaf=config.leaf_size,
        subsample=config.subsample,
        random_state=context.derived_seed("trees"),
    )
    return model.fit(features["train"], gbsg2.train.outcome.as_structured())


def test_the_number_of_trees_is_the_best_on_the_validation_part(gbsg2, context, features, fitted) -> None:
    scores = [
        mean_partial_log_likelihood(
            librarys(gbsg2, features, context, trees).predict(features["validation"]), gbsg2.validation.outcome
        )
        for trees in range(1, 61, 3)
    ]
    used = fitted.predict(gbsg2.validation.patients, gbsg2.times).risk
    assert mean_partial_log_likelihood(used, gbsg2.validation.outcome) >= max(scores)


def test_risk_and_curves_are_those_of_a_model_with_only_these_trees(gbsg2, context, features, caplog) -> None:
    method = GradientBoosting(Config(**SETTINGS))
    with caplog.at_level(logging.INFO):
        method.fit(gbsg2.train, gbsg2.validation, context)
    (trees,) = re.findall(r"(\d+) of 60 trees used", caplog.text)
    assert 1 < int(trees) < 60
    model = librarys(gbsg2, features, context, int(trees))
    prediction = method.predict(gbsg2.test.patients, model.unique_times_)
    np.testing.assert_allclose(prediction.risk, model.predict(features["test"]), atol=1e-9)
    np.testing.assert_allclose(
        prediction.survival, model.predict_survival_function(features["test"], return_array=True), atol=1e-9
    )
