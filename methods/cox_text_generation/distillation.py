"""Training of the student on prompts and the numbers the teacher would write."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.stats import rankdata
from torch import Tensor

from benchmarks.types import Context, FloatArray, IntArray, Table
from methods.cox_text_generation.language_model import completion_losses
from methods.cox_text_generation.student import Student
from methods.shared.training import TrainingRecord, TrainingSettings, train

PERMUTATIONS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Covariate vectors and what the teacher says of them.

    Parameters
    ----------
    tables : tuple of Table
        Covariates, n rows together.
    numbers : array, shape (n,)
        The numbers to write.
    """

    tables: tuple[Table, ...]
    numbers: FloatArray


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds of a fixed number of batches, each round drawn from as many shuffles of the rows as it needs.

    The validation part is scored after each round, so that rounds are of one length however many rows there are.
    """

    rows: int
    size: int
    batches: int

    def __call__(self, generator: np.random.Generator) -> list[IntArray]:
        """Return the batches of one round."""
        needed = self.size * self.batches
        shuffles = [generator.permutation(self.rows) for _ in range(-(-needed // self.rows))]
        return np.split(np.concatenate(shuffles)[:needed], self.batches)


def distil(
    student: Student,
    lessons: Lessons,
    validation: Table,
    validation_risk: FloatArray,
    rounds: Rounds,
    settings: TrainingSettings,
    *,
    shuffle_columns: bool,
    context: Context,
) -> TrainingRecord:
    """Train the student in place by the completion loss.

    The validation loss is minus the Spearman correlation of the numbers it writes with the teacher's risk: the epoch
    whose answers are best is kept, not the one whose token probabilities are. No outcome enters.

    Parameters
    ----------
    student : Student
        Untrained.
    lessons : Lessons
        n prompts and numbers.
    validation, validation_risk : Table, array of shape (k,)
        Patients to select on and the teacher's risk of them.
    rounds : Rounds
        Sampler of batches.
    settings : TrainingSettings
        Of the shared loop.
    shuffle_columns : bool
        Whether a prompt's covariates come in a new random order each time it is read; otherwise in the table's.
    context : Context
        Of the fit.
    """
    fields = [patient for table in lessons.tables for patient in student.prompts.fields(table)]
    answers = student.answers(lessons.numbers)
    orders = context.generator("column order")
    in_order = [] if shuffle_columns else [student.ids(patient) for patient in fields]

    def prompts(rows: IntArray) -> list[list[int]]:
        if in_order:
            return [in_order[row] for row in rows]
        return [student.ids(fields[row], orders.permutation(len(fields[row]))) for row in rows]

    def loss(rows: IntArray) -> Tensor:
        batch = student.padded(prompts(rows))
        return completion_losses(student.model, batch, answers[torch.from_numpy(rows)]).mean()

    def validation_loss() -> float:
        return -rank_correlation(student.written(validation).numbers, validation_risk)

    return train(student.model, loss, validation_loss, rounds, settings, context)


def rank_correlation(first: FloatArray, second: FloatArray) -> float:
    """Return Spearman's correlation, 0 if one of the two is constant."""
    ranks = np.array([rankdata(first), rankdata(second)])
    ranks -= ranks.mean(1, keepdims=True)
    scale = float(np.sqrt((ranks[0] @ ranks[0]) * (ranks[1] @ ranks[1])))
    return float(ranks[0] @ ranks[1]) / scale if scale > 0 else 0.0


def permuted(values: FloatArray, generator: np.random.Generator) -> FloatArray:
    """Return values in a random order that has nothing to do with theirs: the null of every claim of learning.

    A random order still agrees with the true one by chance, and a student learns even that. Of 100 orders the one
    with the smallest rank correlation is taken, so that a few folds suffice to tell learning from leaking.
    """
    orders = [generator.permutation(len(values)) for _ in range(PERMUTATIONS)]
    return values[min(orders, key=lambda order: abs(rank_correlation(values[order], values)))]
