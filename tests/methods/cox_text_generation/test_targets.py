"""Which number is taught, and what it says of the curve."""

import numpy as np
import pytest

from benchmarks.types import Cohort
from methods.cox_text_generation.targets import EventProbability, LogHazardRatio, Rank, Target, make_target
from methods.cox_text_generation.teachers import CoxTeacher
from methods.shared.curves import proportional_hazards_survival


@pytest.fixture(scope="module")
def teacher(gbsg2: Cohort) -> CoxTeacher:
    return CoxTeacher(gbsg2, penalty=0.1)


@pytest.fixture(scope="module")
def linear_predictor(teacher: CoxTeacher, gbsg2: Cohort) -> np.ndarray:
    return teacher.linear_predictor(gbsg2.patients.table())


def target_of(name: str, teacher: CoxTeacher, linear_predictor: np.ndarray, digits: int = 3) -> Target:
    at_horizon = float(teacher.cumulative_hazard(np.array([teacher.horizon]))[0])
    return make_target(name, digits, train_linear_predictor=linear_predictor, cumulative_hazard=at_horizon)


def student_curves(teacher: CoxTeacher, linear_predictor: np.ndarray, times: np.ndarray) -> np.ndarray:
    return proportional_hazards_survival(linear_predictor, teacher.cumulative_hazard(times))


def test_the_horizon_is_the_median_observed_time(teacher: CoxTeacher, gbsg2: Cohort) -> None:
    assert teacher.horizon == np.median(gbsg2.outcome.time)


def test_the_horizon_is_never_before_the_first_event() -> None:
    cohort = _cohort(time=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], event=[0, 0, 0, 0, 1, 1])

    assert CoxTeacher(cohort, penalty=0.1).horizon == 5.0


def test_survival_at_the_horizon_is_one_minus_the_probability_written(
    teacher: CoxTeacher, linear_predictor: np.ndarray
) -> None:
    target = target_of("event_prob", teacher, linear_predictor)
    percent = np.array([0.1, 7.4, 50.0, 99.9])

    curves = student_curves(teacher, target.linear_predictor(percent), np.array([0.0, teacher.horizon]))

    np.testing.assert_allclose(curves[:, 1], 1 - percent / 100, rtol=1e-12)
    np.testing.assert_array_equal(curves[:, 0], 1.0)


def test_a_curve_is_the_power_of_one_minus_p(teacher: CoxTeacher, linear_predictor: np.ndarray) -> None:
    target = target_of("event_prob", teacher, linear_predictor)
    times = np.linspace(0, 5000, 50)  # beyond the last event, too
    hazard = teacher.cumulative_hazard(times) / teacher.cumulative_hazard(np.array([teacher.horizon]))

    curve = student_curves(teacher, target.linear_predictor(np.array([30.0])), times)[0]

    np.testing.assert_allclose(curve, 0.7**hazard, rtol=1e-12)


@pytest.mark.parametrize("name", ["event_prob", "log_hr"])
def test_a_perfect_student_has_the_curves_of_its_teacher(
    teacher: CoxTeacher, gbsg2: Cohort, linear_predictor: np.ndarray, name: str
) -> None:
    target = target_of(name, teacher, linear_predictor)
    times = np.linspace(0, 3000, 61)

    curves = student_curves(teacher, target.linear_predictor(target.numbers(linear_predictor)), times)

    np.testing.assert_allclose(curves, teacher.survival(gbsg2.patients.table(), times), atol=1e-6)


def test_a_perfect_student_of_ranks_has_them_up_to_a_neighbour(
    teacher: CoxTeacher, linear_predictor: np.ndarray
) -> None:
    target = target_of("rank", teacher, linear_predictor)
    order = np.argsort(linear_predictor)

    read_back = target.linear_predictor(target.numbers(linear_predictor))

    inner = order[1:-1]
    assert (read_back[inner] >= linear_predictor[order[:-2]]).all()
    assert (read_back[inner] <= linear_predictor[order[2:]]).all()


@pytest.mark.parametrize("digits", [2, 3])
@pytest.mark.parametrize("name", ["event_prob", "rank", "log_hr"])
def test_higher_risk_is_a_higher_number(
    teacher: CoxTeacher, linear_predictor: np.ndarray, name: str, digits: int
) -> None:
    target = target_of(name, teacher, linear_predictor, digits)
    ordered = np.sort(linear_predictor)

    assert (np.diff(target.numbers(ordered)) >= 0).all()
    assert (np.diff(target.linear_predictor(target.numbers(ordered))) >= 0).all()


def test_probabilities_are_kept_from_zero_and_one() -> None:
    target = EventProbability(0.5, 3)

    numbers = target.numbers(np.array([-1e4, 0.0, 1e4]))

    np.testing.assert_allclose(numbers[[0, 2]], [0.1, 99.9])
    assert np.isfinite(target.linear_predictor(np.array([0.0, 99.9, 100.0]))).all()


def test_ranks_stand_among_the_training_patients() -> None:
    target = Rank(np.array([1.0, 2.0, 3.0, 4.0]), 3)

    assert target.numbers(np.array([0.0, 1.0, 2.5, 4.0, 9.0])).tolist() == [0, 125, 500, 875, 999]


def test_log_hazard_ratios_are_limited_to_what_can_be_written() -> None:
    assert LogHazardRatio(3).numbers(np.array([-50.0, 0.25, 50.0])).tolist() == [-9.99, 0.25, 9.99]


def _cohort(time: list[float], event: list[int]) -> Cohort:
    import pandas as pd

    ages = pd.DataFrame({"age": np.linspace(40.0, 70.0, len(time))})
    return Cohort.from_table(ages, time=time, event=event, time_unit="days")
