"""A teacher's curve passes through what it said, and is a row of its own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.types import FloatArray
from methods.llm_distillation.teachers.answers import TeacherAnswers
from methods.llm_distillation.teachers.curves import restated, survival_through, teacher_prediction

HORIZONS = np.array([12.0, 36.0, 60.0])


def answers(*rows: list[float], horizons: FloatArray = HORIZONS) -> TeacherAnswers:
    said = np.array(rows)
    return TeacherAnswers(horizons, said, ("why",) * len(said), "file", {"refused": 2.0})


def halved_by(times: FloatArray) -> FloatArray:
    return np.exp(-times / 10)


@given(st.lists(st.floats(0.01, 0.99), min_size=3, max_size=3).map(lambda said: sorted(said, reverse=True)))
def test_the_curve_passes_through_every_probability_and_never_rises(said: list[float]) -> None:
    times = np.linspace(0.0, 200.0, 401)
    curve = survival_through(answers(said), times)[0]
    np.testing.assert_allclose(survival_through(answers(said), HORIZONS)[0], said)
    assert curve[0] == 1
    assert (np.diff(curve) <= 1e-12).all()


def test_of_a_single_probability_it_is_the_exponential_curve() -> None:
    times = np.array([0.0, 5.0, 36.0, 100.0])
    curve = survival_through(answers([np.nan, 0.4, np.nan]), times)[0]
    np.testing.assert_allclose(curve, 0.4 ** (times / 36))


def test_the_hazard_is_constant_between_horizons_and_the_mean_one_behind_the_last() -> None:
    curve = survival_through(answers([0.9, 0.5, np.nan]), np.array([6.0, 24.0, 72.0]))[0]
    np.testing.assert_allclose(curve, [np.sqrt(0.9), np.sqrt(0.9 * 0.5), 0.25])


def test_answers_restated_keep_what_was_said_and_fill_the_rest() -> None:
    said = restated(answers([np.nan, 0.4, np.nan], [np.nan] * 3), np.array([18.0, 36.0]))
    np.testing.assert_allclose(said.probabilities, [[np.sqrt(0.4), 0.4], [np.nan, np.nan]])
    assert said.rationales == ("why", "why")


def test_the_row_has_the_teachers_curves_and_the_stand_in_for_others() -> None:
    times = np.array([0.0, 12.0, 36.0])
    row = teacher_prediction(answers([0.9, 0.8, 0.7], [np.nan] * 3, [0.5, 0.3, 0.1]), times, halved_by)
    assert row.survival is not None
    assert row.parseable is not None
    np.testing.assert_allclose(row.survival, np.array([[1, 0.9, 0.8], halved_by(times), [1, 0.5, 0.3]]))
    assert row.parseable.tolist() == [True, False, True]
    assert row.risk[0] < row.risk[2] < row.risk[1]
    assert row.diagnostics == {"teacher_refused": 2.0}


def test_the_risk_does_not_hang_on_the_times_that_are_asked_for() -> None:
    said = answers([0.9, 0.8, 0.7], [0.5, 0.3, 0.1])
    at_one, at_many = (
        teacher_prediction(said, np.array(times), halved_by).risk for times in ([50.0], [0.0, 9.0, 99.0])
    )
    np.testing.assert_array_equal(at_one, at_many)


def test_the_risk_is_minus_the_mean_time_lived_up_to_the_last_horizon() -> None:
    said = answers([0.6], horizons=np.array([10.0]))
    rate = -np.log(0.6) / 10
    risk = teacher_prediction(said, np.array([1.0]), halved_by).risk[0]
    assert risk == pytest.approx(-(1 - 0.6) / rate, rel=0.01)
