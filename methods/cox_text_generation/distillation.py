"""Training of the student on prompts and the numbers the teacher would write."""

import torch

from benchmarks.types import Context
from methods.cox_text_generation.pretrained_student import PretrainedStudent
from methods.cox_text_generation.student import Student
from methods.cox_text_generation.training_targets import TrainingTargets
from methods.shared.training.loop import TrainingRecord, TrainingSettings, train


def distil(
    student: Student | PretrainedStudent,
    targets: TrainingTargets,
    rounds: tuple[int, int],
    settings: TrainingSettings,
    *,
    shuffle_columns: bool,
    context: Context,
) -> TrainingRecord:
    """Train the student in place by the completion loss.

    The validation loss is that of the numbers it writes.

    Parameters
    ----------
    student : Student or PretrainedStudent
        Not taught yet.
    targets : TrainingTargets
        n covariate vectors, the numbers to write of them, and patients to select on.
    rounds : tuple of two ints
        Rows of a batch, and batches between two looks at the validation part.
    settings : TrainingSettings
        Of the shared loop.
    shuffle_columns : bool
        Whether a prompt's covariates come in a new random order each time it is read; otherwise in the table's.
    context : Context
        Of the fit.

    Raises
    ------
    MemoryError
        If a GPU has too little memory; it says which settings need less.
    """
    orders = context.generator("column order") if shuffle_columns else None
    lesson = student.lesson(targets.tables, targets.numbers, rounds, orders)

    def validation_loss() -> float:
        return targets.selection_loss(student.written(targets.validation).numbers)

    try:
        return train(student.module, lesson.loss, validation_loss, lesson.batches, settings, context)
    except torch.OutOfMemoryError as error:
        raise MemoryError(
            "the GPU's memory does not suffice; take --set accumulate=2 or more, checkpointing=true, trained=lora or "
            "fewer last_layers"
        ) from error
