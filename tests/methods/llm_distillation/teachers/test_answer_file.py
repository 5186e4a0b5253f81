"""The file teacher on a file of stored answers: nothing of a bad file is taken in silence."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Context
from methods.llm_distillation.teachers.answer_file import AnswerFileTeacher

Teach = Callable[..., AnswerFileTeacher]


@pytest.fixture
def teach(tmp_path: Path) -> Teach:
    """Make a teacher of lines (patient, months, probability, rationale, model)."""

    def _teach(*lines: tuple[Any, ...]) -> AnswerFileTeacher:
        names = ("patient", "months", "probability", "rationale", "model")
        path = tmp_path / "answers.jsonl"
        path.write_text("\n".join(json.dumps(dict(zip(names, line, strict=False))) for line in lines))
        return AnswerFileTeacher(str(path))

    return _teach


def test_answers_go_to_their_patients_at_all_horizons_of_the_file(
    teach: Teach, six_patients: Cohort, context: Context
) -> None:
    said = teach(("ben", 12, 0.9, "Young."), ("ben", 36, 0.6), ("ada", 36, 0.5)).fit(six_patients, context)
    np.testing.assert_allclose(said.horizons, [365.25, 3 * 365.25])
    np.testing.assert_allclose(said.probabilities[:3], [[np.nan, 0.5], [0.9, 0.6], [np.nan, np.nan]])
    assert said.rationales[:3] == (None, "Young.", None)
    assert said.label == "file: answers.jsonl"
    assert said.notes["answered"] == 2
    assert said.notes["unanswered"] == 4


def test_models_are_averaged_and_named(teach: Teach, six_patients: Cohort, context: Context) -> None:
    said = teach(("ben", 12, 0.9, "", "two"), ("ben", 12, 0.5, "Old.", "one")).fit(six_patients, context)
    assert said.probabilities[1, 0] == pytest.approx(0.7)
    assert said.rationales[1] == "Old."
    assert said.label == "file: one, two"


def test_what_cannot_be_used_is_left_out_and_counted(teach: Teach, six_patients: Cohort, context: Context) -> None:
    said = teach(
        ("ada", 12, 0.9),
        ("ada", 12, 0.9),
        ("ben", 12, 0.9),
        ("ben", 12, 0.3, "Not this one."),
        ("cem", 12, "likely"),
        ("dan", 12, 120),
        ("eva", 12, None),
        ("fay", 12, 0.4),
        ("fay", 36, 0.6),
        ("zoe", 12, 0.4),
    ).fit(six_patients, context)
    np.testing.assert_allclose(said.probabilities[0], [0.9, np.nan])
    np.testing.assert_allclose(said.probabilities[5], [0.4, 0.4])
    assert np.isnan(said.probabilities[1:5]).all()
    assert said.rationales[1] is None
    assert said.notes == {
        "answered": 2.0, "unanswered": 4.0, "duplicates": 1.0, "contradictory": 1.0, "unparseable": 1.0,
        "out_of_range": 1.0, "refused": 1.0, "corrected": 1.0, "others_in_file": 1.0,
    }  # fmt: skip


def test_lines_of_other_patients_change_no_answer(teach: Teach, six_patients: Cohort, context: Context) -> None:
    lines = [("ada", 12, 0.9), ("ben", 36, 0.5)]
    train = six_patients[np.array([0, 2, 3])]
    plain, more = teach(*lines).fit(train, context), teach(*lines, ("eva", 24, 0.1)).fit(train, context)
    np.testing.assert_array_equal(plain.probabilities, more.probabilities)
    assert plain.horizons.tolist() == more.horizons.tolist() == [365.25]


def test_a_file_of_other_patients_is_refused(teach: Teach, six_patients: Cohort, context: Context) -> None:
    with pytest.raises(UsageError, match="no probability for any training patient"):
        teach(("zoe", 12, 0.9), ("ada", 12, "likely")).fit(six_patients, context)


def test_patients_without_any_line_get_no_answer(teach: Teach, six_patients: Cohort, context: Context) -> None:
    teacher = teach(("ada", 12, 0.9))
    teacher.fit(six_patients, context)
    assert not teacher.answers(six_patients.patients[np.array([3, 4])]).answered.any()
