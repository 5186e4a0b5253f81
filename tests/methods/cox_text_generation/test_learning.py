"""A small student on a real fold says what it was taught, and nothing where it was taught nothing."""

from collections.abc import Callable

import numpy as np
import pytest

from benchmarks.types import Cohort
from methods.cox_text_generation import CoxTextGeneration
from methods.cox_text_generation.training_targets import rank_correlation

Fit = Callable[..., CoxTextGeneration]
Parts = Callable[..., tuple[Cohort, Cohort, Cohort]]

SETTINGS = {"hidden": 32, "learning_rate": 3e-3, "digits": 2, "steps": 400, "aug_rows": 0}


def taught_and_said(fitted: Fit, parts: Parts, **settings: object) -> tuple[np.ndarray, np.ndarray]:
    """Return the teacher's numbers of the test patients, and what the student expects of them."""
    train, validation, test = parts("actg320")
    student = fitted(train, validation, seed=0, **SETTINGS, **settings)
    table = test.patients.table()
    return student.target.numbers(student.teacher.linear_predictor(table)), student.student.expected(table)


def slope(taught: np.ndarray, said: np.ndarray) -> float:
    """Return the least-squares slope of what is said on what is taught: 1 for a copy, 0 for nothing."""
    return float(np.cov(taught, said)[0, 1] / np.var(taught, ddof=1))


@pytest.mark.timeout(300)
def test_the_teachers_numbers_are_learnt(fitted: Fit, parts: Parts) -> None:
    taught, said = taught_and_said(fitted, parts)

    assert rank_correlation(taught, said) >= 0.8
    assert slope(taught, said) >= 0.5


@pytest.mark.timeout(300)
def test_of_permuted_numbers_the_same_is_said_of_everybody(fitted: Fit, parts: Parts) -> None:
    # Of one fold the rank correlation would say little: it ranks differences of hundredths.
    taught, said = taught_and_said(fitted, parts, permute_targets=True)

    assert abs(slope(taught, said)) <= 0.02
