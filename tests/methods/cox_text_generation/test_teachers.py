"""The teachers: each is the model its name says, and its student's curves follow from what it writes."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sksurv.nonparametric import kaplan_meier_estimator

from benchmarks.catalog.settings import build_config
from benchmarks.errors import UsageError
from benchmarks.types import TEACHER, Cohort, Context, Outcome, Patients, Table
from methods.cox_text_generation import Config, CoxTextGeneration
from methods.cox_text_generation.augmentation import part_of
from methods.cox_text_generation.targets import make_target
from methods.cox_text_generation.teachers import CoxTeacher, ForestTeacher, KaplanMeierTeacher
from methods.random_survival_forest import Config as ForestConfig
from methods.random_survival_forest import RandomSurvivalForest
from methods.shared.curves import proportional_hazards_survival

Fit = Callable[..., CoxTextGeneration]
Parts = Callable[..., tuple[Cohort, Cohort, Cohort]]

QUICK = {"hidden": 16, "layers": 1, "heads": 2, "steps": 4, "evaluate_every": 2, "batch_size": 16, "aug_rows": 50}


def test_a_cox_model_of_products_finds_an_interaction_that_the_plain_one_cannot() -> None:
    cohort = _interaction(np.random.default_rng(0), n=600)
    table = cohort.patients.table()
    truth = table.frame["a"].to_numpy() * table.frame["b"].to_numpy()

    plain, products = (CoxTeacher(cohort, 0.1, products=on).linear_predictor(table) for on in (False, True))

    assert abs(np.corrcoef(plain, truth)[0, 1]) < 0.2
    assert np.corrcoef(products, truth)[0, 1] > 0.95


def test_products_are_all_squares_and_pairs_of_the_covariates(gbsg2: Cohort) -> None:
    plain, products = CoxTeacher(gbsg2, 0.1), CoxTeacher(gbsg2, 0.1, products=True)
    p = len(plain.model.coefficients)

    # Standardised, a square of a column with two values is as good as that column, and constant if they are +1, -1.
    assert p + p * (p - 1) / 2 <= len(products.model.coefficients) <= 2 * p + p * (p - 1) / 2
    assert np.isfinite(products.linear_predictor(gbsg2.patients.table())).all()


def test_the_forest_is_the_suites_and_the_student_meets_it_at_the_horizon(
    parts: Parts, context: Context, times: np.ndarray
) -> None:
    train, validation, test = parts("whas500")
    table = test.patients.table()
    forest = RandomSurvivalForest(ForestConfig())
    forest.fit(train, validation, context)

    teacher = ForestTeacher(train, context)
    risk = teacher.linear_predictor(table)
    horizon = np.array([teacher.horizon])
    perfect = proportional_hazards_survival(risk, teacher.cumulative_hazard(horizon))

    np.testing.assert_array_equal(teacher.survival(table, times), forest.predict(test.patients, times).survival)
    np.testing.assert_allclose(perfect, teacher.survival(table, horizon), rtol=1e-9)
    target = make_target(
        "event_prob",
        3,
        train_linear_predictor=risk,
        cumulative_hazard=float(teacher.cumulative_hazard(horizon)[0]),
    )
    np.testing.assert_allclose(target.numbers(risk), 100 * (1 - perfect[:, 0]), rtol=1e-9)


def test_kaplan_meier_says_the_same_of_everybody(parts: Parts, times: np.ndarray) -> None:
    train, _, test = parts("actg320")
    knots, curve = kaplan_meier_estimator(train.outcome.event, train.outcome.time)

    teacher = KaplanMeierTeacher(train)
    table = test.patients.table()
    risk = teacher.linear_predictor(table)
    own = teacher.survival(table, knots)

    np.testing.assert_array_equal(risk, 0.0)
    np.testing.assert_allclose(own, np.tile(curve, (len(table), 1)))
    np.testing.assert_allclose(proportional_hazards_survival(risk, teacher.cumulative_hazard(knots)), own, rtol=1e-9)


@pytest.mark.parametrize("teacher", ["cox_poly2", "rsf", "km"])
@pytest.mark.parametrize("target", ["event_prob", "rank", "log_hr"])
def test_every_teacher_teaches_every_target(
    fitted: Fit, parts: Parts, times: np.ndarray, teacher: str, target: str
) -> None:
    train, validation, test = parts("actg320")

    said = fitted(train, validation, teacher=teacher, target=target, **QUICK).predict(test.patients, times)

    assert set(said.rows()) == {"", "expected", TEACHER}
    assert (np.ptp(said.variants[TEACHER].risk) > 0) == (teacher != "km")


def test_a_student_of_kaplan_meier_learns_its_one_number(fitted: Fit, parts: Parts, times: np.ndarray) -> None:
    train, validation, test = parts("gbsg2")
    settings = {**QUICK, "steps": 120, "evaluate_every": 40, "learning_rate": 3e-3}

    method = fitted(train, validation, teacher="km", **settings)
    said = method.predict(test.patients, times)

    at_horizon = method.teacher.survival(test.patients.table(), np.array([method.teacher.horizon]))[0, 0]
    assert said.risk.tolist() == [round(100 * (1 - at_horizon), 1)] * len(test)


def test_a_share_of_the_training_patients_teaches(fitted: Fit, parts: Parts, context: Context) -> None:
    train, validation, _ = parts("gbsg2")
    few = part_of(train, 0.25, context.generator("train fraction"))

    part, whole = (
        fitted(cohort, validation, **QUICK, **more) for cohort, more in ((train, {"train_fraction": 0.25}), (few, {}))
    )

    assert isinstance(part.teacher, CoxTeacher)
    assert isinstance(whole.teacher, CoxTeacher)
    np.testing.assert_array_equal(part.teacher.model.coefficients, whole.teacher.model.coefficients)
    assert part.student.fallback == whole.student.fallback


def test_shares_are_stratified_by_event_and_nested(gbsg2: Cohort) -> None:
    small, large = (part_of(gbsg2, share, np.random.default_rng(0)) for share in (0.1, 0.5))

    assert small.outcome.event.sum() == np.ceil(0.1 * gbsg2.outcome.event.sum())
    assert len(small) - small.outcome.event.sum() == np.ceil(0.1 * (~gbsg2.outcome.event).sum())
    assert set(small.patients.ids) < set(large.patients.ids)
    assert part_of(gbsg2, 1.0, np.random.default_rng(0)) is gbsg2


@pytest.mark.parametrize("fraction", ["0", "1.5", "-0.1"])
def test_a_share_that_is_none_is_told(fraction: str) -> None:
    with pytest.raises(UsageError, match="train_fraction"):
        build_config("cox_text_generation", Config, {"train_fraction": fraction})


def _interaction(rng: np.random.Generator, n: int) -> Cohort:
    """Draw exponential times whose log hazard is the product of two covariates."""
    a, b = rng.normal(size=(2, n))
    event_time = rng.exponential(np.exp(-a * b))
    censoring = rng.exponential(2.0, n)
    outcome = Outcome(np.minimum(event_time, censoring), event_time <= censoring)
    ids = np.array([str(row) for row in range(n)])
    table = Table(pd.DataFrame({"a": a, "b": b}))
    return Cohort(Patients(ids, {"clinical": table}), outcome, "days")
