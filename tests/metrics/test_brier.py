"""Brier score and its integral: conventions 4, 6, 7 and 9."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


def test_patients_censored_at_the_time_contribute_nothing():
    # G(2) = 1/2: the patient still at risk weighs 2, the one censored at 2 weighs 0, the sum is divided by 3.
    time, event = [1, 2, 3], [1, 0, 1]

    result = metrics.brier_score(time, event, time, event, [1], [[0.5], [0.5], [0.8]], at=2)

    assert result.value[0] == pytest.approx((0.25 + 2 * 0.04) / 3, abs=1e-15)


@pytest.mark.parametrize("tied", [False, True])
def test_a_constant_half_scores_one_quarter(draw, tied):
    sample = draw(tied=tied)
    constant = np.full((len(sample), 1), 0.5)
    # Beyond the last time nobody is left to weigh: up to there the score is exact.
    at = np.unique(np.append(sample.time[:-1], [0.01, sample.time.max()]))

    result = metrics.brier_score(sample.time, sample.event, sample.time, sample.event, [0.001], constant, at=at)

    reached = at < sample.time.max()
    np.testing.assert_allclose(result.value[reached], 0.25, rtol=0, atol=1e-14)


def test_it_is_the_mean_over_the_patients(sample, slow):
    at = np.unique(sample.time)[[2, 5]]
    train = sample.time[::2], sample.event[::2]

    result = metrics.brier_score(*train, sample.time, sample.event, sample.times, sample.survival, at=at)

    predicted = metrics.interpolate_steps(sample.times, sample.survival, at)
    expected = [slow.brier(*train, sample.time, sample.event, predicted[:, k], t) for k, t in enumerate(at)]
    np.testing.assert_allclose(result.value, expected, rtol=0, atol=1e-14)


def test_contributions_average_to_the_value(sample):
    outcome = metrics.PreparedOutcome(sample.time, sample.event, sample.time, sample.event)

    result = metrics.brier_score(outcome, sample.times, sample.survival, at=sample.times[:4])

    np.testing.assert_allclose(result.contributions.mean(axis=0), result.value, rtol=0, atol=1e-15)


def test_the_integral_is_the_trapezoid_of_the_scores_divided_by_the_length(sample):
    outcome = metrics.PreparedOutcome(sample.time, sample.event, sample.time, sample.event)

    result = metrics.integrated_brier_score(outcome, sample.times, sample.survival, grid=sample.times)

    scores = metrics.brier_score(outcome, sample.times, sample.survival, at=sample.times).value
    expected = np.trapezoid(scores, sample.times) / np.ptp(sample.times)
    assert result.value == pytest.approx(expected, abs=1e-14)


def test_the_default_grid_runs_from_zero_to_tau(untied):
    tau = 0.9 * untied.times[-1]
    outcome = metrics.PreparedOutcome(untied.time, untied.event, untied.time, untied.event, tau)

    grid = metrics.integrated_brier_score(outcome, untied.times, untied.survival).grid

    assert (grid[0], grid[-1]) == (0.0, tau)


def test_the_kaplan_meier_estimate_scales_to_zero(sample):
    outcome = metrics.PreparedOutcome(sample.time, sample.event, sample.time, sample.event, sample.times[-1])
    estimate = metrics.kaplan_meier(sample.time, sample.event)
    curves = np.tile(estimate.survival, (len(sample), 1))

    result = metrics.integrated_brier_score(outcome, estimate.times, curves)

    assert float(result.scaled) == pytest.approx(0.0, abs=1e-14)


def test_a_patient_followed_beyond_tau_is_at_risk_at_tau():
    outcome = metrics.PreparedOutcome([1, 9], [1, 1], [1, 9], [1, 1], tau=2)

    result = metrics.brier_score(outcome, [1], [[0.0], [0.0]], at=2)

    assert float(result) == 0.5


def test_a_time_beyond_tau_is_an_error():
    outcome = metrics.PreparedOutcome([1, 9], [1, 1], [1, 9], [1, 1], tau=2)

    with pytest.raises(ValueError, match="beyond the horizon"):
        metrics.brier_score(outcome, [1], [[0.0], [0.0]], at=3)


def test_a_needed_time_after_the_train_follow_up_is_an_error():
    with pytest.raises(ValueError, match="follow-up ends at 2"):
        metrics.brier_score([1, 2], [1, 1], [1, 9], [1, 1], [1], [[0.0], [0.0]], at=3)


def test_a_needed_time_where_the_censoring_survival_is_zero_is_an_error():
    with pytest.raises(ValueError, match="is 0 at time 3"):
        metrics.brier_score([1, 3, 3], [1, 0, 0], [1, 9], [1, 1], [1], [[0.0]] * 2, at=3)
