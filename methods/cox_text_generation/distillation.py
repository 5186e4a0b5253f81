"""Training of the student on prompts and the numbers the teacher would write."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.types import Context, IntArray
from methods.cox_text_generation.language_model import completion_losses
from methods.cox_text_generation.student import Student
from methods.cox_text_generation.training_targets import TrainingTargets
from methods.shared.training.loop import TrainingRecord, TrainingSettings, train


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
    targets: TrainingTargets,
    rounds: Rounds,
    settings: TrainingSettings,
    *,
    shuffle_columns: bool,
    context: Context,
) -> TrainingRecord:
    """Train the student in place by the completion loss.

    The validation loss is that of the numbers it writes.

    Parameters
    ----------
    student : Student
        Untrained.
    targets : TrainingTargets
        n covariate vectors, the numbers to write of them, and patients to select on.
    rounds : Rounds
        Sampler of batches.
    settings : TrainingSettings
        Of the shared loop.
    shuffle_columns : bool
        Whether a prompt's covariates come in a new random order each time it is read; otherwise in the table's.
    context : Context
        Of the fit.
    """
    fields = [patient for table in targets.tables for patient in student.prompts.fields(table)]
    answers = student.answers(targets.numbers)
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
        return targets.selection_loss(student.written(targets.validation).numbers)

    return train(student.model, loss, validation_loss, rounds, settings, context)
