"""Training of the student: modality heads alone, then everything by survival loss and text loss together."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.types import Context, FloatArray, IntArray, Outcome
from methods.llm_distillation.config import TUNED, Config
from methods.llm_distillation.fusion import ModalityHead
from methods.llm_distillation.losses import Lesson, batch_losses
from methods.llm_distillation.student import Read, Student, StudentNetwork
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.text import SimilarLengthBatches
from methods.shared.training.batches import ShuffledBatches
from methods.shared.training.loop import TrainingRecord, TrainingSettings, train

# Of modality heads alone: they are small, and their patients in memory.
ALONE_EPOCHS = 200
ALONE_PATIENCE = 20
ALONE_BATCH = 64


def make_lesson(
    student: Student, read: Read, outcome: Outcome, texts: Sequence[str | None], weights: FloatArray, head: SurvivalHead
) -> Lesson:
    """Return what the student is taught; the frozen layers read prompts and answers, once."""
    answers = student.answers(texts)
    together = [[*prompt, *answer] for prompt, answer in zip(read.ids, answers, strict=True)]
    device = student.network.language.device
    return Lesson(
        student.network.language.read(together),
        np.array([len(answer) for answer in answers]),
        torch.as_tensor(weights, dtype=torch.float32, device=device),
        read.vectors,
        read.present,
        tuple(label.to(device) for label in head.labels(outcome)),
    )


def train_modality_heads(
    student: Student, head: SurvivalHead, lesson: Lesson, held_out: Read, validation: Outcome, context: Context
) -> None:
    """Train the head of each modality but the text alone, on the patients who have it, in place.

    Each is stopped by the survival loss of the validation patients who have the modality.

    Raises
    ------
    ValueError
        If that has no loss: no validation patient has it, or the Cox head finds no event among those who do.
    """
    config = student.config
    labels = tuple(label.to(lesson.present.device) for label in head.labels(validation))
    for place, name in enumerate(student.measurements.names):
        alone = student.network.fusion.heads[place]
        assert isinstance(alone, ModalityHead)
        there = torch.nonzero(lesson.present[:, place + 1])[:, 0]
        there_held_out = torch.nonzero(held_out.present[:, place + 1])[:, 0]

        def loss(
            rows: IntArray, module: ModalityHead = alone, have: Tensor = there, place: int = place
        ) -> Tensor | None:
            chosen = have[torch.as_tensor(rows, device=have.device)]
            return head.loss(module(lesson.vectors[place][chosen])[1], *(label[chosen] for label in lesson.labels))

        def held_out_loss(
            module: ModalityHead = alone, have: Tensor = there_held_out, place: int = place, name: str = name
        ) -> float:
            outputs = module(held_out.vectors[place][have])[1]
            value = head.loss(outputs, *(label[have] for label in labels)) if len(have) else None
            if value is None:
                raise ValueError(f"no validation patient with modality {name!r} has an event: it stops no training")
            return float(value)

        settings = TrainingSettings(
            learning_rate=config.head_rate,
            weight_decay=config.weight_decay,
            epochs=ALONE_EPOCHS,
            patience=ALONE_PATIENCE,
            clip_norm=1.0,
        )
        train(
            alone,
            loss,
            held_out_loss,
            ShuffledBatches(len(there), ALONE_BATCH),
            settings,
            context,
            name=f"alone {name}",
        )


def distil(
    student: Student,
    head: SurvivalHead,
    lesson: Lesson,
    validation_loss: Callable[[], float],
    context: Context,
) -> TrainingRecord:
    """Train the student in place by L = L_survival + lambda L_text.

    Raises
    ------
    MemoryError
        If a GPU has too little memory; it says which settings need less.
    """
    config = student.config
    lengths = np.array([len(ids) for ids in lesson.texts.ids])
    size = config.recipe.batch_size

    def loss(rows: IntArray) -> Tensor | None:
        survival, text = batch_losses(student.network, lesson, rows, head)
        if text is None or not config.text_loss:
            return survival
        return config.text_weight * text if survival is None else survival + config.text_weight * text

    try:
        return train(
            student.network,
            loss,
            validation_loss,
            SimilarLengthBatches(lengths, size, -(-len(lengths) // size)),
            config.training(len(lengths)),
            context,
            parameters=parameter_groups(student.network, config),
        )
    except torch.OutOfMemoryError as error:
        raise MemoryError(
            "the GPU's memory does not suffice; take a smaller batch_size with more accumulate, checkpointing=true, "
            "trained=lora or a smaller trained_fraction"
        ) from error


def parameter_groups(network: StudentNetwork, config: Config) -> list[dict[str, Any]]:
    """Return the trained parameters by learning rate; vectors do not decay.

    Modality heads that were trained alone go on at a tenth of the rate (``tuned``) or not at all (``frozen``).
    """
    language = network.language.trainable()
    heads = [] if config.fusion == "text" else list(network.fusion.heads.parameters())
    of_heads = {id(parameter) for parameter in heads}
    rest = [parameter for parameter in network.fusion.parameters() if id(parameter) not in of_heads]
    if config.modality_heads == "frozen":
        for parameter in heads:
            parameter.requires_grad_(False)
        heads = []
    rate = config.head_rate * (TUNED if config.modality_heads == "tuned" else 1.0)
    groups = []
    for parameters, learning_rate in ((language, config.recipe.language_rate), (rest, config.head_rate), (heads, rate)):
        groups += [
            {"params": [p for p in parameters if p.ndim >= 2], "lr": learning_rate},
            {"params": [p for p in parameters if p.ndim < 2], "lr": learning_rate, "weight_decay": 0.0},
        ]
    return [group for group in groups if group["params"]]
