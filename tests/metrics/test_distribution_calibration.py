"""D-calibration: convention 11."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


def test_bins_are_closed_below_and_the_last_at_one():
    shares = metrics.d_calibration([0.0, 0.3, 0.7, 1.0], [1, 1, 1, 1]).shares

    np.testing.assert_array_equal(np.flatnonzero(shares), [0, 3, 7, 9])


def test_a_censored_patient_is_spread_over_the_bins_below():
    shares = metrics.d_calibration([0.25, 0.95], [0, 1]).shares

    np.testing.assert_allclose(2 * shares, [0.4, 0.4, 0.2, 0, 0, 0, 0, 0, 0, 1], rtol=0, atol=1e-15)


def test_a_patient_censored_at_survival_zero_is_in_the_first_bin():
    shares = metrics.d_calibration([0.0, 0.95], [0, 1]).shares

    assert shares[0] == 0.5


def test_the_statistic_is_chi_squared_on_nine_degrees_of_freedom():
    result = metrics.d_calibration(np.full(10, 0.55), np.ones(10))

    assert (result.value, result.largest_deviation) == (90.0, 0.9)
    assert result.p_value == pytest.approx(1.7e-15, rel=0.1)


def test_no_event_is_an_error():
    with pytest.raises(ValueError, match="no patient has an event"):
        metrics.d_calibration([0.5, 0.5], [0, 0])


def test_a_probability_outside_the_unit_interval_is_an_error():
    with pytest.raises(ValueError, match="patient 1"):
        metrics.d_calibration([0.5, 1.5], [1, 0])
