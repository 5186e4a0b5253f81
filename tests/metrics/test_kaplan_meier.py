"""Kaplan-Meier and the censoring distribution: conventions 1 and 4."""

from __future__ import annotations

import numpy as np

import metrics


def test_a_patient_censored_at_an_event_time_is_at_risk_of_the_event():
    estimate = metrics.kaplan_meier([1, 1, 2], [1, 0, 1])

    np.testing.assert_allclose(estimate.survival, [2 / 3, 0], rtol=0, atol=1e-15)


def test_a_patient_with_an_event_is_not_at_risk_of_being_censored_at_the_same_time():
    estimate = metrics.censoring_distribution([1, 1, 2], [1, 0, 1])

    np.testing.assert_allclose(estimate.survival, [0.5, 0.5], rtol=0, atol=1e-15)


def test_the_step_belongs_to_its_time():
    estimate = metrics.kaplan_meier([1, 2], [1, 1])

    assert (estimate.before(1.0), estimate.at(1.0), estimate.at(0.5)) == (1.0, 0.5, 1.0)


def test_survival_times_censoring_survival_is_the_share_still_followed(sample):
    survival = metrics.kaplan_meier(sample.time, sample.event)
    censoring = metrics.censoring_distribution(sample.time, sample.event)

    followed = [np.mean(sample.time > t) for t in survival.times]
    np.testing.assert_allclose(survival.survival * censoring.survival, followed, rtol=0, atol=1e-14)
