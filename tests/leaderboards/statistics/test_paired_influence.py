"""The paired test on pooled out-of-fold influences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import metrics
from leaderboards.statistics import Folds, paired_test, paired_tests, pool, step_down_over_pairs


def two_methods(seed, order=None, fold_order=(0, 1, 2), unit=1.0):
    """Losses of two methods on 30 patients in three folds, patients and folds in the order wanted."""
    losses = unit * np.random.default_rng(seed).exponential(size=(2, 30))
    place = np.arange(30) if order is None else np.argsort(order)
    parts = [np.arange(30)[fold::3] for fold in fold_order]
    folds = Folds(30, [place[rows] for rows in parts], np.array([len(rows) for rows in parts], dtype=float))
    return [pool(folds, [own[rows].mean() for rows in parts], [own[rows] for rows in parts]) for own in losses]


def test_in_one_fold_it_is_the_comparison_of_the_metric(survival_data):
    random = np.random.default_rng(0)
    log_hazard = random.normal(size=100)
    outcome = survival_data(log_hazard, random)
    results = [metrics.concordance_index(*outcome, log_hazard + random.normal(size=100)) for _ in range(2)]
    folds = Folds(100, [np.arange(100)], np.ones(1))
    ours = paired_test(*(pool(folds, [c.value], [c.influence.scored]) for c in results))
    theirs = metrics.compare(*results)

    assert (ours.value, ours.standard_error) == pytest.approx((theirs.value, theirs.standard_error), rel=1e-12)
    # Student's distribution in place of the normal.
    freedom = ours.degrees_of_freedom
    reach = stats.t.ppf(0.975, freedom) * theirs.standard_error
    assert 20 < freedom < 100
    assert ours.p_value == pytest.approx(2 * stats.t.sf(abs(theirs.value) / theirs.standard_error, freedom), rel=1e-9)
    assert (ours.lower, ours.upper) == pytest.approx((theirs.value - reach, theirs.value + reach), rel=1e-9)


def test_over_folds_it_is_near_the_comparison_stratified_by_fold(survival_data, scored):
    random = np.random.default_rng(1)
    log_hazard = random.normal(size=600)
    time, event = survival_data(log_hazard, random)
    risks = [log_hazard + random.normal(scale=scale, size=600) for scale in (0.5, 1.0)]
    parts = np.array_split(np.arange(600), 5)
    board = scored(time, event, lambda method, rows: risks[method][rows], 2, parts, None)
    ours = paired_test(*board.estimates)
    strata = np.repeat(np.arange(5), 120)
    theirs = metrics.compare(*(metrics.concordance_index(time, event, risk, strata=strata) for risk in risks))

    assert ours.value == pytest.approx(theirs.value, rel=1e-12)
    assert ours.standard_error == pytest.approx(theirs.standard_error, rel=0.03)


def test_the_standard_error_is_the_spread_of_the_difference_over_samples(drawn):
    random = np.random.default_rng(2)
    tests = [paired_test(*drawn(random, 200, [0.5, 1.0]).estimates) for _ in range(200)]
    spread = np.std([test.value for test in tests])

    assert np.mean([test.standard_error for test in tests]) == pytest.approx(spread, rel=0.1)


@given(st.integers(0, 1000))
def test_exchanging_the_methods_turns_the_sign_only(seed):
    first, second = two_methods(seed)
    there, back = paired_test(first, second), paired_test(second, first)

    assert (there.value, there.standard_error, there.p_value) == (-back.value, back.standard_error, back.p_value)


@given(st.integers(0, 1000), st.permutations(range(30)), st.permutations(range(3)), st.sampled_from([0.01, 100.0]))
def test_neither_the_order_of_patients_and_folds_nor_the_unit_matters(seed, order, fold_order, unit):
    as_given = paired_test(*two_methods(seed))
    other = paired_test(*two_methods(seed, order, fold_order, unit))

    assert other.p_value == pytest.approx(as_given.p_value, rel=1e-9)
    assert other.value == pytest.approx(unit * as_given.value, rel=1e-9)


def test_all_pairs_are_the_single_tests_adjusted_for_all_pairs_together(board):
    pairs = paired_tests(board.estimates)
    rows, columns = np.triu_indices(3, 1)
    single = [paired_test(board.estimates[a], board.estimates[b]) for a, b in zip(rows, columns, strict=True)]

    np.testing.assert_allclose(pairs.value[rows, columns], [one.value for one in single], rtol=1e-12)
    np.testing.assert_allclose(pairs.standard_error[columns, rows], [one.standard_error for one in single], rtol=1e-12)
    np.testing.assert_allclose(pairs.p_value[rows, columns], [one.p_value for one in single], rtol=1e-12)
    influence = np.stack([estimate.influence for estimate in board.estimates])
    np.testing.assert_array_equal(pairs.adjusted_p_value, step_down_over_pairs(pairs.p_value, influence))


def test_a_method_does_not_differ_from_its_copy(board):
    first = board.estimates[0]

    assert paired_test(first, first).p_value == 1.0
    assert paired_tests([first, first]).adjusted_p_value[0, 1] == 1.0


def test_estimates_of_other_folds_are_refused(board):
    elsewhere = two_methods(0)[0]

    with pytest.raises(ValueError, match="same folds"):
        paired_test(board.estimates[0], elsewhere)
    with pytest.raises(ValueError, match="same folds"):
        paired_tests([board.estimates[0], elsewhere])


def test_one_method_is_no_comparison(board):
    with pytest.raises(ValueError, match="needs two"):
        paired_tests(board.estimates[:1])
