"""The file teacher on a dataset's own texts."""

from dataclasses import replace
from itertools import cycle, islice

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context, Patients, Table, Texts
from methods.llm_distillation.teachers.stored_texts import StoredTextTeacher


def section(model: str, years: float, word: str) -> str:
    return f'### {model}: survival beyond {years:g} years\n{model} says why.\n\nAnswer - {{"Survival": "{word}"}}'


AGREED = "\n\n".join(section(model, 2, "True") for model in ("one", "two", "three"))
SPLIT = "\n\n".join([section("one", 2, "True"), section("two", 2, "False"), section("three", 2, "False")])
OTHER_CANCER = "\n\n".join([section("one", 3.5, "False"), section("two", 3.5, "Unknown")])
TEXTS = (AGREED, SPLIT, OTHER_CANCER, "", "Nobody was asked.")


@pytest.fixture
def cohort() -> Cohort:
    return cohort_of(TEXTS)


def cohort_of(texts: tuple[str, ...]) -> Cohort:
    n = len(texts)
    cohort = Cohort.from_table(
        pd.DataFrame({"age": np.arange(n, dtype=float)}),
        time=np.arange(1.0, n + 1),
        event=list(islice(cycle([1, 0]), n)),
        time_unit="months",
    )
    patients = Patients(
        cohort.patients.ids, {"clinical": Table(cohort.patients.table().frame), "rationale": Texts(texts)}
    )
    return replace(cohort, patients=patients)


def test_each_patient_answers_at_the_time_that_was_asked_about(cohort: Cohort, context: Context) -> None:
    said = StoredTextTeacher().fit(cohort, context)
    np.testing.assert_allclose(said.horizons, [24.0, 42.0])
    np.testing.assert_allclose(
        said.probabilities, [[0.8, np.nan], [0.4, np.nan], [np.nan, 1 / 3], [np.nan] * 2, [np.nan] * 2]
    )
    assert said.label == "file: one, three, two"
    assert said.notes == {
        "answered": 3.0, "unanswered": 2.0, "refused": 1.0, "contradictory": 0.0, "unparseable": 0.0, "corrected": 0.0,
    }  # fmt: skip


def test_the_rationale_is_by_the_first_model_that_says_what_most_say(cohort: Cohort, context: Context) -> None:
    said = StoredTextTeacher().fit(cohort, context)
    assert said.rationales == ("one says why.", "two says why.", "one says why.", None, None)


def test_chosen_models_alone_count(cohort: Cohort, context: Context) -> None:
    said = StoredTextTeacher(models=("one",)).fit(cohort, context)
    np.testing.assert_allclose(said.probabilities[:2, 0], 2 / 3)
    assert said.label == "file: one"


def test_absent_texts_are_not_read(cohort: Cohort, context: Context) -> None:
    patients = cohort.patients
    absent = Texts(TEXTS, np.array([True, False, True, True, True]))
    hidden = replace(cohort, patients=Patients(patients.ids, {**patients.modalities, "rationale": absent}))
    assert StoredTextTeacher().fit(hidden, context).answered.tolist() == [True, False, True, False, False]


def test_an_answer_hangs_on_the_patients_own_text_alone(cohort: Cohort, context: Context) -> None:
    teacher = StoredTextTeacher()
    among = teacher.fit(cohort, context)
    alone = teacher.answers(cohort.patients[np.array([2])])
    assert alone.horizons.tolist() == [42.0]
    assert alone.probabilities[0, 0] == among.probabilities[2, 1]


def test_without_the_modality_or_any_answer_it_says_what_to_do(cohort: Cohort, context: Context) -> None:
    with pytest.raises(UsageError, match="reads the modality 'rationale'"):
        StoredTextTeacher().fit(cohort.only("clinical"), context)
    with pytest.raises(UsageError, match="teacher=all"):
        StoredTextTeacher().fit(cohort_of(("Likely to survive.", "")), context)
