"""Splits are balanced, disjoint, and a function of what they should be a function of."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.errors import UsageError
from benchmarks.protocol.splits import (
    NoEventError,
    make_splits,
    published_splits,
    repeats_for,
    stratified_parts,
    what_helps,
)
from benchmarks.types import Cohort, Matrix, Outcome, Patients


def outcome_of(n: int, events: int, seed: int = 0) -> Outcome:
    rng = np.random.default_rng(seed)
    event = np.zeros(n, dtype=bool)
    event[rng.choice(n, events, replace=False)] = True
    return Outcome(rng.integers(1, 50, n).astype(float), event)


def cohort_of(n: int, events: int, seed: int = 0) -> Cohort:
    return Cohort(Patients(np.array([f"p{row}" for row in range(n)]), {}), outcome_of(n, events, seed), "days")


@given(n=st.integers(60, 200), share=st.floats(0.3, 0.9), folds=st.integers(2, 6), seed=st.integers(0, 2**20))
@settings(max_examples=50, deadline=None)
def test_every_patient_is_tested_once_a_repeat_and_events_are_balanced(
    n: int, share: float, folds: int, seed: int
) -> None:
    cohort = cohort_of(n, int(share * n))
    outcome = cohort.outcome
    splits = make_splits(cohort, folds=folds, repeats=2, seed=seed)
    assert [(s.repeat, s.fold) for s in splits] == [(r, f) for r in range(2) for f in range(folds)]
    for repeat in range(2):
        of_repeat = [s for s in splits if s.repeat == repeat]
        assert sorted(np.concatenate([s.test for s in of_repeat]).tolist()) == list(range(n))
        events = [int(outcome.event[s.test].sum()) for s in of_repeat]
        assert max(events) - min(events) <= 1
    for s in splits:
        assert len(s.train) + len(s.validation) + len(s.test) == n
        rest = len(s.train) + len(s.validation)
        assert abs(len(s.validation) - rest / 5) <= 1


def test_follow_up_times_are_balanced_among_events() -> None:
    outcome = outcome_of(500, 250)
    part = stratified_parts(outcome.time, outcome.event, 5, seed=1)
    medians = [np.median(outcome.time[outcome.event & (part == p)]) for p in range(5)]
    assert max(medians) - min(medians) <= 2


def test_more_repeats_keep_the_first_ones() -> None:
    cohort = cohort_of(100, 60)
    few = make_splits(cohort, folds=5, repeats=1, seed=0)
    many = make_splits(cohort, folds=5, repeats=3, seed=0)
    assert [s.sha256 for s in few] == [s.sha256 for s in many[:5]]


def cohort_with_folds(folds: list[int] | None, events: int = 60) -> Cohort:
    patients = Patients(np.array([f"p{row}" for row in range(100)]), {})
    return Cohort(patients, outcome_of(100, events), "days", published_fold=None if folds is None else np.array(folds))


def test_a_published_fold_is_the_test_part_and_validation_is_cut_from_the_rest() -> None:
    fold_of = [row % 4 - 1 for row in range(100)]
    splits = published_splits(cohort_with_folds(fold_of), seed=0)
    assert [(s.repeat, s.fold) for s in splits] == [(0, 0), (0, 1), (0, 2)]
    for split in splits:
        assert split.test.tolist() == [row for row in range(100) if fold_of[row] == split.fold]
        others = sorted([*split.train, *split.validation])
        assert others == [row for row in range(100) if fold_of[row] not in (-1, split.fold)]
        assert len(split.validation) == 10


def test_published_folds_must_exist_and_have_events() -> None:
    with pytest.raises(UsageError, match="no folds are published"):
        published_splits(cohort_with_folds(None), seed=0)
    with pytest.raises(UsageError, match="has no event"):
        published_splits(cohort_with_folds([row // 10 for row in range(100)], events=3), seed=0)


@pytest.mark.parametrize("change", [{"folds": 4}, {"seed": 1}])
def test_another_number_of_folds_or_seed_gives_other_splits(change: dict[str, int]) -> None:
    usual = {"folds": 5, "seed": 0, "repeats": 1}
    one = make_splits(cohort_of(100, 60), **usual)
    other = make_splits(cohort_of(100, 60), **{**usual, **change})
    assert {s.sha256 for s in one}.isdisjoint({s.sha256 for s in other})


def parts(cohort: Cohort, published: bool = False) -> list[tuple[str, ...]]:
    """Return the train, validation and test part of every split as sorted identifiers."""
    splits = published_splits(cohort, seed=0) if published else make_splits(cohort, folds=5, repeats=2, seed=0)
    ids = cohort.patients.ids
    return [tuple(sorted(ids[rows])) for split in splits for rows in (split.train, split.validation, split.test)]


def with_covariates(*names: str) -> Cohort:
    """Return one cohort, whose times tie, with some covariates and folds of its own."""
    outcome = outcome_of(100, 60)
    frame = pd.DataFrame({name: np.arange(100.0) for name in names})
    ids = [f"p{row}" for row in range(100)]
    cohort = Cohort.from_table(frame, time=outcome.time, event=outcome.event, time_unit="days", ids=ids)
    return replace(cohort, published_fold=np.arange(100) % 4 - 1)


@pytest.mark.parametrize("published", [False, True])
def test_folds_stay_with_other_covariates_modalities_and_order_of_rows(published: bool) -> None:
    cohort = with_covariates("age", "size")
    expression = Matrix(np.zeros((100, 2)), ("a", "b"))
    more = replace(cohort, patients=Patients(cohort.patients.ids, {**cohort.patients.modalities, "rna": expression}))
    shuffled = cohort[np.random.default_rng(0).permutation(100)]
    for other in (with_covariates("age"), cohort.only(), more, shuffled, replace(cohort, time_unit="months")):
        assert parts(other, published) == parts(cohort, published)


@pytest.mark.parametrize("what", ["time", "event", "ids"])
def test_folds_are_others_with_another_outcome_or_other_patients(what: str) -> None:
    cohort = cohort_of(100, 60)
    time, event, ids = cohort.outcome.time.copy(), cohort.outcome.event.copy(), cohort.patients.ids.copy()
    if what == "time":
        time[7] += 0.5
    elif what == "event":
        event[7] = not event[7]
    else:
        ids[7] = "x"
    other = Cohort(Patients(ids, {}), Outcome(time, event), "days")
    assert set(parts(other)).isdisjoint(parts(cohort))


def test_more_folds_than_events_are_refused() -> None:
    with pytest.raises(NoEventError, match=r"--folds 5: more folds than events \(4\); 4 events are too few for any"):
        make_splits(cohort_of(50, 4), folds=5, repeats=1, seed=0)


@pytest.mark.parametrize(
    ("events", "folds", "told"),
    [
        (0, 5, "no patient has the event: check event_values"),
        (1, 2, "1 event is too few for any split into train, validation and test: at least 6 are needed"),
        (5, 2, "5 events are too few for any split"),
        (6, 2, "with 6 events, --folds 6 leaves some in every part"),
        (7, 2, "with 7 events, --folds 4 leaves some"),
        (8, 20, "with 8 events, --folds 8 leaves some"),
        (20, 30, "with 20 events, --folds 20 leaves some"),
    ],
)
def test_what_helps_where_a_part_has_no_event(events: int, folds: int, told: str) -> None:
    assert what_helps(events, folds).startswith(told)


@pytest.mark.parametrize("events", range(6, 21))
def test_what_is_said_to_help_helps(events: int) -> None:
    for asked in (2, 5, 20):
        found = re.search(r"--folds (\d+) leaves", what_helps(events, asked))
        assert found
        for seed in range(3):
            assert make_splits(cohort_of(60, events, seed), folds=int(found[1]), repeats=3, seed=seed)


def test_patients_too_few_for_their_folds_are_a_message() -> None:
    with pytest.raises(NoEventError, match="the validation part of repeat 0, fold 0 has no event; 3 events are too"):
        make_splits(cohort_of(4, 3), folds=2, repeats=1, seed=0)
    # All but three patients in one published fold: two are left to train on.
    folds = replace(cohort_of(60, 29), published_fold=np.array([1] * 3 + [0] * 57))
    with pytest.raises(NoEventError, match="has no event; the published folds are too small to be run on; --split"):
        published_splits(folds, seed=0)


def test_a_part_without_an_event_is_refused() -> None:
    # Five events in five folds leave four for train and validation, one of whose five parts gets none.
    with pytest.raises(UsageError, match="has no event"):
        make_splits(cohort_of(50, 5), folds=5, repeats=1, seed=0)


def test_one_fold_is_refused() -> None:
    with pytest.raises(UsageError, match="--folds 1"):
        make_splits(cohort_of(50, 20), folds=1, repeats=1, seed=0)


@pytest.mark.parametrize(("events", "repeats"), [(499, 10), (500, 5), (2499, 5), (2500, 1)])
def test_automatic_repeats(events: int, repeats: int) -> None:
    assert repeats_for(events) == repeats
