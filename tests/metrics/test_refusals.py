"""What the metrics refuse, and that they say why: conventions 6, 7 and 14.

Wrong input is a plain `ValueError`; data that leave a metric without a value are an `UndefinedError`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

import metrics


@contextmanager
def wrong_input(reason: str) -> Iterator[None]:
    """Expect a plain `ValueError`."""
    with pytest.raises(ValueError, match=reason) as caught:
        yield
    assert not isinstance(caught.value, metrics.UndefinedError)


TIME, EVENT, RISK = [1.0, 2.0, 3.0], [1, 0, 1], [3.0, 2.0, 1.0]
TIMES, CURVES = [1.0, 2.0], [[0.8, 0.3], [0.9, 0.5], [1.0, 0.6]]

ON_OUTCOME = {
    "kaplan_meier": metrics.kaplan_meier,
    "censoring_distribution": metrics.censoring_distribution,
    "concordance_gain": lambda t, e: metrics.concordance_gain(t, e, RISK, RISK, [RISK]),
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
    with wrong_input(reason):
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
        (TIMES, [[0.8, 0.3], [0.5, 0.6], [0.4, 0.5]], r"1 rises from 0\.5 at time 1 to 0\.6 at time 2, by 0\.1$"),
        (TIMES, [[0.8, 0.3], [np.nan, 0.6], [1, 1]], "patient 1 holds a value that is not finite at time 1"),
        (TIMES, [[0.8, 0.3], [1.1, 0.6], [1, 1]], r"patient 1 leaves \[0, 1\]: it is 1\.1 at time 1, by 0\.1$"),
        (TIMES, [[0.8, 0.3], [0.9, -0.1], [1, 1]], r"patient 1 leaves \[0, 1\]: it is -0\.1 at time 2, by 0\.1$"),
    ],
)
def test_curves_that_are_none(name, times, curves, reason):
    with wrong_input(reason):
        ON_CURVES[name](times, curves)


@pytest.mark.parametrize(
    "name", [name for name in ON_CURVES if name not in ("interpolate_steps", "restricted_mean_survival")]
)
def test_another_number_of_curves_than_patients(name):
    with wrong_input("survival has 2 rows, expected 3"):
        ON_CURVES[name](TIMES, CURVES[:2])


@pytest.mark.parametrize("name", ON_RISK)
@pytest.mark.parametrize(
    ("risk", "reason"),
    [([1.0, np.nan, 2.0], "patient 1 is nan"), ([1.0, np.inf, 2.0], "patient 1 is inf"), ([1.0, 2.0], "has 2 entries")],
)
def test_a_prediction_that_is_none(name, risk, reason):
    with wrong_input(reason):
        ON_RISK[name](risk)


@pytest.mark.parametrize("tau", [0.0, -1.0, np.nan, np.inf])
def test_a_horizon_that_is_none(tau):
    with wrong_input("tau is"):
        metrics.concordance_index(TIME, EVENT, RISK, tau=tau)


def test_strata_of_another_length():
    with wrong_input("strata has shape"):
        metrics.concordance_index(TIME, EVENT, RISK, strata=["a", "b"])


def test_a_missing_stratum():
    with wrong_input("stratum of patient 1 is missing"):
        metrics.concordance_index(TIME, EVENT, RISK, strata=[1.0, np.nan, 1.0])


def test_half_a_train_outcome():
    with wrong_input("give both or neither"):
        metrics.PreparedOutcome(TIME, None, TIME, EVENT)


def test_a_metric_weighted_by_censoring_on_an_outcome_without_a_train_fold():
    outcome = metrics.PreparedOutcome(None, None, TIME, EVENT)

    with wrong_input("needs the train fold's outcome"):
        metrics.concordance_index_ipcw(outcome, RISK)


def test_a_negative_time_to_interpolate_at():
    with wrong_input("before 0"):
        metrics.interpolate_steps(TIMES, CURVES, [-1.0])


def test_an_integral_over_one_time():
    with wrong_input("at least two times"):
        metrics.integrated_brier_score(TIME, EVENT, TIME, EVENT, TIMES, CURVES, grid=[1.0])


def test_a_reference_that_predicts_perfectly():
    with pytest.raises(metrics.UndefinedError, match="Kaplan-Meier estimate is 0"):
        metrics.integrated_brier_score(TIME, EVENT, TIME, EVENT, TIMES, CURVES, grid=[0.2, 0.5])


OUTCOME = (TIME, EVENT)
ALL_CENSORED = (TIME, [0, 0, 0])
# Of three train patients the last is censored at 1.5: G is 0 from there on, and nobody is followed beyond.
SHORT_TRAIN = ([0.5, 1.0, 1.5], [0, 1, 0])

WITHOUT_A_VALUE = {
    "no comparable pair": (lambda: metrics.concordance_index(*ALL_CENSORED, RISK), "comparable"),
    "no comparable pair for Uno": (lambda: metrics.concordance_index_ipcw(*OUTCOME, *ALL_CENSORED, RISK), "comparable"),
    "no comparable pair of curves": (lambda: metrics.concordance_index_td(*ALL_CENSORED, TIMES, CURVES), "comparable"),
    "no comparable pair before tau": (lambda: metrics.concordance_index(*OUTCOME, RISK, tau=0.5), "comparable"),
    "no case": (lambda: metrics.cumulative_dynamic_auc(*OUTCOME, *OUTCOME, RISK, at=0.5), "no event by time 0.5"),
    "no control": (lambda: metrics.cumulative_dynamic_auc(*OUTCOME, *OUTCOME, RISK, at=3.0), "nobody is followed"),
    "train follow-up ends early": (
        lambda: metrics.brier_score(*SHORT_TRAIN, *OUTCOME, TIMES, CURVES, at=2.0),
        "follow-up ends at 1.5",
    ),
    "Brier score beyond the test follow-up": (
        lambda: metrics.brier_score([1.0, 2.0, 9.0], [1, 1, 0], *OUTCOME, TIMES, CURVES, at=4.0),
        "beyond the last observed time",
    ),
    "integral beyond the test follow-up": (
        lambda: metrics.integrated_brier_score([1.0, 2.0, 9.0], [1, 1, 0], *OUTCOME, TIMES, CURVES, grid=[1.0, 4.0]),
        "beyond the last observed time",
    ),
    "G is 0": (lambda: metrics.brier_score([1.0, 2.0, 2.0], [1, 0, 0], *OUTCOME, TIMES, CURVES, at=2.0), "G, the cens"),
    "horizon beyond the test follow-up": (
        lambda: metrics.integrated_calibration_index(*OUTCOME, TIMES, CURVES, at=4.0),
        "beyond the last observed time",
    ),
    "ICI without an event": (
        lambda: metrics.integrated_calibration_index(*ALL_CENSORED, TIMES, CURVES, at=2.0),
        "no event by the horizon",
    ),
    "slope without an event": (
        lambda: metrics.calibration_slope(*ALL_CENSORED, TIMES, CURVES, at=2.0),
        "no event by the horizon",
    ),
    "slope through equal predictions": (
        lambda: metrics.calibration_slope(*OUTCOME, TIMES, [[0.9, 0.5]] * 3, at=2.0),
        "all predictions are equal",
    ),
    "slope of a perfect order": (
        lambda: metrics.calibration_slope([1.0, 2.0, 3.0], [1, 1, 1], TIMES, CURVES, at=2.0),
        "no finite maximum",
    ),
    "predictions all 0 or 1": (
        lambda: metrics.calibration_slope(*OUTCOME, TIMES, [[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]], at=2.0),
        "every predicted probability is 0 or 1",
    ),
    "too few events for groups": (lambda: metrics.one_calibration(*OUTCOME, TIMES, CURVES, at=2.0), "the test needs"),
    "everybody had the event": (
        lambda: metrics.one_calibration([1.0] * 10, [1] * 10, TIMES, [[0.5, 0.5]] * 10, at=1.0, bins=1),
        "has no variance",
    ),
    "nobody treated is followed": (
        lambda: metrics.net_benefit([1.0, 3.0], [0, 1], TIMES, [[0.1, 0.1], [1.0, 1.0]], thresholds=0.5, at=2.0),
        "followed to the horizon",
    ),
    "distribution without an event": (lambda: metrics.d_calibration([0.5, 0.4, 0.3], [0, 0, 0]), "no patient has an"),
    "an outcome of probability 0": (
        lambda: metrics.negative_log_likelihood([1.0, 2.0], [1, 1], TIMES, [[1.0, 0.5], [0.9, 0.5]]),
        "probability 0",
    ),
    "time error without an event": (
        lambda: metrics.mean_absolute_error(*OUTCOME, *ALL_CENSORED, RISK),
        "no survival time is known",
    ),
    "time error without an event to train on": (
        lambda: metrics.mean_absolute_error(*ALL_CENSORED, *OUTCOME, RISK, censored="margin"),
        "train fold has an event",
    ),
    "one patient compared": (
        lambda: metrics.compare(metrics.Estimate(value=0.7, influence=ONE), metrics.Estimate(value=0.6, influence=ONE)),
        "one patient",
    ),
    "a difference without spread": (
        lambda: metrics.compare(
            metrics.Estimate(value=0.7, influence=ALIKE), metrics.Estimate(value=0.6, influence=ALIKE)
        ),
        "standard error is 0",
    ),
    "a resample without a pair": (
        lambda: metrics.bootstrap_concordance_index([1.0, 2.0], [1, 0], [2.0, 1.0]),
        "too few events to bootstrap",
    ),
}
ONE, ALIKE = metrics.Influence(np.zeros(1)), metrics.Influence(np.zeros(3))


@pytest.mark.parametrize("name", WITHOUT_A_VALUE)
def test_valid_data_without_a_value_are_told_from_wrong_input(name):
    compute, reason = WITHOUT_A_VALUE[name]

    with pytest.raises(metrics.UndefinedError, match=reason):
        compute()


def test_rounding_beyond_the_unit_interval_is_clipped():
    curves = [[1.0 + 5e-10, -5e-10]]

    np.testing.assert_array_equal(metrics.interpolate_steps(TIMES, curves, TIMES), [[1.0, 0.0]])


def test_a_rise_by_rounding_is_accepted():
    metrics.interpolate_steps(TIMES, [[0.5, 0.5 + 5e-9]], TIMES)


def test_single_precision_curves_are_accepted():
    values = metrics.interpolate_steps(TIMES, np.array([[0.5, 0.25]], dtype=np.float32), TIMES)

    assert values.dtype == np.float64
