"""Intervals of estimates pooled over folds: by hand, by another road, and none where nothing tells one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import metrics
from metrics.pooled_interval import interval_of_one_fold, pooled_interval
from metrics.pooling import Folds, OneUnitError, PooledEstimate, effective_degrees_of_freedom, pool


def four_patients(value: float = 0.6, *, events: float | None = None) -> PooledEstimate:
    """Pool two folds of two patients each, of which one has most of the influence."""
    of_events = None if events is None else np.array([events, events])
    folds = Folds(4, [np.array([0, 1]), np.array([2, 3])], np.ones(2), events=of_events)
    return pool(folds, [value - 0.1, value + 0.1], [[0.3, -0.3], [0.1, -0.1]])


def test_the_interval_by_hand() -> None:
    estimate = four_patients()
    # Each fold weighs 1/2 and has two patients: influences of 0.3 / 4 and 0.1 / 4, up and down.
    np.testing.assert_allclose(estimate.influence, [0.075, -0.075, 0.025, -0.025])
    square = 2 * (0.075**2 + 0.025**2)
    # Two units a fold, one repeat: the variance is doubled, 4 / (4 - 2).
    error = np.sqrt(2 * square)
    freedom = 2 * square**2 / (2 * (0.075**4 + 0.025**4) - square**2 / 4)
    reach = stats.t.ppf(0.975, freedom) * error / (0.6 * 0.4)
    ends = [1 / (1 + np.exp(-(np.log(0.6 / 0.4) + sign * reach))) for sign in (-1, 1)]

    assert estimate.standard_error == pytest.approx(error, rel=1e-12)
    assert estimate.degrees_of_freedom == pytest.approx(freedom, rel=1e-12)
    assert pooled_interval(estimate, "logit") == pytest.approx(ends, rel=1e-12)


def test_the_scales_of_a_loss_and_of_a_scaled_loss_by_hand() -> None:
    estimate = four_patients()
    reach = stats.t.ppf(0.975, estimate.degrees_of_freedom) * estimate.standard_error
    factor = np.exp(reach / 0.6)
    assert pooled_interval(estimate, "log") == pytest.approx((0.6 / factor, 0.6 * factor), rel=1e-12)
    factor = np.exp(reach / 0.4)
    assert pooled_interval(estimate, "complementary log") == pytest.approx(
        (1 - 0.4 * factor, 1 - 0.4 / factor), rel=1e-12
    )


def test_few_events_a_fold_widen_the_interval() -> None:
    few, many = four_patients(events=5), four_patients(events=500)
    # E / (E - k), for one repeat.
    assert few.standard_error**2 == pytest.approx(10 / 8 * (few.influence @ few.influence), rel=1e-12)
    assert many.standard_error**2 == pytest.approx(1000 / 998 * (many.influence @ many.influence), rel=1e-12)


@pytest.mark.parametrize(("value", "scale"), [(1.0, "logit"), (0.0, "logit"), (0.0, "log"), (1.0, "complementary log")])
def test_an_estimate_at_the_end_of_its_range_has_no_interval(value: float, scale) -> None:
    folds = Folds(4, [np.arange(4)], np.ones(1))
    assert pooled_interval(PooledEstimate(value, np.zeros(4), folds), scale) is None


def test_one_event_a_fold_leaves_no_interval() -> None:
    estimate = four_patients(events=1)
    with pytest.raises(OneUnitError, match="1 events a fold leave no spread"):
        _ = estimate.standard_error
    assert pooled_interval(estimate, "logit") is None


def test_what_no_patient_moves_is_its_own_interval() -> None:
    folds = Folds(4, [np.arange(4)], np.ones(1))
    # The concordance of equal risks is 1/2 in every population.
    assert pooled_interval(PooledEstimate(0.5, np.zeros(4), folds), "logit") == (0.5, 0.5)


def test_a_patient_tested_in_several_repeats_counts_once() -> None:
    """Repeats in which every patient has the same influence as in the first add no precision."""
    influence = np.random.default_rng(0).normal(size=200)
    folds = [np.random.default_rng(repeat).permutation(200).reshape(2, 100) for repeat in range(10)]
    widths = []
    for repeats in (1, 10):
        parts = [part for of_repeat in folds[:repeats] for part in of_repeat]
        layout = Folds(200, parts, np.ones(len(parts)), np.repeat(np.arange(repeats), 2))
        low, high = pooled_interval(pool(layout, [0.6] * len(parts), [influence[part] for part in parts]), "log")
        widths.append(high - low)
    # Ten times the patients would make it 1 / sqrt(10) as long.
    assert widths[1] == pytest.approx(widths[0], rel=0.01)


@pytest.mark.parametrize("repeats", [1, 2, 8])
def test_the_correction_makes_the_variance_right(repeats: int) -> None:
    """Of normal influence, the expected variance is that of a mean of n, however small the folds are."""
    random = np.random.default_rng(1)
    n, per_fold = 24, 4
    found = []
    for _ in range(1500):
        influence = random.normal(size=n)
        parts = [part for _ in range(repeats) for part in random.permutation(n).reshape(-1, per_fold)]
        folds = Folds(n, parts, np.ones(len(parts)), np.repeat(np.arange(repeats), n // per_fold))
        estimate = pool(folds, np.zeros(len(parts)), [influence[part] for part in parts])
        found.append(estimate.standard_error**2)
    assert np.mean(found) == pytest.approx(1 / n, rel=5 * np.std(found) / np.mean(found) / np.sqrt(len(found)))


def test_the_bootstrap_of_the_patients_agrees() -> None:
    """A second road to the same interval: resample a mean loss within the folds."""
    random = np.random.default_rng(2)
    losses = random.exponential(size=300)
    parts = np.arange(300).reshape(5, 60)
    estimate = pool(Folds(300, parts, np.ones(5)), losses[parts].mean(axis=1), losses[parts])
    drawn = random.integers(60, size=(4000, 5, 60))
    means = losses[parts[np.arange(5)[:, None], drawn]].mean(axis=(1, 2))
    low, high = pooled_interval(estimate, "log")
    # The end of a percentile interval of 4000 resamples has a Monte-Carlo error of 0.04 standard errors.
    assert (low, high) == pytest.approx(np.quantile(means, (0.025, 0.975)), abs=0.3 * estimate.standard_error)
    assert estimate.standard_error == pytest.approx(means.std(), rel=0.05)


@given(st.floats(0.02, 0.98), st.integers(2, 50), st.integers(0, 100))
def test_it_holds_the_estimate_and_stays_in_the_range(value: float, events: int, seed: int) -> None:
    influence = np.random.default_rng(seed).normal(size=40)
    folds = Folds(40, [np.arange(40)], np.ones(1), events=np.array([float(events)]))
    estimate = pool(folds, [value], [influence])
    for scale, lowest, highest in (("logit", 0, 1), ("log", 0, np.inf), ("complementary log", -np.inf, 1)):
        low, high = pooled_interval(estimate, scale)
        assert lowest <= low < value < high <= highest


def test_degrees_of_freedom() -> None:
    # Of one patient who has all the influence, two; of patients alike, as many as one likes.
    assert effective_degrees_of_freedom(1.0, 1.0, 10**9) == pytest.approx(2)
    assert effective_degrees_of_freedom(4.0, 4.0, 4) == np.inf
    normal = np.random.default_rng(3).normal(size=100_000)
    assert effective_degrees_of_freedom((normal**2).sum(), (normal**4).sum(), normal.size) == pytest.approx(
        normal.size, rel=0.03
    )


def test_the_interval_of_one_fold_is_about_the_metric() -> None:
    random = np.random.default_rng(4)
    log_hazard = random.normal(size=400)
    time, censoring = random.exponential(np.exp(-log_hazard)), random.uniform(0, 2, size=400)
    observed, event = np.minimum(time, censoring), time <= censoring
    train, test = slice(0, 200), slice(200, 400)
    outcome = metrics.PreparedOutcome(observed[train], event[train], observed[test], event[test], 1.5)
    itself = metrics.PreparedOutcome(observed[test], event[test], observed[test], event[test], 1.5)
    for prepared in (outcome, itself):
        c = metrics.concordance_index_ipcw(prepared, log_hazard[test] + random.normal(size=200))
        low, high = interval_of_one_fold(c, "logit", events=int(event[test].sum()))
        assert (low, high) == pytest.approx(c.interval, abs=0.2 * c.standard_error)
        assert low < c.interval[0]


def test_a_perfect_order_has_no_interval() -> None:
    time, event = np.arange(1.0, 11.0), np.ones(10, dtype=bool)
    assert interval_of_one_fold(metrics.concordance_index(time, event, -time), "logit", events=10) is None


def test_without_influence_there_is_no_interval() -> None:
    assert interval_of_one_fold(metrics.Estimate(value=0.7), "logit") is None
