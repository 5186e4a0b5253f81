"""Groups of predicted risk against Kaplan-Meier, and the test built on them: convention 12."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


@pytest.fixture
def two_groups():
    """Ten patients predicted 0.8 and ten predicted 0.2 to survive time 5; all events are observed."""
    time = np.concatenate([[6] * 7, [1, 2, 3], [6] * 4, [1, 2, 3, 4, 5, 5]]).astype(float)
    event = np.ones(20, dtype=bool)
    survival = np.repeat([0.8, 0.2], 10)[:, np.newaxis]
    return time, event, [5.0], survival


def test_the_observed_probability_of_a_group_is_its_kaplan_meier_estimate(two_groups):
    result = metrics.km_calibration(*two_groups, at=5.0, bins=2)

    np.testing.assert_allclose(result.predicted, [0.2, 0.8], rtol=0, atol=1e-15)
    np.testing.assert_allclose(result.observed, [0.3, 0.6], rtol=0, atol=1e-15)
    np.testing.assert_array_equal(result.events, [3, 6])


def test_the_value_is_the_mean_distance(two_groups):
    assert metrics.km_calibration(*two_groups, at=5.0, bins=2).value == pytest.approx(0.15, abs=1e-15)


def test_equal_predictions_stay_in_one_group(two_groups):
    result = metrics.km_calibration(*two_groups, at=5.0, bins=5)

    np.testing.assert_array_equal(result.size, [10, 10])


def test_a_group_not_followed_to_the_horizon_is_merged_with_its_neighbour():
    time, event = [6, 6, 6, 2, 2, 3], [1, 0, 1, 0, 1, 0]
    survival = [[0.9], [0.8], [0.7], [0.3], [0.2], [0.1]]

    result = metrics.km_calibration(time, event, [5], survival, at=5, bins=2)

    np.testing.assert_array_equal(result.size, [6])


def test_a_group_in_which_everybody_had_the_event_is_known():
    time, event = [6, 6, 6, 2, 2, 3], [1, 0, 1, 1, 1, 1]
    survival = [[0.9], [0.8], [0.7], [0.3], [0.2], [0.1]]

    result = metrics.km_calibration(time, event, [5], survival, at=5, bins=2)

    np.testing.assert_array_equal(result.observed, [0.0, 1.0])


def test_limits_enclose_the_observed_probability(two_groups):
    result = metrics.km_calibration(*two_groups, at=5.0, bins=2)

    assert np.all((result.lower < result.observed) & (result.observed < result.upper))


def test_the_statistic_divides_by_greenwoods_variance(two_groups):
    time, event, times, survival = (np.concatenate([a, a]) if np.ndim(a) and len(a) > 1 else a for a in two_groups)

    result = metrics.one_calibration(time, event, times, survival, at=5.0, bins=2)

    # Without censoring Greenwood's variance is the binomial one.
    expected = 0.1**2 / (0.3 * 0.7 / 20) + 0.2**2 / (0.6 * 0.4 / 20)
    assert (result.value, result.degrees_of_freedom) == (pytest.approx(expected, abs=1e-12), 2)


def test_groups_are_merged_until_each_has_five_events(two_groups):
    assert metrics.one_calibration(*two_groups, at=5.0, bins=2).degrees_of_freedom == 1


def test_too_few_events_are_an_error():
    with pytest.raises(ValueError, match="2 events by the horizon"):
        metrics.one_calibration([1, 2, 3], [1, 1, 1], [2], [[0.5]] * 3, at=2)


def test_a_horizon_by_which_everybody_has_had_the_event_is_an_error():
    with pytest.raises(ValueError, match="no variance"):
        metrics.one_calibration(np.arange(1, 7), np.ones(6), [2], [[0.5]] * 6, at=6)
