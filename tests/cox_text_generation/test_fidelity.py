"""Five folds of each data set: does the student say what its teacher says, and nothing where there is nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import metrics
from benchmarks.types import TEACHER, Cohort, Prediction
from methods.cox_text_generation import CoxTextGeneration
from methods.cox_text_generation.lessons import rank_correlation

Fit = Callable[..., CoxTextGeneration]
Parts = Callable[..., tuple[Cohort, Cohort, Cohort]]

DATASETS = ["gbsg2", "whas500", "actg320"]
FOLDS = 5

# A student that is taught nothing writes nearly the same of everybody, and which way the rest leans is chance: the
# correlation of one null fold has a standard deviation of up to 0.2. Means within 0.05 take many folds, so these
# students are small and quick; that they would learn, had they something to learn, is shown beside.
NULL_FOLDS = 150
QUICK = {"hidden": 32, "learning_rate": 3e-3, "digits": 2, "steps": 400}
LEARNT = 0.4
LARGEST_ERROR = 0.02

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]


def some_folds(
    fitted: Fit, parts: Parts, dataset: str, times: np.ndarray, folds: int, **settings: Any
) -> dict[str, np.ndarray]:
    """Return, by row, the folds' Spearman correlation with the teacher and C, shape (folds, 2)."""
    found: dict[str, list[tuple[float, float]]] = {}
    for fold in range(folds):
        train, validation, test = parts(dataset, fold)
        # A seed of its own for each, as in a run: students of one seed begin with the same opinions.
        said = fitted(train, validation, seed=fold, **settings).predict(test.patients, times)
        for name, row in said.rows().items():
            rank = rank_correlation(row.risk, said.variants[TEACHER].risk)
            found.setdefault(name, []).append((rank, _concordance(test, row)))
    return {name: np.array(rows) for name, rows in found.items()}


@pytest.mark.parametrize(("aug_rows", "at_least"), [(6000, 0.97), (0, 0.9)])
@pytest.mark.parametrize("dataset", DATASETS)
def test_the_student_ranks_patients_as_its_teacher_does(
    fitted: Fit, parts: Parts, times: np.ndarray, dataset: str, aug_rows: int, at_least: float
) -> None:
    found = some_folds(fitted, parts, dataset, times, FOLDS, aug_rows=aug_rows)

    teacher_c = found[TEACHER][:, 1].mean()
    for row in ("", "expected"):
        rank, c = found[row].mean(0)
        assert rank >= at_least
        assert abs(c - teacher_c) <= 0.03


@pytest.mark.parametrize("aug_rows", [6000, 0])
@pytest.mark.parametrize("dataset", DATASETS)
def test_permuted_targets_teach_nothing(
    fitted: Fit, parts: Parts, times: np.ndarray, dataset: str, aug_rows: int
) -> None:
    settings = {**QUICK, "aug_rows": aug_rows}
    taught = some_folds(fitted, parts, dataset, times, FOLDS, **settings)
    null = some_folds(fitted, parts, dataset, times, NULL_FOLDS, permute_targets=True, **settings)

    for row in ("", "expected"):
        means = null[row].mean(0)
        errors = null[row].std(0, ddof=1) / NULL_FOLDS**0.5
        learnt = taught[row][:, 0].mean()
        told = (
            f"{row or 'written'}: rank correlation {means[0]:.4f} (standard error {errors[0]:.4f}), "
            f"C {means[1]:.4f} ({errors[1]:.4f}), rank correlation with true targets {learnt:.3f}"
        )
        # Shown by pytest -rP.
        print(told)
        assert learnt >= LEARNT, told
        assert errors[0] <= LARGEST_ERROR, told
        assert abs(means[0]) <= 0.05, told
        assert abs(means[1] - 0.5) <= 0.05, told


def _concordance(test: Cohort, row: Prediction) -> float:
    return float(metrics.concordance_index(test.outcome.time, test.outcome.event, row.risk))
