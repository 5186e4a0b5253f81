"""Wilcoxon's signed-rank test across datasets."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboards.statistics import holm, signed_rank_test, signed_rank_tests

some_differences = st.lists(st.integers(-5, 5), min_size=1, max_size=9)


def test_without_ties_it_is_the_exact_test_of_scipy():
    differences = np.random.default_rng(0).normal(0.3, 1.0, size=30)
    theirs = stats.wilcoxon(differences, method="exact")
    ours = signed_rank_test(differences)

    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-10)
    assert min(ours.positive, ours.negative) == theirs.statistic


def test_rank_sums_are_those_of_a_published_table():
    # Demsar (2006), table 2: C4.5+m less C4.5 in thousandths; the paper gives R+ = 93, R- = 12 where the two zeros
    # (ranks 1.5 each) are split between them. Here they are left out.
    differences = [5, -8, 17, 33, 6, -5, 7, 0, 63, 0, 22, 47, 9, 21]
    test = signed_rank_test(differences)

    assert (test.positive + 1.5, test.negative + 1.5) == (93, 12)


@given(some_differences)
def test_p_is_the_share_of_sign_patterns_that_are_as_extreme(differences):
    ranks = stats.rankdata(np.abs(differences))
    observed = abs(np.sum(np.sign(differences) * ranks))
    own = [rank for rank, value in zip(ranks, differences, strict=True) if value]
    sums = [abs(np.dot(signs, own)) for signs in product([-1, 1], repeat=len(own))]

    assert signed_rank_test(differences).p_value == pytest.approx(np.mean(np.array(sums) >= observed), rel=1e-12)


@given(some_differences, st.randoms(use_true_random=False), st.sampled_from([0.25, 1.0, 8.0]))
def test_exchange_order_and_unit_do_not_matter(differences, shuffler, unit):
    mixed = [-unit * value for value in differences]
    shuffler.shuffle(mixed)
    there, back = signed_rank_test(differences), signed_rank_test(mixed)

    assert (there.positive, there.negative) == (back.negative, back.positive)
    assert there.p_value == back.p_value


def test_five_datasets_never_reach_005_and_six_do():
    assert signed_rank_test([1, 2, 3, 4, 5]).p_value == 0.0625
    assert signed_rank_test([1, 2, 3, 4, 5, 6]).p_value == 0.03125


def test_methods_that_agree_everywhere_do_not_differ():
    assert signed_rank_test([0.0, 0.0]).p_value == 1.0


def test_all_pairs_are_the_single_tests_adjusted_by_holm():
    scores = np.random.default_rng(1).normal([[0.7], [0.68], [0.6]], 0.02, size=(3, 12))
    pairs = signed_rank_tests(scores, higher_is_better=True)
    rows, columns = np.triu_indices(3, 1)
    single = [signed_rank_test(scores[a] - scores[b]).p_value for a, b in zip(rows, columns, strict=True)]

    assert pairs.p_value[rows, columns] == pytest.approx(single)
    assert pairs.adjusted_p_value[columns, rows] == pytest.approx(holm(single))


def test_a_failed_cell_is_a_loss_of_the_highest_rank():
    first = [0.7, 0.7, 0.7, 0.7, 0.7, np.nan]
    second = [0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    failed = np.isnan([first, second])
    pairs = signed_rank_tests([first, second], failed, higher_is_better=True)
    best_case = signed_rank_test([1, 2, 3, 4, 5, -6])

    assert pairs.p_value[0, 1] == best_case.p_value
    assert pairs.wins.tolist() == [[3, 5], [1, 3]]


def test_a_lower_brier_score_is_a_win():
    pairs = signed_rank_tests([[0.1, 0.2, 0.2], [0.2, 0.3, 0.2]], higher_is_better=False)

    assert pairs.wins[0, 1] == 2.5


def test_a_missing_cell_is_refused():
    with pytest.raises(ValueError, match="leave the dataset out"):
        signed_rank_tests([[0.7, 0.8], [0.7, np.nan]], higher_is_better=True)


@pytest.mark.parametrize(("differences", "reason"), [([], "no dataset"), ([np.nan], "not a finite number")])
def test_what_cannot_be_tested_is_refused(differences, reason):
    with pytest.raises(ValueError, match=reason):
        signed_rank_test(np.array(differences, dtype=float))


def test_one_method_is_no_comparison():
    with pytest.raises(ValueError, match="needs two"):
        signed_rank_tests([[0.7, 0.8]], higher_is_better=True)
