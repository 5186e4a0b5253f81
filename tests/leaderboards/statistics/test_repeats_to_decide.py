"""How many folds would decide a pair."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from leaderboards.statistics import corrected_t_test, repeats_to_decide


def test_a_difference_below_the_floor_is_never_decided():
    answer = repeats_to_decide(0.02, 0.03, folds=5, test_to_train=0.25)

    assert answer.repeats is None
    assert answer.power == answer.power_in_the_limit < 0.8
    assert "more patients would help" in answer.reason


def test_the_floor_is_where_endless_repeats_reach_the_power():
    floor = repeats_to_decide(0.02, 0.03, folds=5, test_to_train=0.25).smallest_difference
    at_floor = repeats_to_decide(floor, 0.03, folds=5, test_to_train=0.25)

    assert floor == pytest.approx((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * 0.03 * 0.5)
    assert at_floor.power_in_the_limit == pytest.approx(0.8, abs=1e-4)
    assert repeats_to_decide(1.01 * floor, 0.03, folds=5, test_to_train=0.25).repeats is not None


def test_it_is_the_smallest_number_that_reaches_the_power():
    answer = repeats_to_decide(0.05, 0.03, folds=5, test_to_train=0.25)
    noncentral = 0.05 / (0.03 * np.sqrt(1 / (5 * np.array([answer.repeats - 1, answer.repeats])) + 0.25))
    freedom = 5 * np.array([answer.repeats - 1, answer.repeats]) - 1
    critical = stats.t.ppf(0.975, freedom)
    power = stats.nct.sf(critical, freedom, noncentral) + stats.nct.cdf(-critical, freedom, noncentral)

    assert power[0] < 0.8 <= power[1]
    assert answer.power == pytest.approx(power[1], rel=1e-9)


@pytest.mark.parametrize(("effect", "pairs"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_without_overlap_it_is_the_tabled_sample_size_of_the_paired_t_test(effect, pairs):
    # Cohen's small, medium and large effect at a power of 0.8; statsmodels' TTestPower gives 198.2, 33.4 and 14.3.
    assert repeats_to_decide(effect, 1.0, folds=1, test_to_train=0.0).repeats == pairs


def test_the_power_is_how_often_the_corrected_t_test_decides():
    # Differences with the correlation that the correction stands for: ratio / (1 + ratio).
    random = np.random.default_rng(0)
    answer = repeats_to_decide(0.05, 0.03, folds=5, test_to_train=0.25)
    folds, correlation = 5 * answer.repeats, 0.2
    decided = []
    for _ in range(2000):
        common, own = random.normal(size=1), random.normal(size=folds)
        # The observed spread within one sample is 0.03; the common part moves them all.
        differences = 0.05 + 0.03 * (own + np.sqrt(correlation / (1 - correlation)) * common)
        decided.append(corrected_t_test(differences, test_to_train=0.25).p_value <= 0.05)

    assert np.mean(decided) == pytest.approx(answer.power, abs=0.03)


def test_neither_sign_nor_unit_matters():
    one, other = (
        repeats_to_decide(sign * unit * 0.05, unit * 0.03, folds=5, test_to_train=0.25)
        for sign, unit in [(1, 1), (-1, 100)]
    )

    assert (one.repeats, one.power) == pytest.approx((other.repeats, other.power))


def test_a_stricter_level_asks_for_more():
    few, many = (repeats_to_decide(0.06, 0.03, folds=5, test_to_train=0.25, alpha=alpha) for alpha in (0.05, 0.01))

    assert few.repeats < many.repeats


def test_no_difference_has_nothing_to_decide():
    assert "nothing to decide" in repeats_to_decide(0.0, 0.03, folds=5, test_to_train=0.25).reason


def test_a_number_nobody_would_run_is_not_given():
    answer = repeats_to_decide(1e-6, 1.0, folds=5, test_to_train=0.0)

    assert answer.repeats is None
    assert "more than 1000000 folds" in answer.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"difference": np.nan}, "not a finite number"),
        ({"standard_deviation": 0.0}, "greater than 0"),
        ({"folds": 0}, "at least 1"),
        ({"test_to_train": -0.1}, "at least 0"),
        ({"alpha": 1.0}, "between 0 and 1"),
        ({"power": 0.01}, "greater than alpha"),
    ],
)
def test_what_makes_no_question_is_refused(changes, reason):
    question = {"difference": 0.05, "standard_deviation": 0.03, "folds": 5, "test_to_train": 0.25} | changes

    with pytest.raises(ValueError, match=reason):
        repeats_to_decide(**question)
