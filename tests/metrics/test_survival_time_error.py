"""Mean absolute error of predicted survival times."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


def test_uncensored_leaves_the_censored_out():
    result = metrics.mean_absolute_error([1, 2], [1, 1], [1, 2], [1, 0], [3.0, 9.0], censored="uncensored")

    assert result.value == 2.0


def test_hinge_counts_a_prediction_before_the_censoring_only():
    result = metrics.mean_absolute_error([1, 2], [1, 1], [1, 4, 4], [1, 0, 0], [1.0, 1.0, 9.0], censored="hinge")

    assert result.value == 1.0


def test_margin_expects_the_mean_of_those_who_survive_the_censoring():
    # Train times 1, 2, 4: from 1.5 on S is 2/3, 1/3 from 2 to 4; the expectation is 1.5 + (1/3 + 2/3) / (2/3)
    # = 3.
    result = metrics.mean_absolute_error([1, 2, 4], [1, 1, 1], [1, 1.5], [1, 0], [1.0, 1.0], censored="margin")

    # The censored patient weighs 1 - 2/3.
    assert result.value == pytest.approx((1 / 3) * 2.0 / (1 + 1 / 3), abs=1e-14)


def test_a_curve_that_does_not_reach_zero_ends_in_a_line():
    # S is 1/2 from 1 to 2, then falls along the line from (0, 1) through (2, 1/2) to 0 at 4: area 1/2 + 1/2.
    result = metrics.mean_absolute_error([1, 2], [1, 0], [1, 1], [1, 0], [1.0, 1.0], censored="margin")

    assert result.value == pytest.approx(0.5 * (1 / 0.5) / 1.5, abs=1e-14)


@pytest.mark.parametrize("censoring_time", [0.5, 1.0, 1.7, 3.9])
def test_a_pseudo_observation_is_the_leave_one_in_difference_of_the_mean(censoring_time):
    train_time, train_event = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([1, 1, 0, 1, 0])
    with_patient = np.append(train_time, censoring_time), np.append(train_event, 0)

    result = metrics.mean_absolute_error(
        train_time, train_event, [1, censoring_time], [1, 0], [1.0, 0.0], censored="pseudo_observation"
    )

    expected = 6 * mean_with_tail(*with_patient) - 5 * mean_with_tail(train_time, train_event)
    weight = 1 - float(metrics.kaplan_meier(train_time, train_event).at(censoring_time))
    assert result.value == pytest.approx(weight * abs(expected) / (1 + weight), abs=1e-12)


def mean_with_tail(time, event):
    """Area under the Kaplan-Meier estimate, with the line to 0 from its last point."""
    estimate = metrics.kaplan_meier(time, event)
    last, end = estimate.times[-1], estimate.survival[-1]
    area = metrics.restricted_mean_survival(estimate.times, estimate.survival[np.newaxis, :])[0]
    return area + 0.5 * end * (last / (1 - end) - last)


def test_without_an_event_it_is_an_error():
    with pytest.raises(ValueError, match="no patient has an event"):
        metrics.mean_absolute_error([1, 2], [1, 1], [1, 2], [0, 0], [1.0, 1.0])


def test_a_train_fold_without_an_event_is_an_error():
    with pytest.raises(ValueError, match="no patient of the train fold has an event"):
        metrics.mean_absolute_error([1, 2], [0, 0], [1, 2], [1, 0], [1.0, 1.0])


def test_an_unknown_way_is_an_error():
    with pytest.raises(ValueError, match="'ipcw'"):
        metrics.mean_absolute_error([1, 2], [1, 1], [1, 2], [1, 0], [1.0, 1.0], censored="ipcw")
