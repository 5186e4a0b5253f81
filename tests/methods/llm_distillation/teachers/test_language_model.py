"""A language model as teacher: samples become probabilities, what cannot be read is counted, nothing is asked twice."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_checkpoints

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, Patients, Texts
from methods.llm_distillation.teachers import language_model
from methods.llm_distillation.teachers.language_model import LanguageModelSettings, LanguageModelTeacher
from methods.llm_distillation.teachers.samples import Samples

SIZE = replace(tiny_checkpoints.SIZE, positions=512)
Teach = Callable[..., LanguageModelTeacher]


class Speaker:
    """Says what it is told to, and counts how often it was asked."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def ask(self, question: str, report: str, samples: int, seed: int) -> Samples:
        self.asked.append(f"{question}|{report}")
        return Samples(self.answers[(len(self.asked) - 1) % len(self.answers)], 100, 10, 2.0)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCHMARKS_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoints.make_checkpoint(tmp_path_factory.mktemp("model") / "tiny", "causal", size=SIZE)


@pytest.fixture
def teach(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> Teach:
    """Make a teacher; a speaker, if there is one, speaks for its model."""

    def make(speaker: Speaker | None = None, **settings: int) -> LanguageModelTeacher:
        teacher = LanguageModelTeacher(
            LanguageModelSettings(f"hf:{checkpoint}", prompt_tokens=400, new_tokens=8, **settings), "months"
        )
        if speaker is not None:
            monkeypatch.setattr(LanguageModelTeacher, "_sampler", lambda _: speaker)
        return teacher

    return make


@pytest.fixture
def cohort(six_patients: Cohort) -> Cohort:
    reports = Texts(("Small.", "Large.", "", "Free margins.", "Grade 3.", "Grade 1."))
    patients = six_patients.patients
    return replace(six_patients, patients=Patients(patients.ids, {**patients.modalities, "text": reports}))


GOOD = "Survival: 12m 90%, 36m 60%, 60m 40%. Reason: Young."


def test_the_probability_is_the_mean_of_the_samples_that_can_be_read(
    teach: Teach, cohort: Cohort, context: Context
) -> None:
    speaker = Speaker((GOOD, "12m 70%, 36m 80%. Reason: Old.", "I cannot say."))
    said = teach(speaker, samples=3).fit(cohort, context)
    np.testing.assert_allclose(said.probabilities, np.tile([0.8, 0.7, 0.4], (6, 1)))
    assert said.rationales == ("Young.",) * 6
    assert said.label == "tiny"
    assert said.notes == {
        "answered": 6, "unanswered": 0, "corrected": 0, "asked_again": 0, "samples": 18, "samples_contradictory": 0,
        "samples_out_of_range": 0, "samples_refused": 6, "samples_unparseable": 0, "tokens_read": 600,
        "tokens_written": 60, "seconds": 12.0,
    }  # fmt: skip


def test_who_says_nothing_is_asked_again_and_then_left(teach: Teach, cohort: Cohort, context: Context) -> None:
    speaker = Speaker(("Hm.",), (GOOD,), ("Hm.",), ("12m 120%",), (GOOD,))
    said = teach(speaker, samples=1, retries=1).fit(cohort[np.array([0, 1, 3])], context)
    assert said.answered.tolist() == [True, False, True]
    assert len(speaker.asked) == 5
    assert said.notes["asked_again"] == 2
    assert said.notes["samples_unparseable"] == 2
    assert said.notes["samples_out_of_range"] == 1


def test_nothing_is_asked_twice(teach: Teach, cohort: Cohort, context: Context) -> None:
    first = Speaker((GOOD,))
    before = teach(first).fit(cohort, context)
    second = Speaker(("Hm.",))
    teacher = teach(second)
    after = teacher.fit(cohort[np.array([0, 2, 4])], context)
    others = teacher.answers(cohort.patients[np.array([1, 3, 5])])
    assert second.asked == []
    np.testing.assert_array_equal(after.probabilities, before.probabilities[[0, 2, 4]])
    np.testing.assert_array_equal(others.probabilities, before.probabilities[[1, 3, 5]])


def test_an_interrupted_run_goes_on_where_it_was(
    teach: Teach, cohort: Cohort, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(language_model, "SAVED_TOGETHER", 2)
    stopping = Speaker((GOOD,))
    ask = stopping.ask

    def until_the_fifth(*arguments: object) -> Samples:
        if len(stopping.asked) == 4:
            raise KeyboardInterrupt
        return ask(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(stopping, "ask", until_the_fifth)
    with pytest.raises(KeyboardInterrupt):
        teach(stopping).fit(cohort, context)
    going_on = Speaker((GOOD,))
    assert teach(going_on).fit(cohort, context).answered.all()
    assert len(going_on.asked) == 2


def test_a_model_that_says_nothing_is_refused(teach: Teach, cohort: Cohort, context: Context) -> None:
    with pytest.raises(UsageError, match="tiny wrote no probability that can be read of any of 6"):
        teach(Speaker(("Hm.",))).fit(cohort, context)


def test_a_model_with_random_weights_is_asked_for_real_and_says_nothing(
    teach: Teach, cohort: Cohort, context: Context
) -> None:
    with pytest.raises(UsageError, match="wrote no probability"):
        teach(samples=2, retries=0).fit(cohort[np.array([0, 1])], context)


def test_outcomes_and_identifiers_are_in_no_question(teach: Teach, cohort: Cohort, context: Context) -> None:
    speaker = Speaker((GOOD,))
    teach(speaker).fit(cohort, context)
    told = " ".join(speaker.asked)
    assert not any(name in told for name in cohort.patients.ids)
    assert "Free margins." in told
    assert "age 50, sex f" in told


def test_samples_that_would_all_be_the_same_are_refused() -> None:
    with pytest.raises(ValueError, match="temperature 0"):
        LanguageModelSettings(temperature=0.0)


def test_texts_for_judging_are_the_first_answers_as_they_stand(teach: Teach, cohort: Cohort, context: Context) -> None:
    teacher = teach(Speaker(("Hm.", "Ha."), (GOOD, "Oh.")), samples=2)
    teacher.fit(cohort, context)
    assert teacher.texts(cohort.patients[np.array([0])]) == ("Hm.",)
