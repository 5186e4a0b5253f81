"""ICI, E50 and E90: convention 12."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


@pytest.fixture
def calibrated():
    """A thousand patients whose times follow their predicted curves."""
    random = np.random.default_rng(3)
    rate = np.exp(random.normal(size=1000))
    event_time = random.exponential(1 / rate)
    censoring_time = random.exponential(2.0, size=1000)
    times = np.linspace(0.1, 1.0, 10)
    survival = np.exp(-np.outer(rate, times))
    return np.minimum(event_time, censoring_time), event_time <= censoring_time, times, survival


def test_calibrated_predictions_lie_near_the_observed(calibrated):
    assert metrics.integrated_calibration_index(*calibrated, at=1.0).value < 0.02


def test_predictions_of_half_the_hazard_lie_away_from_the_observed(calibrated):
    time, event, times, survival = calibrated

    assert metrics.integrated_calibration_index(time, event, times, np.sqrt(survival), at=1.0).value > 0.1


def test_days_and_years_give_the_same_number(calibrated):
    time, event, times, survival = calibrated

    in_years = metrics.integrated_calibration_index(time, event, times, survival, at=1.0)
    in_days = metrics.integrated_calibration_index(time * 365.25, event, times * 365.25, survival, at=365.25)

    assert in_days.value == pytest.approx(in_years.value, abs=1e-12)


def test_summaries_are_of_the_same_distances(calibrated):
    result = metrics.integrated_calibration_index(*calibrated, at=1.0)

    distance = np.abs(result.predicted - result.observed)
    assert (result.value, result.e50, result.largest) == (distance.mean(), np.median(distance), distance.max())


def test_of_a_constant_prediction_it_is_the_distance_from_kaplan_meier(calibrated):
    time, event, _, _ = calibrated
    constant = np.full((time.size, 1), 0.5)

    result = metrics.integrated_calibration_index(time, event, [1.0], constant, at=1.0)

    assert result.value == pytest.approx(abs(0.5 - metrics.kaplan_meier(time, event).at(1.0)), abs=1e-15)


def test_of_few_distinct_predictions_the_curve_is_a_line(calibrated):
    time, event, _, survival = calibrated
    two = np.where(survival[:, -1:] > 0.5, 0.8, 0.2)

    result = metrics.integrated_calibration_index(time, event, [1.0], two, at=1.0)

    assert np.unique(result.observed).size == 2


def test_predictions_of_exactly_zero_and_one_are_kept(calibrated):
    time, event, times, survival = calibrated
    survival = survival.copy()
    survival[0], survival[1] = 1.0, 0.0

    result = metrics.integrated_calibration_index(time, event, times, survival, at=1.0)

    assert (result.predicted[0], result.predicted[1]) == (0.0, 1.0)


def test_only_predictions_of_zero_and_one_are_an_error(calibrated):
    time, event, _, survival = calibrated

    with pytest.raises(ValueError, match="0 or 1"):
        metrics.integrated_calibration_index(time, event, [1.0], np.round(survival[:, -1:]), at=1.0)


def test_no_event_by_the_horizon_is_an_error():
    with pytest.raises(ValueError, match="no event by the horizon 1"):
        metrics.integrated_calibration_index([2, 3], [1, 1], [1], [[0.5], [0.6]], at=1)


def test_a_horizon_beyond_the_follow_up_is_an_error():
    with pytest.raises(ValueError, match="beyond the last observed time 3"):
        metrics.integrated_calibration_index([2, 3], [1, 1], [1], [[0.5], [0.6]], at=4)


def test_a_missing_horizon_is_an_error():
    with pytest.raises(ValueError, match="no horizon"):
        metrics.integrated_calibration_index([2, 3], [1, 1], [1], [[0.5], [0.6]])


def test_predictions_that_separate_the_events_are_an_error():
    time, event = np.arange(1.0, 9.0), np.ones(8)
    survival = np.linspace(0.1, 0.9, 8)[:, np.newaxis]

    with pytest.raises(ValueError, match="no finite maximum"):
        metrics.integrated_calibration_index(time, event, [1.0], survival, at=4.0)


def true_model(seed: int, n: int):
    """Return an outcome of n patients, the grid, the true curves and a late horizon."""
    random = np.random.default_rng(seed)
    x = random.normal(size=n)
    event_time, censoring_time = random.exponential(1000 / np.exp(0.5 * x)), random.exponential(2000, n)
    time, event = np.minimum(event_time, censoring_time) + 0.001, event_time <= censoring_time
    horizon = float(np.quantile(time, 0.985))
    return time, event, [horizon], np.exp(-horizon / 1000 * np.exp(0.5 * x))[:, np.newaxis], horizon


def test_of_50000_patients_the_true_model_lies_near_the_observed():
    """The rounding of the log likelihood, about 1e5, is more than the last step gains.

    The expected value is by scikit-survival's Cox model and Breslow's estimate on the same spline.
    """
    time, event, times, survival, horizon = true_model(seed=4, n=50_000)

    result = metrics.integrated_calibration_index(time, event, times, survival, at=horizon)

    assert result.value == pytest.approx(0.00304647465, abs=1e-10)


@pytest.mark.parametrize("seed", [1, 5])
def test_of_200000_patients_the_true_model_has_a_curve(seed):
    time, event, times, survival, horizon = true_model(seed, n=200_000)

    assert metrics.integrated_calibration_index(time, event, times, survival, at=horizon).value < 0.004
