"""Paired comparison of two methods."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

import metrics


def test_the_difference_is_the_first_less_the_second(untied):
    first = metrics.concordance_index(untied.time, untied.event, untied.risk)
    second = metrics.concordance_index(untied.time, untied.event, np.round(untied.risk))

    assert metrics.compare(first, second).value == first.value - second.value


def test_what_both_get_wrong_cancels(untied):
    outcome = metrics.PreparedOutcome(untied.time, untied.event, untied.time, untied.event)
    first = metrics.integrated_brier_score(outcome, untied.times, untied.survival)
    second = metrics.integrated_brier_score(outcome, untied.times, untied.survival**1.05)

    assert metrics.compare(first, second).standard_error < 0.1 * first.standard_error


def test_the_p_value_is_two_sided_normal(untied):
    first = metrics.concordance_index(untied.time, untied.event, untied.risk)
    second = metrics.concordance_index(untied.time, untied.event, -untied.risk)
    difference = metrics.compare(first, second)

    assert difference.p_value == pytest.approx(2 * norm.sf(difference.value / difference.standard_error), rel=1e-12)


def test_a_method_does_not_differ_from_itself(untied):
    result = metrics.concordance_index(untied.time, untied.event, untied.risk)

    assert metrics.compare(result, result).p_value == 1.0


def test_different_patients_are_an_error(untied):
    first = metrics.concordance_index(untied.time, untied.event, untied.risk)
    second = metrics.concordance_index(untied.time[1:], untied.event[1:], untied.risk[1:])

    with pytest.raises(ValueError, match="same patients"):
        metrics.compare(first, second)


def test_different_metrics_are_an_error(untied):
    outcome = metrics.PreparedOutcome(untied.time, untied.event, untied.time, untied.event, tau=1.0)

    with pytest.raises(ValueError, match="censoring distribution"):
        metrics.compare(
            metrics.concordance_index(outcome, untied.risk), metrics.concordance_index_ipcw(outcome, untied.risk)
        )


def test_a_metric_without_contributions_is_an_error(untied):
    at_observed = metrics.survival_at_observed(untied.time, untied.times, untied.survival)
    result = metrics.d_calibration(at_observed, untied.event)

    with pytest.raises(ValueError, match="no contributions"):
        metrics.compare(result, result)
