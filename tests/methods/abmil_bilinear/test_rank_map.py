"""The rank map from risk to time: by hand, monotone, its plateau."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.types import Outcome
from methods.abmil_bilinear.rank_map import RankMap, mean_absolute_error, tied_pairs


def test_the_map_of_four_patients_is_that_counted_by_hand() -> None:
    # Survival 3/4 from time 1, 1/2 from time 2, 0 from time 4; the patient of time 3 is censored.
    outcome = Outcome(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, True]))
    fitted = RankMap().fit(np.array([4.0, 3.0, 2.0, 1.0]), outcome)
    # Nobody as high: p = 1; two: p = 3/5, as far from 1/2 as 3/4 is not; all four: p = 1/5.
    assert fitted.times(np.array([9.0, 3.0, 0.0])).tolist() == [1.0, 2.0, 4.0]
    # The risk of a training patient counts that patient: p = 4/5.
    assert fitted.times(np.array([4.0])).tolist() == [1.0]


def test_below_the_end_of_the_curve_all_ranks_have_the_time_of_the_last_event() -> None:
    time = np.arange(1.0, 101.0)
    outcome = Outcome(time, time <= 20)
    fitted = RankMap().fit(-time, outcome)
    found = fitted.times(np.sort(-time))
    # The curve ends at 0.8: the lowest four fifths of the risks are mapped to time 20, the others to one time each.
    assert (found == 20).mean() == pytest.approx(0.8, abs=0.02)
    assert len(np.unique(found)) == 20


def test_of_a_curve_that_ends_at_fifty_six_percent_more_than_half_of_all_times_are_one() -> None:
    """The median is never reached, and the lower half of the risks cannot be told apart."""
    time = np.arange(1.0, 101.0)
    outcome = Outcome(time, time <= 44)
    fitted = RankMap().fit(-time, outcome)
    # p = 1 - k / 101 with k patients as high. The curve is 1 - j / 100 at the j-th event, 0.56 at the last.
    patients = fitted.times(-time)
    assert patients.max() == 44
    assert (patients == 44).sum() == 57
    assert len(np.unique(patients)) == 44
    # 57 patients share the time 44, the others have one each.
    assert tied_pairs(patients) == pytest.approx(57 * 56 / (100 * 99))
    # Each event is mapped to its own time; whoever is censored has no error.
    assert mean_absolute_error(patients, outcome) == 0


def test_pairs_are_tied_that_have_the_same_time() -> None:
    assert tied_pairs(np.array([1.0, 1.0, 1.0, 2.0])) == 0.5
    assert tied_pairs(np.array([1.0, 2.0])) == tied_pairs(np.array([1.0])) == 0.0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_a_higher_risk_never_has_a_later_time_and_the_highest_has_the_first_event(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n = int(generator.integers(2, 60))
    event = generator.random(n) < 0.5
    event[0] = True
    outcome = Outcome(generator.integers(1, 20, n).astype(float), event)
    risk = np.round(generator.normal(size=n), 1)
    fitted = RankMap().fit(risk, outcome)
    times = fitted.times(np.sort(generator.normal(size=30)))
    assert (np.diff(times) <= 0).all()
    assert fitted.times(np.array([risk.max() + 1]))[0] == outcome.time[event].min()
    assert np.isin(times, outcome.time[event]).all()


def test_the_error_is_that_of_patients_with_the_event() -> None:
    outcome = Outcome(np.array([1.0, 5.0, 3.0]), np.array([True, False, True]))
    assert mean_absolute_error(np.array([2.0, 100.0, 6.0]), outcome) == 2.0
    assert mean_absolute_error(np.ones(3), Outcome(outcome.time, np.zeros(3, dtype=bool))) is None
