"""The reference Cox model: its penalty is chosen within the training part, whatever the validation part is."""

import logging

import numpy as np
import pytest

from methods.cox_ph import Config, CoxPH
from methods.shared.features.components import ModalityVectors
from methods.shared.heads.chosen_ridge_cox import chosen_penalty


def test_the_penalty_is_chosen_and_told_of(gbsg2, context, caplog) -> None:
    with caplog.at_level(logging.INFO):
        method = CoxPH(Config())
        method.fit(gbsg2.train, gbsg2.validation, context)
    table = gbsg2.train.patients.modalities["clinical"]
    features = ModalityVectors(20, 0).fit(table).transform(table)
    chosen = chosen_penalty(features, gbsg2.train.outcome, context.derived_seed("penalty"))
    assert f"penalty {chosen:.4g}, chosen in inner folds" in caplog.text
    fixed = CoxPH(Config(penalty=chosen))
    fixed.fit(gbsg2.train, gbsg2.validation, context)
    one, other = (model.predict(gbsg2.test.patients, gbsg2.times) for model in (method, fixed))
    np.testing.assert_array_equal(one.risk, other.risk)
    np.testing.assert_array_equal(one.survival, other.survival)


@pytest.mark.parametrize("rows", [[], [0, 1, 2]])
def test_the_validation_part_changes_nothing(gbsg2, context, rows: list[int]) -> None:
    risks = []
    for validation in (gbsg2.validation, gbsg2.validation[np.array(rows, dtype=np.int64)]):
        method = CoxPH(Config())
        method.fit(gbsg2.train, validation, context)
        risks.append(method.predict(gbsg2.test.patients, gbsg2.times).risk)
    np.testing.assert_array_equal(*risks)


def test_a_fixed_penalty_is_that(gbsg2, context) -> None:
    spread = []
    for penalty in (0.1, 1e4):
        method = CoxPH(Config(penalty=penalty))
        method.fit(gbsg2.train, gbsg2.validation, context)
        spread.append(float(np.std(method.predict(gbsg2.test.patients, gbsg2.times).risk)))
    assert spread[1] < 0.1 * spread[0]
