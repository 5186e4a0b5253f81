"""Dates are no covariates, and neither is what tells until when patients were seen."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.contract.calendar import no_column_is_a_calendar


def warned(cohort) -> list[str]:
    verdict = no_column_is_a_calendar(cohort)
    assert verdict.problems == ()
    return list(verdict.warnings)


DAYS = pd.date_range("2003-01-15", "2015-12-20", periods=200)


@pytest.mark.parametrize(
    "values",
    [
        DAYS.strftime("%Y-%m-%d"),
        DAYS.strftime("%d.%m.%Y"),
        DAYS.strftime("%m/%d/%y"),
        DAYS.strftime("%Y%m%d").astype(float),
        DAYS.strftime("%b %Y"),
        DAYS.year.astype(float),
        DAYS.year.astype(str),
        [f"{day.year}-Q{day.quarter}" for day in DAYS],
    ],
)
def test_dates_are_warned_of_however_they_are_written(drawn_cohort, values) -> None:
    values = np.random.default_rng(0).permutation(np.asarray(values))
    (warning,) = warned(drawn_cohort(seen=values))
    assert warning.startswith("clinical: 'seen' holds dates")


def test_measurements_codes_and_births_are_no_dates(drawn_cohort) -> None:
    random = np.random.default_rng(0)
    others = {
        "dose": random.uniform(1900, 2100, 200),
        "platelets": random.normal(250_000, 50_000, 200).round(),
        "stage": random.choice(["T1-2", "T3", "2a"], 200),
        "site": random.choice(["C50.1", "C50.9"], 200),
        "year_of_birth": random.integers(1930, 1980, 200).astype(float),
        "visits": random.integers(1, 9, 200).astype(float),
    }
    assert warned(drawn_cohort(**others)) == []


def test_the_day_of_entry_that_tells_the_time_of_censoring_is_warned_of(drawn_cohort) -> None:
    """All who are censored were followed to one day, and what stands in the column is no date by its form."""
    outcome = drawn_cohort().outcome
    until_the_end = outcome.time + np.where(outcome.event, np.random.default_rng(0).uniform(0, 2000, 200), 0.0)
    (warning,) = warned(drawn_cohort(entry=5000.0 - until_the_end))
    assert warning.startswith(
        "clinical: 'entry' alone orders the censored patients by their time with a concordance of"
    )


def test_a_cohort_in_which_nobody_is_censored_has_nobody_to_order(drawn_cohort) -> None:
    cohort = drawn_cohort()
    everybody = type(cohort.outcome)(cohort.outcome.time, np.ones(200, bool))
    assert warned(type(cohort)(cohort.patients, everybody, "days")) == []
