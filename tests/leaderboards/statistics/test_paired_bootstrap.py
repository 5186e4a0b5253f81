"""The paired bootstrap agrees with the paired test."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import metrics
from leaderboards.statistics import Folds, paired_bootstrap, paired_bootstrap_of_influence, paired_test, pool


@pytest.fixture
def losses():
    """Paired losses of two methods on 80 patients in four folds."""
    random = np.random.default_rng(0)
    common = random.exponential(size=80)
    return common + random.normal(0.05, 0.2, size=80), common, np.repeat(np.arange(4), 20)


def test_the_bootstrap_of_a_mean_has_its_standard_error(losses):
    first, second, strata = losses
    result = paired_bootstrap(
        lambda rows: (first - second)[rows].mean(), strata, random=np.random.default_rng(1), resamples=4000
    )
    within = np.mean([(first - second)[strata == fold].var() for fold in range(4)])

    assert result.value == (first - second).mean()
    assert result.standard_error == pytest.approx(np.sqrt(within / 80), rel=0.05)


def test_it_agrees_with_the_bootstrap_of_scipy(losses):
    first, second, _ = losses
    difference = first - second
    ours = paired_bootstrap(
        lambda rows: difference[rows].mean(), np.zeros(80), random=np.random.default_rng(2), resamples=4000
    )
    theirs = stats.bootstrap(
        (difference,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(3)
    )
    limits = theirs.confidence_interval

    assert (ours.lower, ours.upper) == pytest.approx((limits.low, limits.high), abs=0.15 * theirs.standard_error)


def test_resampling_c_within_folds_confirms_the_paired_test(survival_data, scored):
    random = np.random.default_rng(4)
    log_hazard = random.normal(size=300)
    time, event = survival_data(log_hazard, random)
    risks = [log_hazard + random.normal(scale=scale, size=300) for scale in (0.6, 1.0)]
    strata = np.repeat(np.arange(3), 100)
    parts = np.array_split(np.arange(300), 3)

    def difference(rows):
        first, second = (
            metrics.concordance_index(time[rows], event[rows], risk[rows], strata=strata[rows]) for risk in risks
        )
        return first.value - second.value

    resampled = paired_bootstrap(difference, strata, random=np.random.default_rng(5), resamples=1000)
    tested = paired_test(*scored(time, event, lambda method, rows: risks[method][rows], 2, parts, None).estimates)

    assert resampled.value == pytest.approx(tested.value, rel=1e-12)
    assert resampled.standard_error == pytest.approx(tested.standard_error, rel=0.08)
    assert resampled.p_value == pytest.approx(tested.p_value, abs=0.05)


@pytest.mark.parametrize("repeats", [1, 3])
def test_resampling_influence_confirms_the_paired_test(drawn, repeats):
    board = drawn(np.random.default_rng(6), 300, [0.6, 1.0], repeats=repeats)
    first, second = board.estimates
    tested = paired_test(first, second)
    resampled = paired_bootstrap_of_influence(first - second, random=np.random.default_rng(7), resamples=3000)

    assert resampled.value == tested.value
    assert resampled.standard_error == pytest.approx(tested.standard_error, rel=0.05)
    assert (resampled.lower, resampled.upper) == pytest.approx((tested.lower, tested.upper), abs=0.005)


def test_the_same_generator_gives_the_same_resamples(losses):
    first, second, strata = losses
    runs = [
        paired_bootstrap(lambda rows: (first - second)[rows].mean(), strata, random=np.random.default_rng(8))
        for _ in range(2)
    ]

    assert (runs[0].replicates == runs[1].replicates).all()


def test_every_fold_keeps_its_size(losses):
    _, _, strata = losses
    sizes = []
    paired_bootstrap(
        lambda rows: sizes.append(np.bincount(strata[rows], minlength=4)) or 0.0,
        strata,
        random=np.random.default_rng(9),
        resamples=10,
    )

    assert (np.array(sizes) == 20).all()


def test_the_p_value_is_never_0_and_1_where_nothing_differs():
    folds = Folds(10, [np.arange(10)], np.ones(1))
    apart = pool(folds, [5.0], [np.arange(10.0)])
    alike = pool(folds, [0.0], [np.zeros(10)])
    random = np.random.default_rng(10)

    assert paired_bootstrap_of_influence(apart, random=random, resamples=99).p_value == 0.02
    assert paired_bootstrap_of_influence(alike, random=random, resamples=99).p_value == 1.0


def test_a_statistic_without_a_value_is_refused(losses):
    *_, strata = losses

    with pytest.raises(ValueError, match="resample 0 is nan"):
        paired_bootstrap(lambda rows: np.nan, strata, random=np.random.default_rng(0))


@pytest.mark.parametrize(
    ("strata", "resamples", "reason"), [([0], 10, "two patients"), ([0, 0], 1, "at least 2"), ([0, 0], 2.5, "whole")]
)
def test_too_little_to_resample_is_refused(strata, resamples, reason):
    with pytest.raises(ValueError, match=reason):
        paired_bootstrap(lambda rows: 0.0, strata, random=np.random.default_rng(0), resamples=resamples)
