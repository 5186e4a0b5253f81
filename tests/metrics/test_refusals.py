"""What the metrics refuse, and that they say why: conventions 6, 7 and 14."""

from __future__ import annotations

import numpy as np
import pytest

import metrics

TIME, EVENT, RISK = [1.0, 2.0, 3.0], [1, 0, 1], [3.0, 2.0, 1.0]
TIMES, CURVES = [1.0, 2.0], [[0.8, 0.3], [0.9, 0.5], [1.0, 0.6]]

ON_OUTCOME = {
    "kaplan_meier": metrics.kaplan_meier,
    "censoring_distribution": metrics.censoring_distribution,
    "concordance_index": lambda t, e: metrics.concordance_index(t, e, RISK),
    "concordance_index_ipcw": lambda t, e: metrics.concordance_index_ipcw(TIME, EVENT, t, e, RISK),
    "concordance_index_ipcw train": lambda t, e: metrics.concordance_index_ipcw(t, e, TIME, EVENT, RISK),
    "concordance_index_td": lambda t, e: metrics.concordance_index_td(t, e, TIMES, CURVES),
    "brier_score": lambda t, e: metrics.brier_score(TIME, EVENT, t, e, TIMES, CURVES, at=1),
    "integrated_brier_score": lambda t, e: metrics.integrated_brier_score(TIME, EVENT, t, e, TIMES, CURVES),
    "cumulative_dynamic_auc": lambda t, e: metrics.cumulative_dynamic_auc(TIME, EVENT, t, e, RISK, at=1),
    "integrated_calibration_index": lambda t, e: metrics.integrated_calibration_index(t, e, TIMES, CURVES, at=1),
    "calibration_slope": lambda t, e: metrics.calibration_slope(t, e, TIMES, CURVES, at=1),
    "one_calibration": lambda t, e: metrics.one_calibration(t, e, TIMES, CURVES, at=1),
    "km_calibration": lambda t, e: metrics.km_calibration(t, e, TIMES, CURVES, at=1),
    "net_benefit": lambda t, e: metrics.net_benefit(t, e, TIMES, CURVES, thresholds=0.1, at=1),
    "negative_log_likelihood": lambda t, e: metrics.negative_log_likelihood(t, e, TIMES, CURVES),
    "mean_absolute_error": lambda t, e: metrics.mean_absolute_error(TIME, EVENT, t, e, RISK),
    "bootstrap_concordance_index": lambda t, e: metrics.bootstrap_concordance_index(t, e, RISK),
    "prepared outcome": lambda t, e: metrics.PreparedOutcome(None, None, t, e),
}
ON_CURVES = {
    "interpolate_steps": lambda t, s: metrics.interpolate_steps(t, s, [1.0]),
    "survival_at_observed": lambda t, s: metrics.survival_at_observed(TIME, t, s),
    "restricted_mean_survival": metrics.restricted_mean_survival,
    "concordance_index_td": lambda t, s: metrics.concordance_index_td(TIME, EVENT, t, s),
    "brier_score": lambda t, s: metrics.brier_score(TIME, EVENT, TIME, EVENT, t, s, at=1),
    "integrated_brier_score": lambda t, s: metrics.integrated_brier_score(TIME, EVENT, TIME, EVENT, t, s),
    "integrated_calibration_index": lambda t, s: metrics.integrated_calibration_index(TIME, EVENT, t, s, at=1),
    "calibration_slope": lambda t, s: metrics.calibration_slope(TIME, EVENT, t, s, at=1),
    "one_calibration": lambda t, s: metrics.one_calibration([1.0] * 3, [1] * 3, t, s, at=1),
    "km_calibration": lambda t, s: metrics.km_calibration(TIME, EVENT, t, s, at=1),
    "net_benefit": lambda t, s: metrics.net_benefit(TIME, EVENT, t, s, thresholds=0.1, at=1),
    "negative_log_likelihood": lambda t, s: metrics.negative_log_likelihood(TIME, EVENT, t, s),
}
ON_RISK = {
    "concordance_index": lambda r: metrics.concordance_index(TIME, EVENT, r),
    "concordance_index_ipcw": lambda r: metrics.concordance_index_ipcw(TIME, EVENT, TIME, EVENT, r),
    "cumulative_dynamic_auc": lambda r: metrics.cumulative_dynamic_auc(TIME, EVENT, TIME, EVENT, r, at=1),
    "mean_absolute_error": lambda r: metrics.mean_absolute_error(TIME, EVENT, TIME, EVENT, r),
    "bootstrap_concordance_index": lambda r: metrics.bootstrap_concordance_index(TIME, EVENT, r),
}


@pytest.mark.parametrize("name", ON_OUTCOME)
@pytest.mark.parametrize(
    ("time", "event", "reason"),
    [
        ([1.0, np.nan, 3.0], EVENT, "time of patient 1 is nan"),
        ([1.0, np.inf, 3.0], EVENT, "time of patient 1 is inf"),
        ([1.0, 2.0, 0.0], EVENT, r"time of patient 2 is 0\.0"),
        ([1.0, -2.0, 3.0], EVENT, r"time of patient 1 is -2\.0"),
        ([[1.0, 2.0, 3.0]], EVENT, "time must be one-dimensional"),
        (["1", "2", "3"], EVENT, "time must be numbers"),
        ([], [], "time is empty"),
        (TIME, [1, 0, 2], "event of patient 2 is 2"),
        (TIME, [1, 0, -1], "event of patient 2 is -1"),
        (TIME, [1, 0, np.nan], "event of patient 2 is nan"),
        (TIME, [1, 0], r"event has shape \(2,\)"),
        (TIME, ["yes", "no", "yes"], "event must be bool or 0/1"),
    ],
)
def test_an_outcome_that_is_none(name, time, event, reason):
    with pytest.raises(ValueError, match=reason):
        ON_OUTCOME[name](time, event)


