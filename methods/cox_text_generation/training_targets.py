"""What the student is taught: covariate vectors, the numbers to write of them, and what the best student is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from benchmarks.types import Cohort, Context, FloatArray, IntArray, Table
from methods.cox_text_generation.augmentation import recombined
from methods.cox_text_generation.config import Config
from methods.cox_text_generation.observed import concordance, event_ranks
from methods.cox_text_generation.targets import Target
from methods.cox_text_generation.teachers import Teacher

PERMUTATIONS = 100


@dataclass(frozen=True, slots=True, eq=False)
class TrainingTargets:
    """Covariate vectors and the numbers to write of them.

    Parameters
    ----------
    tables : tuple of Table
        Covariates, n rows together, the training patients first.
    numbers : array, shape (n,)
        The numbers to write.
    median : float
        Of the training patients' numbers, before any permutation.
    validation : Table
        k patients to select on.
    selection_loss : callable
        Loss of k numbers written of them; the student with the smallest one is kept.
    ranks_as_teacher : bool
        Whether that loss is minus the rank correlation with a teacher.
    """

    tables: tuple[Table, ...]
    numbers: FloatArray
    median: float
    validation: Table
    selection_loss: Callable[[FloatArray], float]
    ranks_as_teacher: bool


def targets_of_teacher(
    teacher: Teacher, target: Target, train: Table, validation: Table, config: Config, context: Context
) -> TrainingTargets:
    """Return the teacher's numbers of training patients and recombined ones; no outcome enters.

    Selection is by the rank correlation of what is written with the teacher's risk: the student whose answers are
    best is kept, not the one whose token probabilities are. Where the teacher says the same of everybody there is no
    such correlation, and selection is by the mean absolute error.
    """
    tables: tuple[Table, ...] = (train,)
    if config.recipe.aug_rows:
        tables += (recombined(train, config.recipe.aug_rows, context.generator("augmentation")),)
    risk = np.concatenate([teacher.linear_predictor(part) for part in tables])
    median = float(np.median(target.numbers(risk[: len(train)])))
    selection_risk = teacher.linear_predictor(validation)
    if config.permute_targets:
        generator = context.generator("permutation")
        risk, selection_risk = permuted(risk, generator), permuted(selection_risk, generator)
    ranked = bool(np.ptp(selection_risk) > 0)
    # Rounded as they are to be written: else the training median, taken where a text says no number, could be nearer.
    to_write = target.format.rounded(target.numbers(selection_risk))

    def selection_loss(written: FloatArray) -> float:
        if ranked:
            return -rank_correlation(written, selection_risk)
        return float(np.abs(written - to_write).mean())

    return TrainingTargets(tables, target.numbers(risk), median, validation, selection_loss, ranked)


def targets_of_outcomes(train: Cohort, validation: Cohort, config: Config, context: Context) -> TrainingTargets:
    """Return the ranks of what was observed of the training patients; selection is by C of the validation part."""
    numbers = event_ranks(train.outcome, config.digits)
    median = float(np.median(numbers))
    outcome = validation.outcome
    if config.permute_targets:
        generator = context.generator("permutation")
        numbers = permuted(numbers, generator)
        outcome = outcome.take(null_order(outcome.time, generator))

    def selection_loss(written: FloatArray) -> float:
        return -concordance(outcome, written)

    tables = (train.patients.table().blanked(),)
    to_select_on = validation.patients.table().blanked()
    return TrainingTargets(tables, numbers, median, to_select_on, selection_loss, ranks_as_teacher=False)


def rank_correlation(first: FloatArray, second: FloatArray) -> float:
    """Return Spearman's correlation, 0 if one of the two is constant."""
    ranks = np.array([rankdata(first), rankdata(second)])
    ranks -= ranks.mean(1, keepdims=True)
    scale = float(np.sqrt((ranks[0] @ ranks[0]) * (ranks[1] @ ranks[1])))
    return float(ranks[0] @ ranks[1]) / scale if scale > 0 else 0.0


def permuted(values: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Return values in a random order that has nothing to do with theirs: the null of every claim of learning."""
    return values[null_order(values, generator)]


def null_order(values: FloatArray, generator: np.random.Generator) -> IntArray:
    """Return a random order in which values have no rank correlation with themselves.

    A random order still agrees with the true one by chance, and a student learns even that. Of 100 orders the one
    with the smallest rank correlation is taken, so that a few folds suffice to tell learning from leaking.
    """
    orders = [generator.permutation(len(values)) for _ in range(PERMUTATIONS)]
    return min(orders, key=lambda order: abs(rank_correlation(values[order], values)))
