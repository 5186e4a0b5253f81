"""Negative log-likelihood of step curves: convention 7."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


def test_an_event_has_the_probability_of_its_cell_and_a_censoring_that_of_surviving():
    curves = [[0.8, 0.5], [0.9, 0.6]]

    result = metrics.negative_log_likelihood([1.5, 1.5], [1, 0], [1, 2], curves)

    np.testing.assert_allclose(result.contributions, [-np.log(0.3), -np.log(0.9)], rtol=0, atol=1e-15)


def test_the_first_cell_begins_at_one():
    result = metrics.negative_log_likelihood([0.5, 1], [1, 1], [1, 2], [[0.8, 0.5]] * 2)

    np.testing.assert_allclose(result.contributions, -np.log([0.2, 0.2]), rtol=0, atol=1e-15)


def test_a_patient_followed_beyond_the_grid_survives_it():
    result = metrics.negative_log_likelihood([9, 1], [1, 1], [1, 2], [[0.8, 0.5]] * 2)

    assert (result.contributions[0], result.events) == (pytest.approx(-np.log(0.5), abs=1e-15), 1)


def test_a_patient_followed_beyond_tau_survives_it():
    outcome = metrics.PreparedOutcome(None, None, [1.5, 1], [1, 1], tau=1)

    result = metrics.negative_log_likelihood(outcome, [1, 2], [[0.8, 0.5]] * 2)

    assert result.contributions[0] == pytest.approx(-np.log(0.8), abs=1e-15)


def test_days_and_years_give_the_same_number(untied):
    in_years = metrics.negative_log_likelihood(untied.time, untied.event, untied.times, untied.survival)
    in_days = metrics.negative_log_likelihood(365 * untied.time, untied.event, 365 * untied.times, untied.survival)

    assert in_days.value == in_years.value


def test_an_event_where_the_curve_is_flat_is_an_error():
    with pytest.raises(ValueError, match="1 of 1 curves give probability 0 to what happened"):
        metrics.negative_log_likelihood([2.0], [1], [1, 2], [[0.8, 0.8]])


def test_surviving_where_the_curve_is_zero_is_an_error():
    with pytest.raises(ValueError, match="1 of 1 curves give probability 0 to what happened"):
        metrics.negative_log_likelihood([3.0], [0], [1, 2], [[0.8, 0.0]])