@pytest.mark.parametrize("name", ON_CURVES)
@pytest.mark.parametrize(
    ("times", "curves", "reason"),
    [
        ([2.0, 1.0], CURVES, "times must increase strictly"),
        ([1.0, 1.0], CURVES, "times must increase strictly"),
        ([1.0, np.nan], CURVES, "times holds a value that is not finite"),
        ([-1.0, 1.0], CURVES, "times starts at -1"),
        ([], CURVES, "times must be a non-empty vector"),
        ([1.0, 2.0, 3.0], CURVES, r"survival has shape \(3, 2\), expected \(n, 3\)"),
        (TIMES, [["a", "b"]] * 3, "survival must be numbers"),
        (TIMES, [[0.8, 0.3], [0.5, 0.6], [0.4, 0.5]], r"survival curve of patient 1 rises from 0\.5 to 0\.6"),
        (TIMES, [[0.8, 0.3], [np.nan, 0.6], [1, 1]], "survival curve of patient 1 holds a value that is not finite"),
        (TIMES, [[0.8, 0.3], [1.1, 0.6], [1, 1]], r"survival curve of patient 1 leaves \[0, 1\]"),
        (TIMES, [[0.8, 0.3], [0.9, -0.1], [1, 1]], r"survival curve of patient 1 leaves \[0, 1\]"),
    ],
)
def test_curves_that_are_none(name, times, curves, reason):
    with pytest.raises(ValueError, match=reason):
        ON_CURVES[name](times, curves)


@pytest.mark.parametrize(
    "name", [name for name in ON_CURVES if name not in ("interpolate_steps", "restricted_mean_survival")]
)
def test_another_number_of_curves_than_patients(name):
    with pytest.raises(ValueError, match="survival has 2 rows, expected 3"):
        ON_CURVES[name](TIMES, CURVES[:2])


@pytest.mark.parametrize("name", ON_RISK)
@pytest.mark.parametrize(
    ("risk", "reason"),
    [([1.0, np.nan, 2.0], "patient 1 is nan"), ([1.0, np.inf, 2.0], "patient 1 is inf"), ([1.0, 2.0], "has 2 entries")],
)
def test_a_prediction_that_is_none(name, risk, reason):
    with pytest.raises(ValueError, match=reason):
        ON_RISK[name](risk)


@pytest.mark.parametrize("tau", [0.0, -1.0, np.nan, np.inf])
def test_a_horizon_that_is_none(tau):
    with pytest.raises(ValueError, match="tau is"):
        metrics.concordance_index(TIME, EVENT, RISK, tau=tau)


def test_strata_of_another_length():
    with pytest.raises(ValueError, match="strata has shape"):
        metrics.concordance_index(TIME, EVENT, RISK, strata=["a", "b"])


def test_a_missing_stratum():
    with pytest.raises(ValueError, match="stratum of patient 1 is missing"):
        metrics.concordance_index(TIME, EVENT, RISK, strata=[1.0, np.nan, 1.0])


def test_half_a_train_outcome():
    with pytest.raises(ValueError, match="give both or neither"):
        metrics.PreparedOutcome(TIME, None, TIME, EVENT)


def test_a_metric_weighted_by_censoring_on_an_outcome_without_a_train_fold():
    outcome = metrics.PreparedOutcome(None, None, TIME, EVENT)

    with pytest.raises(ValueError, match="needs the train fold's outcome"):
        metrics.concordance_index_ipcw(outcome, RISK)


def test_a_negative_time_to_interpolate_at():
    with pytest.raises(ValueError, match="before 0"):
        metrics.interpolate_steps(TIMES, CURVES, [-1.0])


def test_an_integral_over_one_time():
    with pytest.raises(ValueError, match="at least two times"):
        metrics.integrated_brier_score(TIME, EVENT, TIME, EVENT, TIMES, CURVES, grid=[1.0])


def test_a_reference_that_predicts_perfectly():
    with pytest.raises(ValueError, match="Kaplan-Meier estimate is 0"):
        metrics.integrated_brier_score(TIME, EVENT, TIME, EVENT, TIMES, CURVES, grid=[0.2, 0.5])


def test_rounding_beyond_the_unit_interval_is_clipped():
    curves = [[1.0 + 5e-10, -5e-10]]

    np.testing.assert_array_equal(metrics.interpolate_steps(TIMES, curves, TIMES), [[1.0, 0.0]])


def test_a_rise_by_rounding_is_accepted():
    metrics.interpolate_steps(TIMES, [[0.5, 0.5 + 5e-9]], TIMES)


def test_single_precision_curves_are_accepted():
    values = metrics.interpolate_steps(TIMES, np.array([[0.5, 0.25]], dtype=np.float32), TIMES)

    assert values.dtype == np.float64
