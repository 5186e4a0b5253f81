"""The corrected resampled t test."""

from __future__ import annotations

import baycomp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from leaderboards.statistics import corrected_t_test, corrected_t_tests, holm

folds_of_two = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=3, max_size=30).map(
    lambda pairs: np.array(pairs, dtype=float).T / 1000
)


@pytest.fixture
def scores():
    return np.random.default_rng(0).normal([[0.70], [0.68], [0.65]], 0.02, size=(3, 25))


def test_without_overlap_it_is_the_paired_t_test(scores):
    ours = corrected_t_test(scores[0] - scores[1], test_to_train=0.0)
    theirs = stats.ttest_rel(scores[0], scores[1])
    limits = theirs.confidence_interval()

    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-12)
    assert (ours.lower, ours.upper) == pytest.approx((limits.low, limits.high), rel=1e-12)
    assert ours.degrees_of_freedom == theirs.df


def test_standard_error_and_p_agree_with_the_correlated_t_test_of_baycomp(scores):
    # The posterior of the Bayesian correlated t test is the sampling distribution of this one.
    mean, variance, freedom = baycomp.CorrelatedTTest.compute_statistics(scores[1], scores[0], runs=5)
    ours = corrected_t_test(scores[0] - scores[1], test_to_train=1 / 4)
    below, _ = baycomp.CorrelatedTTest.probs(scores[1], scores[0], rope=0, runs=5)

    assert (ours.value, ours.standard_error) == pytest.approx((mean, np.sqrt(variance)), rel=1e-12)
    assert ours.degrees_of_freedom == freedom
    assert ours.p_value == pytest.approx(2 * min(below, 1 - below), rel=1e-9)


def test_the_formula_on_four_folds_worked_by_hand():
    # Mean 2.5, variance 5/3, J = 4, ratio 1/4: standard error sqrt(5/3 * 1/2), t = 2.5 / 0.912871 with 3 df.
    ours = corrected_t_test([1.0, 2.0, 3.0, 4.0], test_to_train=0.25)

    assert ours.standard_error == pytest.approx(0.9128709, abs=1e-7)
    assert ours.p_value == pytest.approx(2 * stats.t.sf(2.7386128, 3), abs=1e-7)


@given(folds_of_two)
def test_exchanging_the_methods_turns_the_sign_only(scores):
    difference = scores[0] - scores[1]
    assume(np.ptp(difference) > 1e-9)
    there, back = (corrected_t_test(sign * difference, test_to_train=0.25) for sign in (1, -1))

    assert (there.value, there.p_value) == (-back.value, back.p_value)
    assert (there.lower, there.upper) == (-back.upper, -back.lower)


@given(folds_of_two, st.randoms(use_true_random=False), st.sampled_from([0.01, 3.0, 100.0]))
def test_neither_the_order_of_folds_nor_the_unit_matters(scores, shuffler, unit):
    difference = scores[0] - scores[1]
    assume(np.ptp(difference) > 1e-9)
    mixed = difference.copy()
    shuffler.shuffle(mixed)
    as_given = corrected_t_test(difference, test_to_train=0.25)
    other = corrected_t_test(unit * mixed, test_to_train=0.25)

    assert other.p_value == pytest.approx(as_given.p_value, rel=1e-6)
    assert other.standard_error == pytest.approx(unit * as_given.standard_error, rel=1e-6)


def test_all_pairs_are_the_single_tests_adjusted_by_holm(scores):
    pairs = corrected_t_tests(scores, test_to_train=0.25)
    rows, columns = np.triu_indices(3, 1)
    single = [corrected_t_test(scores[a] - scores[b], test_to_train=0.25) for a, b in zip(rows, columns, strict=True)]

    np.testing.assert_allclose(pairs.value[rows, columns], [one.value for one in single], rtol=1e-12)
    np.testing.assert_allclose(pairs.lower[rows, columns], [one.lower for one in single], rtol=1e-12)
    np.testing.assert_allclose(pairs.adjusted_p_value[columns, rows], holm([one.p_value for one in single]))


def test_a_method_does_not_differ_from_its_copy(scores):
    pairs = corrected_t_tests(scores[[0, 0, 1]], test_to_train=0.25)

    assert pairs.p_value[0, 1] == pairs.adjusted_p_value[0, 1] == 1.0


def test_the_same_difference_in_every_fold_is_refused():
    with pytest.raises(ValueError, match="without spread"):
        corrected_t_test([0.1, 0.1, 0.1], test_to_train=0.25)


def test_on_a_board_the_same_difference_in_every_fold_has_no_p_value_and_is_no_comparison(scores):
    pairs = corrected_t_tests([scores[0], scores[0] + 0.1, scores[1]], test_to_train=0.25)

    assert np.isnan(pairs.p_value[0, 1])
    assert not (pairs.adjusted_p_value <= 0.05)[0, 1]
    assert pairs.adjusted_p_value[0, 2] == pytest.approx(holm([pairs.p_value[0, 2], pairs.p_value[1, 2]])[0])


def test_a_fold_without_a_score_is_refused(scores):
    scores[1, 7] = np.nan

    with pytest.raises(ValueError, match=r"scores\[\(1, 7\)\] is nan"):
        corrected_t_tests(scores, test_to_train=0.25)


@pytest.mark.parametrize(
    ("differences", "ratio", "reason"),
    [([0.1], 0.25, "at least two"), ([0.1, 0.2], -1, "at least 0"), ([0.1, np.inf], 0.25, "not a finite number")],
)
def test_what_cannot_be_tested_is_refused(differences, ratio, reason):
    with pytest.raises(ValueError, match=reason):
        corrected_t_test(differences, test_to_train=ratio)


def test_one_method_is_no_comparison(scores):
    with pytest.raises(ValueError, match="needs two"):
        corrected_t_tests(scores[:1], test_to_train=0.25)
