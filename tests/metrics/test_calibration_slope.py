"""Calibration slope and intercept: convention 12."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


@pytest.fixture
def cohort():
    """Four thousand patients whose hazards are their predicted ones to the power 0.7, times 1.5."""
    random = np.random.default_rng(11)
    predicted = np.exp(random.normal(size=4000))
    event_time = random.exponential(1 / (1.5 * predicted**0.7))
    censoring_time = random.exponential(2.0, size=4000)
    survival = np.exp(-predicted)[:, np.newaxis]
    return np.minimum(event_time, censoring_time), event_time <= censoring_time, [1.0], survival


def test_predictions_too_extreme_have_a_slope_below_one(cohort):
    result = metrics.calibration_slope(*cohort, at=1.0)

    lower, upper = result.interval
    assert lower < 0.7 < upper < 1.0


def test_of_calibrated_predictions_the_intercept_is_zero(cohort):
    time, event, times, survival = cohort
    calibrated = np.exp(-1.5 * (-np.log(survival)) ** 0.7)

    lower, upper = metrics.calibration_slope(time, event, times, calibrated, at=1.0).intercept.interval

    assert lower < 0.0 < upper


def test_the_intercept_is_the_log_of_observed_over_predicted_hazard():
    # The risk sets of the events at 1 and 2 hold predicted hazards of 1 + 2 + 1 and 2 + 1.
    survival = np.exp(-np.array([[1.0], [2.0], [1.0]]))

    result = metrics.calibration_slope([1, 2, 3], [1, 1, 0], [2], survival, at=2)

    assert result.intercept.value == pytest.approx(np.log(1 / 4 + 1 / 3), abs=1e-12)


def test_days_and_years_give_the_same_numbers(cohort):
    time, event, times, survival = cohort

    in_years = metrics.calibration_slope(time, event, times, survival, at=1.0)
    in_days = metrics.calibration_slope(time * 365.25, event, [365.25], survival, at=365.25)

    assert in_days.value == pytest.approx(in_years.value, abs=1e-12)
    assert in_days.intercept.value == pytest.approx(in_years.intercept.value, abs=1e-12)


def test_equal_predictions_are_an_error():
    with pytest.raises(ValueError, match="all predictions are equal"):
        metrics.calibration_slope([1, 2], [1, 1], [1], [[0.5], [0.5]], at=1)


def test_no_event_by_the_horizon_is_an_error():
    with pytest.raises(ValueError, match="no event by the horizon"):
        metrics.calibration_slope([2, 3], [1, 1], [1], [[0.5], [0.6]], at=1)
