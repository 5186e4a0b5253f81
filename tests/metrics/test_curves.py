"""Step curves: conventions 7 and 10."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


def test_curves_are_right_continuous_steps_from_one_with_the_last_value_held():
    values = metrics.interpolate_steps([1, 2], [[0.8, 0.5]], [0, 0.9, 1, 1.5, 2, 9])

    np.testing.assert_array_equal(values, [[1, 1, 0.8, 0.8, 0.5, 0.5]])


def test_each_patient_is_read_at_the_own_observed_time():
    values = metrics.survival_at_observed([0.5, 2], [1, 2], [[0.8, 0.5], [0.9, 0.4]])

    np.testing.assert_array_equal(values, [1.0, 0.4])


@pytest.mark.parametrize(("tau", "area"), [(0.5, 0.5), (1.5, 1.4), (2.0, 1.8), (4.0, 2.8), (None, 1.8)])
def test_the_restricted_mean_is_the_area_under_the_steps(tau, area):
    value = metrics.restricted_mean_survival([1, 2], [[0.8, 0.5]], tau=tau)

    np.testing.assert_allclose(value, [area], rtol=0, atol=1e-15)


def test_rounding_of_a_curve_is_clipped_and_a_rise_of_rounding_is_taken_out():
    values = metrics.interpolate_steps([1, 2, 3], [[1 + 4e-6, 0.5, 0.5 + 4e-6], [0.9, -4e-6, -2e-6]], [1, 2, 3])

    np.testing.assert_array_equal(values, [[1, 0.5, 0.5], [0.9, 0, 0]])


@pytest.mark.parametrize(
    ("curve", "reason"),
    [
        ([1.0, 0.5, 0.50002], r"rises from 0\.5 at time 2 to 0\.50002 at time 3, by 2e-05: computed in float32\?$"),
        ([1.00002, 0.5, 0.2], r"it is 1\.00002 at time 1, by 2e-05: computed in float32\?$"),
        # No step rises by more than rounding, both together do.
        ([0.5, 0.500008, 0.500016], r"rises from 0\.5 at time 1 to 0\.500016 at time 3, by 1\.6e-05: computed"),
    ],
)
def test_a_flaw_beyond_rounding_names_value_time_and_amount(curve, reason):
    with pytest.raises(ValueError, match=reason):
        metrics.interpolate_steps([1, 2, 3], [[1.0, 1.0, 1.0], curve], [1])
