"""What a model is asked, and what is read in what it writes."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.types import Patients, Table, Texts
from methods.llm_distillation.horizons import Horizons
from methods.llm_distillation.teachers.question import REPORT, questions, read_answer, reason_in

MONTHS = Horizons.of(np.array([12.0, 36.0, 60.0]), "months")


def test_a_question_tells_covariates_and_report_and_nothing_else() -> None:
    frame = pd.DataFrame({"age": [61.0, np.nan, 70.0], "sex": ["female", "male", "male"]})
    patients = Patients(
        np.array(["TCGA-1", "TCGA-2", "TCGA-3"]),
        {
            "clinical": Table(frame, np.array([True, True, False])),
            "text": Texts(("A small tumor. The patient died of it.", "", "hidden"), np.array([True, False, False])),
            "rationale": Texts(("It will end badly.",) * 3),
        },
    )
    (first, report), (second, _), (third, nothing) = questions(patients, MONTHS, "text")
    assert "alive 12, 36, 60 months after diagnosis" in first
    assert "Survival: 12m NN%, 36m NN%, 60m NN%. Reason:" in first
    assert first.endswith(f"Data: age 61, sex female.\nReport: {REPORT}")
    assert report == "A small tumor."
    assert second.endswith("Data: sex male.")
    assert third.endswith("Nothing is known of the patient.")
    assert nothing == ""
    assert "TCGA" not in first
    assert "badly" not in first


@pytest.mark.parametrize(
    "text",
    [
        "Survival: 12m 82%, 36m 55%, 60m 37%. Reason: old.",
        "60m 37%, 12m 82%, 36m 55%",
        "The 12-month survival is about 82%, at 36 months: 55 %, and 60 mo 37.0%.",
        "12m 82%, 36m 55%, 60m 37%. So 12m 82%. Reason: 12m 99%",
    ],
)
def test_statements_are_read_in_many_forms_and_orders(text: str) -> None:
    outcome, said = read_answer(text, MONTHS)
    assert outcome == "read"
    np.testing.assert_allclose(said, [0.82, 0.55, 0.37])


def test_a_horizon_that_is_not_stated_is_missing() -> None:
    outcome, said = read_answer("Survival: 12m 82%, 36m", MONTHS)
    assert outcome == "read"
    np.testing.assert_allclose(said, [0.82, np.nan, np.nan])


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("12m 82%, 12 months 70%", "contradictory"),
        ("12m 820%", "out_of_range"),
        ("I am unable to say 12m.", "refused"),
        ("Survival: 12m NN%, 36m NN%, 60m NN%. Reason: one or two sentences.", "unparseable"),
        ("112m 80%, 3.36m 50%, 12mm 10%, 80%", "unparseable"),
        ("12m, 36m and 60m", "unparseable"),
        ("", "unparseable"),
    ],
)
def test_what_is_no_answer_is_told_apart(text: str, outcome: str) -> None:
    found, said = read_answer(text, MONTHS)
    assert found == outcome
    assert np.isnan(said).all()


def test_days_are_read_as_days() -> None:
    assert read_answer("20d 90%, 25 days 80%", Horizons.of(np.array([20.0, 25.0]), "days"))[1].tolist() == [0.9, 0.8]


def test_the_reason_is_one_line_behind_its_word() -> None:
    assert reason_in("12m 82%. Reason: old,\n frail.") == "old, frail."
    assert reason_in("12m 82%. Reason:  ") is None
    assert reason_in("12m 82%.") is None
