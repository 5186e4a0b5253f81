"""What the two losses may and may not reach."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.types import Cohort, Context
from methods.llm_distillation.config import Config
from methods.llm_distillation.heads import make_head
from methods.llm_distillation.horizons import Horizons
from methods.llm_distillation.losses import Lesson, batch_losses
from methods.llm_distillation.making import make_student
from methods.llm_distillation.student import Student
from methods.llm_distillation.training import distil, make_lesson
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.text import output_logits

ROWS = np.arange(8)
TEXTS = [f"Survival: 12m {90 - row}%, 36m {80 - row}%. Reason: row {row}." for row in range(8)]


@pytest.fixture
def taught(drawn: Cohort, context: Context) -> tuple[Student, Lesson, SurvivalHead]:
    return make(drawn[ROWS], TEXTS, context)


def make(
    cohort: Cohort, texts: list[str], context: Context, **settings: object
) -> tuple[Student, Lesson, SurvivalHead]:
    tiny = {"width": 16, "layers": 2, "heads": 2, "feed_forward": 32, "vocabulary": 320, "precision": "float32"}
    config = Config(**{**tiny, "components": 4, "intervals": 4, "dropout": 0.0, **settings})  # type: ignore[arg-type]  # 2026-11-26: settings as a test gives them
    head = make_head(config.head, config.intervals)
    outputs = head.prepare(cohort.outcome, context)
    horizons = Horizons.of(np.array([365.25, 3 * 365.25]), "days")
    student = make_student(cohort.patients, texts, horizons, outputs, head.start(cohort.outcome), config, context)
    with torch.no_grad():
        # So that the survival loss has a gradient in the language model.
        for parameter in student.network.fusion.parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(0)))
    read = student.read(cohort.patients)
    student.length = max(len(ids) for ids in read.ids)
    return student, make_lesson(student, read, cohort.outcome, texts, np.ones(len(cohort)), head), head


def gradient(student: Student, lesson: Lesson, head: SurvivalHead, *, text: bool = True) -> dict[str, Tensor]:
    student.network.zero_grad()
    survival, said = batch_losses(student.network, lesson, ROWS, head)
    assert survival is not None
    (survival + 0.3 * said if text and said is not None else survival).backward()  # type: ignore[no-untyped-call]  # 2026-11-26: torch does not annotate it
    return {
        name: parameter.grad.clone()
        for name, parameter in student.network.language.named_parameters()
        if parameter.grad is not None
    }


def other_answers(lesson: Lesson, rows: np.ndarray) -> Lesson:
    """Return the lesson with other tokens, as many, in the answers of some rows."""
    ids = [list(tokens) for tokens in lesson.texts.ids]
    for row in rows:
        count = lesson.answers[row]
        ids[row][-count:] = [5 + token % 7 for token in ids[row][-count:]]
    return replace(lesson, texts=replace(lesson.texts, ids=ids))


def test_answers_change_neither_state_nor_survival(taught: tuple[Student, Lesson, SurvivalHead]) -> None:
    student, lesson, head = taught

    def survival_loss(lesson: Lesson) -> Tensor:
        with torch.no_grad():
            return batch_losses(student.network, lesson, ROWS, head)[0] or torch.empty(0)

    def states(lesson: Lesson) -> Tensor:
        with torch.no_grad():
            hidden = student.network.language(lesson.texts, ROWS)[0]
        return hidden[torch.arange(8), hidden.shape[1] - 1 - torch.tensor(lesson.answers)]

    changed = other_answers(lesson, ROWS)
    assert torch.equal(states(lesson), states(changed))
    assert torch.equal(survival_loss(lesson), survival_loss(changed))


def test_the_state_in_training_is_that_of_the_prompt_alone(
    taught: tuple[Student, Lesson, SurvivalHead], drawn: Cohort
) -> None:
    student, lesson, _ = taught
    with torch.no_grad():
        hidden = student.network.language(lesson.texts, ROWS)[0]
    at_prompt = hidden[torch.arange(8), hidden.shape[1] - 1 - torch.tensor(lesson.answers)]

    alone = student.hidden(student.read(drawn[ROWS].patients))

    np.testing.assert_allclose(alone, at_prompt.numpy(), atol=1e-5)


def test_without_any_weight_the_gradient_is_that_of_survival_alone(
    taught: tuple[Student, Lesson, SurvivalHead],
) -> None:
    student, lesson, head = taught
    conflicts = replace(lesson, weights=torch.zeros(8))

    both, alone = gradient(student, conflicts, head), gradient(student, lesson, head, text=False)

    assert both.keys() == alone.keys()
    assert all(torch.equal(both[name], alone[name]) for name in both)
    assert any(value.abs().max() > 0 for value in both.values())


def test_a_row_of_no_weight_gives_no_text_gradient(taught: tuple[Student, Lesson, SurvivalHead]) -> None:
    student, lesson, head = taught
    weights = torch.ones(8)
    weights[:3] = 0
    some = replace(lesson, weights=weights)

    before, after = gradient(student, some, head), gradient(student, other_answers(some, np.arange(3)), head)
    assert all(torch.equal(before[name], after[name]) for name in before)

    with_weight = gradient(student, lesson, head)
    changed = gradient(student, other_answers(lesson, np.arange(3)), head)
    assert any(not torch.equal(with_weight[name], changed[name]) for name in before)


def test_the_text_loss_is_the_weighted_mean_of_mean_losses(taught: tuple[Student, Lesson, SurvivalHead]) -> None:
    student, lesson, head = taught
    weights = torch.linspace(0.2, 1.6, 8)
    losses = []
    for row in ROWS:
        ids = torch.tensor([lesson.texts.ids[row]])
        count = int(lesson.answers[row])
        with torch.no_grad():
            hidden = student.backbone.body(input_ids=ids).last_hidden_state
            logits = output_logits(student.network.language, hidden[0, -count - 1 : -1])
        losses.append(float(torch.nn.functional.cross_entropy(logits, ids[0, -count:])))
    expected = float((weights * torch.tensor(losses)).sum() / weights.sum())

    with torch.no_grad():
        said = batch_losses(student.network, replace(lesson, weights=weights), ROWS, head)[1]

    assert float(said or 0) == pytest.approx(expected, rel=1e-5)


def test_frozen_layers_have_no_gradient_and_stay(drawn: Cohort, context: Context) -> None:
    student, lesson, head = make(drawn[ROWS], TEXTS, context, trained="last_layers", trained_fraction=0.5, epochs=1)
    before = {name: value.clone() for name, value in student.network.language.state_dict().items()}

    distil(student, head, lesson, lambda: 0.0, context)

    after = student.network.language.state_dict()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(".layers.1." in name or name.endswith("model.norm.weight") for name in changed)
    frozen = [p for name, p in student.network.language.named_parameters() if ".layers.0." in name or "embed" in name]
    assert frozen
    assert all(parameter.grad is None for parameter in frozen)


@pytest.mark.long
def test_a_few_rows_are_learnt_by_heart(drawn: Cohort, make_context: Callable[..., Context]) -> None:
    rows, rng = np.arange(32), np.random.default_rng(0)
    falling = np.sort(rng.integers(1, 99, (32, 2)), axis=1)[:, ::-1]
    texts = [f"Survival: 12m {first}%, 36m {second}%. Reason: it is so." for first, second in falling]
    by_heart = {"width": 64, "feed_forward": 256, "epochs": 160, "patience": 160, "answer_tokens": 48}
    rates = {"language_rate": 2e-3, "head_rate": 1e-4, "weight_decay": 0.0}
    student, lesson, head = make(drawn[rows].only("clinical", "text"), texts, make_context(), **by_heart, **rates)

    distil(student, head, lesson, lambda: 0.0, make_context())

    written, _ = student.written(student.read(drawn[rows].patients))
    assert np.mean([said == taught for said, taught in zip(written, texts, strict=True)]) > 0.95
