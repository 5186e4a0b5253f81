"""Columns that tell the outcome are named, all of them; others are not, however few patients they are known of."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.contract.names import tells_outcome_by_name
from benchmarks.contract.telling import (
    no_column_is_called_after_the_outcome,
    no_column_is_the_event,
    no_column_is_the_time,
    no_column_orders_by_outcome,
)
from benchmarks.types import Matrix, Outcome, Patients


def known_of(n: int, patients: list[int], values: object) -> "pd.Series":
    """Return a column that is empty but for some patients."""
    column = pd.Series([None] * n, dtype=object)
    column[patients] = values
    return pd.to_numeric(column) if column.dropna().map(np.isreal).all() else column


def test_a_perfect_order_of_three_patients_accuses_nobody(drawn_cohort) -> None:
    time, event = drawn_cohort().outcome.time, drawn_cohort().outcome.event
    few = np.flatnonzero(event)[:3].tolist()
    verdict = no_column_orders_by_outcome(drawn_cohort(rare=known_of(200, few, -time[few])))
    assert (verdict.problems, verdict.warnings) == ([], [])
    (rare,) = [one for one in verdict.strongest if one.column == "rare"]
    assert (rare.concordance, rare.known, rare.events) == (1.0, 3, 3)
    assert rare is verdict.strongest[-1]


def test_a_word_known_of_three_patients_is_not_the_event(drawn_cohort) -> None:
    event = drawn_cohort().outcome.event
    few = [*np.flatnonzero(event)[:2].tolist(), int(np.flatnonzero(~event)[0])]
    cohort = drawn_cohort(site=known_of(200, few, ["skin", "skin", "gland"]))
    assert no_column_is_the_event(cohort).problems == []


def test_every_leak_is_named_the_strongest_first_past_a_column_of_few(drawn_cohort) -> None:
    time, event = drawn_cohort().outcome.time, drawn_cohort().outcome.event
    few = np.flatnonzero(event)[:2].tolist()
    random = np.random.default_rng(1)
    cohort = drawn_cohort(
        rare=known_of(200, few, time[few]),
        relapse=np.maximum(time - random.integers(1, 30, 200), 1),
        visit=time + 0.5,
    )
    verdict = no_column_orders_by_outcome(cohort)
    assert [problem.partition(" alone")[0] for problem in verdict.problems] == [
        "clinical: 'visit'",
        "clinical: 'relapse'",
    ]
    assert "alone has a concordance of 1.000" in verdict.problems[0]
    assert "alone has a concordance of 0.99" in verdict.problems[1]
    assert [one.column for one in verdict.strongest[:2]] == ["visit", "relapse"]


def test_the_strongest_columns_are_shown_where_nothing_is_wrong(drawn_cohort) -> None:
    verdict = no_column_orders_by_outcome(drawn_cohort())
    assert (verdict.problems, verdict.warnings) == ([], [])
    assert verdict.strongest[0].column == "age"
    assert 0.55 < verdict.strongest[0].concordance < 0.75
    assert {one.known for one in verdict.strongest} == {200}
    assert len(verdict.strongest) == 3


def test_a_strong_column_of_many_patients_is_a_warning(drawn_cohort) -> None:
    time = drawn_cohort().outcome.time
    blurred = np.log(time) + np.random.default_rng(0).normal(0, 0.4, 200)
    verdict = no_column_orders_by_outcome(drawn_cohort(blurred=blurred))
    assert verdict.problems == []
    (warning,) = verdict.warnings
    assert warning.startswith("clinical: 'blurred' alone has a concordance of 0.8")


@pytest.mark.parametrize("seed", range(20))
def test_columns_of_few_patients_are_never_accused(drawn_cohort, seed: int) -> None:
    random = np.random.default_rng(seed)
    rare = {}
    for k in range(60):
        rows = random.choice(120, 2 + k % 10, replace=False).tolist()
        rare[f"rare{k}"] = known_of(120, rows, random.normal(size=len(rows)))
    cohort = drawn_cohort(120, seed, **rare)
    for check in (no_column_orders_by_outcome, no_column_is_the_event, no_column_is_the_time):
        verdict = check(cohort)
        assert (list(verdict.problems), list(verdict.warnings)) == ([], [])


def recurrence(drawn_cohort):
    """Return time and indicator of a recurrence that half of the patients have before the time of the outcome."""
    random, time = np.random.default_rng(2), drawn_cohort().outcome.time
    recurs = (random.random(200) < 0.5) & (time > 1)
    return np.where(recurs, np.ceil(time * random.uniform(0.2, 0.95, 200)), time), recurs


def test_a_recurrence_and_its_time_are_warned_of_by_what_they_say_together_and_by_name(drawn_cohort) -> None:
    rtime, recurs = recurrence(drawn_cohort)
    cohort = drawn_cohort(rtime=rtime, recur=recurs.astype(float))
    time = cohort.outcome.time
    (warning,) = no_column_is_the_time(cohort).warnings
    equal = int((rtime == time).sum())
    assert warning.startswith(
        f"clinical: 'rtime' is the time of the outcome itself for {equal} of 200 patients, and 'recur' says for whom"
    )
    (warning,) = no_column_is_called_after_the_outcome(cohort).warnings
    assert warning == "clinical: 'recur': by the name known only afterwards; leave out what is"
    assert "'rtime' alone has a concordance of 0.8" in no_column_orders_by_outcome(cohort).warnings[0]


def test_numbers_that_meet_the_time_by_chance_are_not_the_time(drawn_cohort) -> None:
    random = np.random.default_rng(0)
    cohort = drawn_cohort(3000, score=random.integers(1, 60, 3000).astype(float), flag=random.integers(0, 2, 3000))
    assert no_column_is_the_time(cohort).warnings == []


def test_every_column_that_is_the_event_is_named(drawn_cohort) -> None:
    event = drawn_cohort().outcome.event
    cohort = drawn_cohort(cause=np.where(event, 7.0, np.nan), state=np.where(event, "gone", "well"))
    assert no_column_is_the_event(cohort).problems == [
        "clinical: 'presence of cause' is all but the event (correlation 1.00)",
        "clinical: 'state = gone' is all but the event (correlation 1.00)",
    ]


def test_numbers_far_apart_that_part_those_with_the_event_from_the_others_are_named(drawn_cohort) -> None:
    """A few huge values keep the correlation low."""
    event = drawn_cohort().outcome.event
    random = np.random.default_rng(0)
    laboratory = np.where(event, random.lognormal(3, 2, 200) + 2.0, random.uniform(0, 1, 200))
    (problem,) = no_column_is_the_event(drawn_cohort(laboratory=laboratory)).problems
    assert problem == "clinical: 'laboratory' parts those with the event from the others (ROC area 1.00)"


def test_a_cause_that_nine_dead_alone_have_is_found_and_one_that_four_have_is_not(drawn_cohort) -> None:
    cohort = drawn_cohort(40)
    for n_dead, problems in ((9, 1), (4, 0)):
        event = np.arange(40) < n_dead
        dead = replace(
            drawn_cohort(40, cause=np.where(event, 1.0, np.nan)), outcome=Outcome(cohort.outcome.time, event)
        )
        assert len(no_column_is_the_event(dead).problems) == problems


def test_many_columns_need_more_patients_for_an_accusation(drawn_cohort) -> None:
    """Ten events in perfect order: found of one column; the best of a thousand is there by chance."""
    time, event = drawn_cohort().outcome.time, drawn_cohort().outcome.event
    rows = np.flatnonzero(event)[:40].tolist()
    cohort = drawn_cohort(visit=known_of(200, rows, time[rows]))
    assert len(no_column_orders_by_outcome(cohort).problems) == 1
    genes = Matrix(np.random.default_rng(0).normal(size=(200, 3000)), tuple(f"g{k}" for k in range(3000)))
    wide = Patients(cohort.patients.ids, {**cohort.patients.modalities, "rna": genes})
    verdict = no_column_orders_by_outcome(type(cohort)(wide, cohort.outcome, "days"))
    assert verdict.problems == []
    assert "'visit' alone" in verdict.warnings[0]


OF_THE_OUTCOME = (
    "recur RFS_months days_to_death vitalStatus last_contact_days_to followUp status overall.survival OS death_cause "
    "censrec relapse_days progression new_tumor_event dead"
)
OF_WHAT_WAS_BEFORE = (
    "age er_status menopausal_status prior_relapse progrec progesterone family_history_of_death days_to_birth "
    "vital_capacity horTh los diagtime census_tract upfront_surgery osteoporosis"
)


@pytest.mark.parametrize("name", [*OF_THE_OUTCOME.split(), "vital status", "Follow up"])
def test_a_name_that_speaks_of_the_outcome_is_known(name: str) -> None:
    assert tells_outcome_by_name(name)


@pytest.mark.parametrize("name", OF_WHAT_WAS_BEFORE.split())
def test_a_name_of_what_was_before_is_none(name: str) -> None:
    assert not tells_outcome_by_name(name)
