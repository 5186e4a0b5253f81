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


def test_an_event_in_a_step_is_spread_evenly_over_it():
    shares = metrics.d_calibration([0.25, 0.95], [1, 1], survival_before=[0.65, 0.95]).shares

    np.testing.assert_allclose(2 * shares, [0, 0, 0.125, 0.25, 0.25, 0.25, 0.125, 0, 0, 1], rtol=0, atol=1e-15)


def test_a_curve_that_rises_at_the_event_is_an_error():
    with pytest.raises(ValueError, match=r"survival of patient 1 rises from 0.4 before the event to 0.5 at it"):
        metrics.d_calibration([0.5, 0.5], [1, 1], survival_before=[0.6, 0.4])


@pytest.mark.parametrize("visits", [4, 12, 100])
def test_the_kaplan_meier_curve_of_discrete_times_is_calibrated_to_the_last_digit(visits):
    rng = np.random.default_rng(visits)
    failure, censored = rng.exponential(1.0, 400), rng.uniform(0, 2, 400)
    event = failure <= censored
    time = np.minimum(np.ceil(visits * np.minimum(failure, censored)), visits)
    event &= visits * failure <= visits
    grid = np.arange(0.0, visits + 1)
    curves = np.tile(metrics.kaplan_meier(time, event).at(grid), (400, 1))

    before, after = metrics.survival_around_observed(time, grid, curves)
    at_observed = np.where(event, after, metrics.survival_at_observed(time, grid, curves))
    result = metrics.d_calibration(at_observed, event, survival_before=before)

    assert result.value < 1e-20
    if visits == 4:
        assert metrics.d_calibration(at_observed, event).p_value < 1e-6


def test_folds_together_are_one_test():
    rng = np.random.default_rng(0)
    parts = [metrics.d_calibration(rng.uniform(size=60), np.ones(60)) for _ in range(3)]
    rng = np.random.default_rng(0)
    whole = metrics.d_calibration(rng.uniform(size=180), np.ones(180))

    pooled = metrics.d_calibration_of_counts(sum(part.counts for part in parts), sum(part.events for part in parts))

    assert (pooled.value, pooled.p_value, pooled.events) == (whole.value, whole.p_value, 180)


@pytest.mark.parametrize(
    ("events", "patients", "can"),
    [(49, 60, False), (50, 60, True), (57, 1150, True), (50, 1400, False), (100, 6000, False), (110, 6000, True)],
)
def test_few_events_or_rare_ones_cannot_reject(events, patients, can):
    censored = (patients - events) * np.full(10, 0.1)
    assert metrics.d_calibration_of_counts(censored + events / 10, events).can_reject is can


@pytest.mark.parametrize(("power", "rejects"), [(1.0, False), (2.0, True), (0.5, True)])
def test_doubled_and_halved_hazards_are_rejected_where_they_can_be(power, rejects):
    rng = np.random.default_rng(5)
    failure = rng.exponential(1.0, 1200)
    time, event = np.minimum(failure, 0.09), failure <= 0.09

    result = metrics.d_calibration(np.exp(-power * time), event)

    assert result.can_reject
    assert (result.p_value < 0.05) is rejects
