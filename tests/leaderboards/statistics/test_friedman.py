"""Friedman's test and the critical difference."""

from __future__ import annotations

import autorank
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from leaderboards.statistics import critical_difference, friedman_test, rank_methods

# Demsar (2006), table 6: AUC of C4.5 with none, m, cf and both parameters tuned on 14 datasets. The paper ranks the
# unrounded figures, of which two differ on the last dataset but one (0.975, ranks 2 and 3).
DEMSAR = np.array(
    [
        [0.763, 0.599, 0.954, 0.628, 0.882, 0.936, 0.661, 0.583, 0.775, 1.0, 0.940, 0.619, 0.972, 0.957],
        [0.768, 0.591, 0.971, 0.661, 0.888, 0.931, 0.668, 0.583, 0.838, 1.0, 0.962, 0.666, 0.981, 0.978],
        [0.771, 0.590, 0.968, 0.654, 0.886, 0.916, 0.609, 0.563, 0.866, 1.0, 0.965, 0.614, 0.9751, 0.946],
        [0.798, 0.569, 0.967, 0.657, 0.898, 0.931, 0.685, 0.625, 0.875, 1.0, 0.962, 0.669, 0.975, 0.970],
    ]
)


@pytest.fixture
def scores():
    return np.random.default_rng(0).normal([[0.70], [0.69], [0.66], [0.66]], 0.02, size=(4, 9))


def test_the_average_ranks_are_those_of_a_published_table():
    test = friedman_test(rank_methods(DEMSAR, higher_is_better=True))

    assert test.average_rank.round(3).tolist() == [3.143, 2.0, 2.893, 1.964]


@pytest.mark.parametrize(("alpha", "published"), [(0.05, 1.25), (0.10, 1.12)])
def test_the_critical_difference_is_the_published_one(alpha, published):
    assert critical_difference(4, 14, alpha=alpha) == pytest.approx(published, abs=0.005)


@pytest.mark.parametrize("table", ["untied", "tied"])
def test_the_chi_squared_form_agrees_with_scipy(scores, table):
    given = scores if table == "untied" else scores.round(2)
    ours = friedman_test(rank_methods(given, higher_is_better=True))
    theirs = stats.friedmanchisquare(*given)

    assert (ours.chi_squared, ours.chi_squared_p_value) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-10)


def test_the_form_of_iman_and_davenport_is_the_two_way_analysis_of_variance_of_the_ranks(scores):
    ranks = rank_methods(scores.round(2), higher_is_better=True)
    test = friedman_test(ranks)
    methods, datasets = ranks.shape
    of_methods = datasets * ((ranks.mean(axis=1) - ranks.mean()) ** 2).sum()
    rest = ((ranks - ranks.mean(axis=1, keepdims=True)) ** 2).sum()
    freedom = (methods - 1) * (datasets - 1)

    assert test.f == pytest.approx((of_methods / (methods - 1)) / (rest / freedom), rel=1e-10)
    assert test.p_value == pytest.approx(stats.f.sf(test.f, methods - 1, freedom), rel=1e-10)


def test_omnibus_test_ranks_and_critical_difference_agree_with_autorank(scores):
    theirs = autorank.autorank(pd.DataFrame(scores.T), force_mode="nonparametric")
    ours = friedman_test(rank_methods(scores, higher_is_better=True))

    assert ours.chi_squared_p_value == pytest.approx(theirs.pvalue, rel=1e-10)
    assert ours.average_rank == pytest.approx(theirs.rankdf["meanrank"].sort_index().to_numpy())
    assert critical_difference(4, 9) == pytest.approx(theirs.cd, rel=1e-4)


def test_datasets_that_all_agree_leave_no_doubt_and_datasets_that_never_rank_leave_all():
    agreed = friedman_test(np.tile([[1.0], [2.0], [3.0]], 6))
    tied = friedman_test(np.full((3, 6), 2.0))

    assert (agreed.f, agreed.p_value) == (np.inf, 0.0)
    assert (tied.chi_squared, tied.p_value) == (0.0, 1.0)


@given(st.permutations(range(9)), st.permutations(range(4)))
def test_the_order_of_datasets_and_methods_does_not_matter(datasets, methods):
    scores = np.random.default_rng(1).normal(size=(4, 9))
    ranks = rank_methods(scores, higher_is_better=True)
    as_given, mixed = friedman_test(ranks), friedman_test(ranks[np.ix_(methods, datasets)])

    assert mixed.p_value == pytest.approx(as_given.p_value, rel=1e-9)
    assert mixed.average_rank == pytest.approx(as_given.average_rank[list(methods)])


@pytest.mark.parametrize(
    ("ranks", "reason"),
    [
        ([[1.0], [2.0]], "two of each"),
        ([[1.0, 1.0], [1.0, 2.0]], "column 0 does not hold the ranks"),
        ([[0.7, 0.8], [0.6, 0.7]], "rank the scores first"),
    ],
)
def test_what_is_no_table_of_ranks_is_refused(ranks, reason):
    with pytest.raises(ValueError, match=reason):
        friedman_test(ranks)


def test_there_is_no_critical_difference_of_four_datasets():
    with pytest.raises(ValueError, match="datasets is 4, it must be a whole number of at least 5"):
        critical_difference(3, 4)
