"""One patient entered twice is found; two who share what chance lets them share, or one fact told twice, are not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.contract.coded import coded_columns, without_redundant
from benchmarks.contract.twins import no_two_patients_are_the_same
from benchmarks.types import Cohort, Matrix, Outcome, Patients


def with_rows(cohort: Cohort, rows: list[int], **changed: object) -> Cohort:
    """Return the cohort with some patients once more at its end, under other identifiers."""
    everybody = [*range(len(cohort)), *rows]
    ids = np.array([f"{row}" for row in range(len(cohort))] + [f"again{row}" for row in rows])
    frame = cohort.patients.table().frame.iloc[everybody].reset_index(drop=True).assign(**changed)
    outcome = cohort.outcome.take(np.array(everybody))
    return Cohort.from_table(frame, time=outcome.time, event=outcome.event, time_unit="days", ids=list(ids))


def test_a_patient_entered_twice_is_refused(drawn_cohort) -> None:
    verdict = no_two_patients_are_the_same(with_rows(drawn_cohort(), [7]))
    assert verdict.problems == ["2 patients share everything with another, first '7' and 'again7'"]


def test_a_patient_entered_twice_with_one_other_value_is_a_warning(drawn_cohort) -> None:
    random = np.random.default_rng(0)
    bmi = random.normal(25, 4, 200).round(1)
    cohort = with_rows(drawn_cohort(), [7], crp=random.lognormal(0, 1, 201), bmi=[*bmi, bmi[7]])
    verdict = no_two_patients_are_the_same(cohort)
    assert verdict.problems == []
    assert verdict.warnings == [
        "2 patients share more with another than chance explains, first '7' and 'again7', who differ in crp: "
        "one patient twice?"
    ]


def test_a_patient_entered_twice_with_different_follow_up_is_a_warning(drawn_cohort) -> None:
    random = np.random.default_rng(0)
    measured = {name: random.normal(size=200) for name in ("bmi", "crp")}
    once = with_rows(drawn_cohort(), [7], **{name: [*values, values[7]] for name, values in measured.items()})
    longer = Outcome(once.outcome.time + 100.0 * (np.arange(201) == 200), once.outcome.event)
    (warning,) = no_two_patients_are_the_same(replace(once, outcome=longer)).warnings
    assert warning == (
        "2 patients share more with another than chance explains, first '7' and 'again7', who differ in time: "
        "one patient twice, with different follow-up?"
    )


def test_a_patient_entered_again_with_one_other_value_and_different_follow_up_is_a_warning(drawn_cohort) -> None:
    random = np.random.default_rng(0)
    measured = {name: random.normal(size=200) for name in ("bmi", "height", "crp")}
    again = {name: [*values, values[7]] for name, values in measured.items()}
    cohort = with_rows(drawn_cohort(), [7], **again)
    frame = cohort.patients.table().frame
    older = frame.assign(age=frame["age"] + (np.arange(201) == 200))
    late = cohort.outcome.time + 365.0 * (np.arange(201) == 200)
    ids = list(cohort.patients.ids)
    changed = Cohort.from_table(older, time=late, event=cohort.outcome.event, time_unit="days", ids=ids)
    (warning,) = no_two_patients_are_the_same(changed).warnings
    assert warning.endswith("who differ in time, age: one patient twice, with different follow-up?")


def test_several_rows_per_patient_are_refused(drawn_cohort) -> None:
    """Two visits of everybody, each with its number and a laboratory value, under the numbers of the rows."""
    visits = with_rows(
        drawn_cohort(60),
        list(range(60)),
        visit=np.repeat([1.0, 2.0], 60),
        lab=np.random.default_rng(0).normal(size=120),
    )
    (problem,) = no_two_patients_are_the_same(visits).problems
    assert problem == (
        "120 patients share time, event, age, marker, grade with another, first '40' and 'again40': "
        "several rows per patient?"
    )


def test_two_outcomes_of_one_patient_are_refused(drawn_cohort) -> None:
    """A row for the recurrence and one for the death of everybody."""
    twice = with_rows(drawn_cohort(60), list(range(60)), crp=np.tile(np.random.default_rng(0).normal(size=60), 2))
    later = Outcome(twice.outcome.time * np.repeat([1.0, 1.7], 60), twice.outcome.event)
    (problem,) = no_two_patients_are_the_same(replace(twice, outcome=later)).problems
    assert problem.startswith("120 patients share event, age, marker, grade, crp with another")
    assert problem.endswith(": several rows per patient?")


def redundant(n: int, seed: int) -> Cohort:
    """Return patients of whom little is known, and that in several ways."""
    random = np.random.default_rng(seed)
    age = random.normal(60, 10, n).round()
    sex = random.integers(0, 2, n)
    frame = pd.DataFrame(
        {
            "sex": np.where(sex, "m", "f"),
            "sex_code": sex + 1.0,
            "male": sex.astype(float),
            "age": age,
            "age_months": 12 * age,
            "age_group": pd.cut(age, [0, 50, 60, 70, 200], labels=["a", "b", "c", "d"]).astype(str),
            "born": 2000 - age,
        }
    )
    time = random.integers(1, 60, n).astype(float)
    return Cohort.from_table(frame, time=time, event=random.random(n) < 0.6, time_unit="months")


@pytest.mark.parametrize("seed", range(10))
def test_one_fact_told_twice_makes_no_twins(seed: int) -> None:
    cohort = redundant(300, seed)
    frame = cohort.patients.table().frame.assign(time=cohort.outcome.time, event=cohort.outcome.event)
    assert frame.duplicated().any()
    verdict = no_two_patients_are_the_same(cohort)
    assert (verdict.problems, verdict.warnings) == ([], [])


def test_of_columns_that_tell_each_other_one_counts() -> None:
    coded = without_redundant(coded_columns(redundant(300, 0)), np.arange(300))
    assert coded.names == ("time", "event", "sex", "age")


def test_rows_of_rare_mutations_are_told_by_chance_unless_they_are_long(drawn_cohort) -> None:
    """Nobody's mutations are the same as nobody else's; a wide row of numbers that two share is one patient's."""
    cohort = with_rows(drawn_cohort(), [7], age=60.0, marker=1.0, grade="low")
    random = np.random.default_rng(0)

    def with_matrix(values: np.ndarray) -> Cohort:
        matrix = Matrix(values.astype(np.float32), tuple(f"g{k}" for k in range(values.shape[1])))
        return replace(cohort, patients=Patients(cohort.patients.ids, {**cohort.patients.modalities, "rna": matrix}))

    mutated = np.zeros((201, 40))
    mutated[random.integers(0, 7, 3), random.integers(0, 40, 3)] = 1
    assert no_two_patients_are_the_same(with_matrix(mutated)).problems == []
    expressed = random.normal(size=(201, 40))
    expressed[200] = expressed[7]
    assert len(no_two_patients_are_the_same(with_matrix(expressed)).problems) == 1
