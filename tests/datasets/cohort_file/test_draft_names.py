"""What names of columns and values of events are taken to mean."""

import importlib
from typing import Any

import pytest

names: Any = importlib.import_module("benchmarks.datasets.cohort_file.draft_names")
values: Any = importlib.import_module("benchmarks.datasets.cohort_file.draft_values")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("daysToDeath", "days_to_death"),
        ("OS.time", "os_time"),
        ("PatientID", "patient_id"),
        (" Follow-up ", "follow_up"),
    ],
)
def test_names_are_compared_in_one_spelling(name: str, plain: str) -> None:
    assert names.plain(name) == plain


@pytest.mark.parametrize(
    "name", ["marital_status", "er_status", "smoking status", "performance_status", "age", "grade"]
)
def test_the_status_of_something_else_is_no_event(name: str) -> None:
    assert names.event_role(name) is None


@pytest.mark.parametrize("name", ["year", "age", "age_at_diagnosis", "protime", "stage", "timely"])
def test_years_of_the_calendar_and_ages_are_no_follow_up(name: str) -> None:
    role = names.time_role(name)
    assert role is None


@pytest.mark.parametrize("name", ["Months_from_Diagnosis", "time_since_baseline", "age_years", "days_between_visits"])
def test_a_time_that_may_count_from_anything_is_never_guessed(name: str) -> None:
    assert names.time_role(name).rank == 2


@pytest.mark.parametrize(
    ("time", "event"),
    [
        ("OS.time", "OS"),
        ("overall_survival_months", "overall_survival"),
        ("time_d", "censor_d"),
        ("days_to_death", "death"),
    ],
)
def test_names_of_one_outcome_are_alike(time: str, event: str) -> None:
    assert names.alike(time, event)


@pytest.mark.parametrize("name", ["status", "census_status", "death", "OS", "churn", "fustat", "license_event"])
def test_names_of_events_are_not_suspected(name: str) -> None:
    assert not values.turns_round(name)


def test_columns_called_code_repeat_without_being_patients() -> None:
    assert not names.names_a_record("code")
    assert names.names_a_record("sample_id")


@pytest.mark.parametrize("value", ["'--", "?", "Not Reported", "[Not Available]", "unknown", "9", "-99"])
def test_words_that_nobody_knows(value: str) -> None:
    assert values.nobody_knows(value)


@pytest.mark.parametrize("value", ["<0.1", "0", "1", "2", "B", "lost", "3+"])
def test_values_that_somebody_knows(value: str) -> None:
    assert not values.nobody_knows(value)


def test_a_single_value_that_is_left_is_the_opposite_unless_nobody_knows_it() -> None:
    counts = {"A": 3, "B": 4}
    found = values.event_values("status", counts, in_adtte=False)
    assert values.completed(found, counts, ["B"], None).censored == ("A",)
    unknown = {"Dead": 3, "Not Reported": 4}
    found = values.event_values("status", unknown, in_adtte=False)
    assert values.completed(found, unknown, ["Dead"], None).unknown == ("Not Reported",)


def test_cnsr_is_turned_round_only_in_adtte() -> None:
    counts = {"0": 3, "1": 4, "2": 1}
    assert values.event_values("CNSR", counts, in_adtte=True).censored == ("1", "2")
    assert not values.event_values("CNSR", counts, in_adtte=False).told
