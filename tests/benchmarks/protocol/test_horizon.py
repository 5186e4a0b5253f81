"""The horizon: by rule a function of the outcomes, few as they may be; of one's own a part of the protocol."""

import re
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.catalog.loading import load_dataset
from benchmarks.errors import UsageError
from benchmarks.protocol.horizon import NoHorizonError, horizon_by_rule
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.types import BoolArray, Cohort, FloatArray, Outcome, Patients


def cohort_of(time: FloatArray, event: BoolArray, folds: list[int] | None = None) -> Cohort:
    patients = Patients(np.array([f"p{row:04}" for row in range(len(time))]), {})
    return Cohort(patients, Outcome(time, event), "days", published_fold=None if folds is None else np.array(folds))


def drawn(n: int, events: int, seed: int = 0) -> Cohort:
    """Draw n patients with different times, so many of whom have the event, none of them last."""
    rng = np.random.default_rng(seed)
    time = np.sort(rng.permutation(3 * n)[:n] + 1.0)
    event = np.zeros(n, dtype=bool)
    event[rng.choice(n // 2, events, replace=False)] = True
    return cohort_of(time, event)


def test_without_a_horizon_on_the_card_it_is_the_rules() -> None:
    loaded = load_dataset("gbsg2")
    assert EvaluationProtocol.of("gbsg2", loaded.cohort, None).horizon == horizon_by_rule(loaded.cohort) == 2227


def test_without_censoring_it_is_the_last_time_before_the_shortest_follow_up_of_a_fifth() -> None:
    """Ten patients, two a fold, one of the early five and one of the late five: the least maximum is the sixth time.

    In fifty folds of ten repeats the sixth patient is once the later one of their fold, for nearly certain.
    """
    time = np.arange(1.0, 11.0)
    assert horizon_by_rule(cohort_of(time, np.ones(10, dtype=bool))) == 5


def test_censoring_weights_end_it_where_a_tenth_is_left_uncensored() -> None:
    """Everybody is censored at 1, 2, ..., 1,000 but one event at 0.5: G falls to 0.1 near 900, later in no fold."""
    time = np.concatenate([np.full(20, 0.5), np.arange(1.0, 1001.0)])
    found = horizon_by_rule(cohort_of(time, time == 0.5))
    assert 870 < found <= 901


def test_it_does_not_depend_on_the_order_of_the_patients() -> None:
    cohort = drawn(200, 60)
    order = np.random.default_rng(1).permutation(200)
    assert horizon_by_rule(cohort[order]) == horizon_by_rule(cohort)


@pytest.mark.parametrize("events", [1, 2, 3, 4, 5, 6, 8, 12, 20])
def test_few_events_have_a_horizon_whoever_is_in_the_validation_parts(events: int) -> None:
    for seed in range(5):
        cohort = drawn(150, events, seed)
        horizon = horizon_by_rule(cohort)
        assert cohort.outcome.time[cohort.outcome.event].min() <= horizon < cohort.outcome.time.max()


def test_published_folds_are_reached_too() -> None:
    cohort = load_dataset("gbsg2").cohort
    # Everyone whose follow-up is long is in one fold.
    fold = np.where(cohort.outcome.time > 1800, 0, 1 + np.arange(len(cohort)) % 2)
    assert horizon_by_rule(replace(cohort, published_fold=fold)) < 1800 < horizon_by_rule(cohort)


def test_published_folds_too_small_to_be_run_on_hold_up_nobody() -> None:
    """Fold 0 has all but three patients: who is tested on it is trained on two."""
    cohort = drawn(60, 25)
    small = replace(cohort, published_fold=np.array([1] * 3 + [0] * 57))
    assert horizon_by_rule(small) == horizon_by_rule(cohort)


def test_without_an_event_there_is_none_whatever_is_asked() -> None:
    nobody = cohort_of(np.arange(1.0, 61.0), np.zeros(60, dtype=bool))
    for horizon in (None, 30.0):
        with pytest.raises(NoHorizonError, match=r"few: no patient has the event: check event_values"):
            EvaluationProtocol.of("few", nobody, horizon)


@pytest.mark.parametrize(
    ("cohort", "said"),
    [
        (cohort_of(np.arange(1.0, 5.0), np.array([1, 1, 1, 0], dtype=bool)), "4 patients are too few"),
        (cohort_of(np.arange(1.0, 41.0), np.arange(40) == 39), r"too few events \(1\)"),
    ],
)
def test_where_the_rule_gives_none_a_horizon_of_ones_own_helps(cohort: Cohort, said: str) -> None:
    with pytest.raises(NoHorizonError, match=rf"few: {said} .*--set DATASET.horizon=TIME, or horizon in the cohort"):
        EvaluationProtocol.of("few", cohort, None)


def test_a_horizon_of_ones_own_is_another_protocol() -> None:
    cohort = drawn(150, 6)
    own, rule = (EvaluationProtocol.of("few", cohort, horizon) for horizon in (120.0, None))
    assert own.horizon == own.times[-1] == 120
    assert own.id != rule.id


@pytest.mark.parametrize(
    ("horizon", "said"),
    [(0.5, r"horizon 0.5 days: the first event is at 4"), (60.0, r"horizon 60 days: follow-up ends at 60")],
)
def test_a_horizon_before_all_events_or_after_all_follow_up_is_refused(horizon: float, said: str) -> None:
    time = np.arange(1.0, 61.0)
    with pytest.raises(UsageError, match=said):
        EvaluationProtocol.of("few", cohort_of(time, (time > 3) & (time < 20)), horizon)


@pytest.mark.parametrize(
    ("early", "late", "folds", "told"),
    [
        (25, 4, 5, ""),
        (25, 4, 6, "25 events up to the horizon: 6 folds leave 4 in a test part, .*; --folds 5 leaves enough"),
        (12, 0, 5, "12 events up to the horizon: 5 folds leave 2 in a test part, .*; --folds 2 leaves enough"),
        (8, 4, 2, "8 events .*; 12 have it later: --set few.horizon=TIME sets a later horizon"),
        (6, 0, 5, "6 events .*; no split does with fewer than 10, and there are 6 in all"),
    ],
)
def test_what_helps_where_test_parts_are_not_scored(early: int, late: int, folds: int, told: str) -> None:
    time = np.arange(1.0, 101.0)
    cohort = cohort_of(time, (time <= early) | ((time > 60) & (time <= 60 + late)))
    found = EvaluationProtocol.of("few", cohort, 50.0).unscored(cohort.outcome, folds)
    assert bool(found) == bool(told)
    assert re.search(told, found)
