"""Net benefit at a horizon."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


def test_true_positives_less_false_positives_at_the_odds_of_the_threshold():
    # Two of four are treated at 0.5, one of them has the event by time 5: 1/4 - 1/4 * 1.
    result = metrics.net_benefit([1, 6, 6, 6], [1, 1, 1, 1], [5], [[0.2], [0.4], [0.7], [0.9]], thresholds=0.5, at=5)

    assert (float(result), result.treated[0]) == (0.0, 2)


def test_one_is_treated_from_the_threshold_on():
    result = metrics.net_benefit([1, 6], [1, 1], [5], [[0.5], [0.6]], thresholds=0.5, at=5)

    assert result.treated[0] == 1


def test_treating_nobody_has_no_benefit():
    assert float(metrics.net_benefit([1, 6], [1, 1], [5], [[0.5], [0.6]], thresholds=0.9, at=5)) == 0.0


def test_treating_all_is_given_beside():
    result = metrics.net_benefit([1, 6], [1, 1], [5], [[0.5], [0.6]], thresholds=[0.2], at=5)

    np.testing.assert_allclose(result.treat_all, [0.5 - 0.5 * 0.25], rtol=0, atol=1e-15)


def test_censoring_enters_by_kaplan_meier():
    # Those treated: event at 1 of four, one censored at 2, event at 3 of two: S(5) = 3/4 * 1/2.
    time, event = [1, 2, 3, 6], [1, 0, 1, 1]

    result = metrics.net_benefit(time, event, [5], [[0.1]] * 4, thresholds=0.5, at=5)

    assert float(result) == pytest.approx(1 - 2 * 3 / 8, abs=1e-15)


def test_treated_patients_not_followed_to_the_horizon_are_an_error():
    with pytest.raises(ValueError, match="followed to the horizon"):
        metrics.net_benefit([1, 6], [0, 1], [5], [[0.1], [0.9]], thresholds=0.5, at=5)


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_threshold_of_zero_or_one_is_an_error(threshold):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        metrics.net_benefit([1, 6], [1, 1], [5], [[0.1], [0.9]], thresholds=threshold, at=5)
