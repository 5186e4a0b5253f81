"""Time-dependent AUC: conventions 3, 4 and 13."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


def test_a_case_is_compared_with_those_followed_beyond_the_time():
    # At 2: cases 1 and 2, controls 3 and 4; the second case loses against the third patient.
    time, event = [1, 2, 3, 4], [1, 1, 1, 0]

    result = metrics.cumulative_dynamic_auc(time, event, time, event, [4.0, 1.0, 2.0, 0.5], at=2)

    assert (result.value, result.cases[0], result.controls[0]) == (0.75, 2, 2)


def test_a_patient_censored_at_the_time_is_neither_case_nor_control():
    time, event = [1, 2, 3], [1, 0, 1]

    result = metrics.cumulative_dynamic_auc(time, event, time, event, [2.0, 3.0, 1.0], at=2)

    assert (result.value, result.controls[0]) == (1.0, 1)


def test_equal_risks_count_one_half():
    time, event = [1, 3], [1, 1]

    assert metrics.cumulative_dynamic_auc(time, event, time, event, [1.0, 1.0], at=2).value == 0.5


def test_it_is_the_weighted_share_over_all_pairs(sample, slow):
    train = sample.time[::2], sample.event[::2]
    at = np.array([0.3, 0.6])
    weight = [1 / slow.censoring_survival(*train, min(t, 1.0), before=True) for t in sample.time]

    result = metrics.cumulative_dynamic_auc(*train, sample.time, sample.event, sample.risk, at=at)

    def area(t):
        pairs = [
            (weight[i], (sample.risk[i] > sample.risk[j]) + 0.5 * (sample.risk[i] == sample.risk[j]))
            for i in range(len(sample))
            for j in range(len(sample))
            if sample.event[i] and sample.time[i] <= t < sample.time[j]
        ]
        return sum(w * c for w, c in pairs) / sum(w for w, _ in pairs)

    np.testing.assert_allclose(result.by_time.value, [area(t) for t in at], rtol=0, atol=1e-13)


def test_the_value_is_the_mean_over_the_times(untied):
    outcome = metrics.PreparedOutcome(untied.time, untied.event, untied.time, untied.event)

    result = metrics.cumulative_dynamic_auc(outcome, untied.risk, at=[0.2, 0.5, 0.8])

    assert result.value == pytest.approx(result.by_time.value.mean(), abs=1e-15)


def test_a_risk_may_depend_on_time(untied):
    outcome = metrics.PreparedOutcome(untied.time, untied.event, untied.time, untied.event)
    risk = np.column_stack([untied.risk, -untied.risk])

    result = metrics.cumulative_dynamic_auc(outcome, risk, at=[0.3, 0.6])

    alone = metrics.cumulative_dynamic_auc(outcome, -untied.risk, at=0.6)
    assert result.by_time.value[1] == alone.value


def test_a_risk_with_another_number_of_columns_is_an_error(untied):
    outcome = metrics.PreparedOutcome(untied.time, untied.event, untied.time, untied.event)

    with pytest.raises(ValueError, match="risk has 3 columns, expected 2"):
        metrics.cumulative_dynamic_auc(outcome, np.zeros((len(untied), 3)), at=[0.3, 0.6])


def test_a_time_without_a_case_is_an_error():
    with pytest.raises(ValueError, match=r"no event by time 0\.5"):
        metrics.cumulative_dynamic_auc([1, 2], [1, 1], [1, 2], [1, 1], [1.0, 2.0], at=0.5)


def test_a_time_without_a_control_is_an_error():
    with pytest.raises(ValueError, match="nobody is followed beyond time 2"):
        metrics.cumulative_dynamic_auc([1, 2], [1, 1], [1, 2], [1, 1], [1.0, 2.0], at=2)
