"""Failed cells are the worst; missing cells are not ranked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboards.statistics import paired_differences, rank_methods

NAN = np.nan


def test_the_higher_concordance_and_the_lower_brier_score_rank_first():
    scores = [[0.7], [0.8], [0.6]]

    assert rank_methods(scores, higher_is_better=True)[:, 0].tolist() == [2, 1, 3]
    assert rank_methods(scores, higher_is_better=False)[:, 0].tolist() == [2, 3, 1]


def test_equal_scores_share_the_mean_of_their_ranks():
    assert rank_methods([[0.7], [0.7], [0.6]], higher_is_better=True)[:, 0].tolist() == [1.5, 1.5, 3]


@pytest.mark.parametrize("higher_is_better", [True, False])
def test_failed_methods_share_the_last_ranks(higher_is_better):
    ranks = rank_methods([[NAN], [0.5], [NAN]], [[True], [False], [True]], higher_is_better=higher_is_better)

    assert ranks[:, 0].tolist() == [2.5, 1, 2.5]


@given(st.integers(2, 6), st.integers(1, 5), st.integers(0, 1000))
def test_every_dataset_deals_out_the_same_ranks(methods, datasets, seed):
    random = np.random.default_rng(seed)
    failed = random.random((methods, datasets)) < 0.2
    scores = np.where(failed, NAN, random.integers(0, 4, size=failed.shape))
    ranks = rank_methods(scores, failed, higher_is_better=True)

    assert ranks.sum(axis=0) == pytest.approx(methods * (methods + 1) / 2)
    assert (ranks[failed] >= (methods + 1) / 2).all()


def test_a_missing_cell_is_not_ranked():
    with pytest.raises(ValueError, match="method 1 has no score on dataset 0 and did not fail there"):
        rank_methods([[0.7], [NAN]], higher_is_better=True)


def test_a_failure_weighs_more_than_any_other_difference():
    differences = paired_differences(
        [0.9, NAN, 0.5], [0.6, 0.6, NAN], [False, True, False], [False, False, True], higher_is_better=True, rope=0.01
    )

    assert differences[0] == pytest.approx(0.3)
    assert differences[1] == -differences[2] < 0
    assert differences[1] + differences[0] < -2 * 0.01


def test_a_failure_counts_against_the_method_where_lower_is_better_too():
    differences = paired_differences([NAN, 0.2], [0.2, 0.1], [True, False], higher_is_better=False)

    assert differences[0] > differences[1] > 0


def test_two_failures_are_a_tie_and_one_among_ties_is_still_a_loss():
    differences = paired_differences(
        [NAN, NAN, 0.5], [NAN, 0.5, 0.5], [True, True, False], [True, False, False], higher_is_better=True
    )

    assert differences[0] == differences[2] == 0
    assert differences[1] < 0


@pytest.mark.parametrize(
    ("scores", "failed", "reason"),
    [
        ([[0.5]], [[True]], "has a score there"),
        ([[np.inf]], None, "infinite"),
        ([[0.5]], [[1]], "must be booleans"),
        ([0.5], None, "2 dimension"),
        ([["a"]], None, "must be numbers"),
        (np.zeros((0, 3)), None, "nothing to compare"),
    ],
)
def test_tables_that_contradict_themselves_are_refused(scores, failed, reason):
    with pytest.raises(ValueError, match=reason):
        rank_methods(scores, failed, higher_is_better=True)


def test_differences_on_other_datasets_are_refused():
    with pytest.raises(ValueError, match="2 and 1 datasets"):
        paired_differences([0.1, 0.2], [0.1], higher_is_better=True)
