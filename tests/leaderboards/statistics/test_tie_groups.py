"""Groups of methods that are not separated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboards.statistics import group_letters, tie_groups


def apart(methods, *pairs):
    separated = np.zeros((methods, methods), dtype=bool)
    for a, b in pairs:
        separated[a, b] = separated[b, a] = True
    return separated


@st.composite
def boards(draw):
    methods = draw(st.integers(1, 9))
    separated = np.triu(np.random.default_rng(draw(st.integers(0, 10_000))).random((methods, methods)) < 0.4, 1)
    return draw(st.permutations(range(methods))), separated | separated.T


def test_methods_never_separated_are_one_group():
    assert tie_groups([2, 0, 1], apart(3)) == [[2, 0, 1]]


def test_methods_all_separated_are_groups_of_their_own():
    assert tie_groups([1, 0], apart(2, (0, 1))) == [[1], [0]]


def test_ranks_far_apart_give_overlapping_runs():
    # 0 1 2 3 4 in order; separated are those three or more ranks apart.
    groups = tie_groups(range(5), apart(5, (0, 3), (0, 4), (1, 4)))

    assert groups == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert group_letters(groups, 5) == ["a", "ab", "abc", "bc", "c"]


def test_the_worst_may_share_a_group_with_each_of_two_that_are_separated():
    assert tie_groups([0, 1, 2], apart(3, (0, 1))) == [[0, 2], [1, 2]]


def test_the_groups_are_those_of_the_critical_difference():
    rank = np.array([3.1, 1.2, 2.0, 4.9])

    assert tie_groups(np.argsort(rank), np.abs(rank[:, None] - rank) >= 1.5) == [[1, 2], [2, 0], [3]]


@given(boards())
def test_two_share_a_group_exactly_if_they_are_not_separated(board):
    order, separated = board
    groups = tie_groups(order, separated)
    together = np.zeros_like(separated)
    for group in groups:
        together[np.ix_(group, group)] = True

    assert (together == ~separated).all()


@given(boards())
def test_no_group_lies_within_another_and_the_best_comes_first(board):
    order, separated = board
    groups = tie_groups(order, separated)

    assert not any(set(a) <= set(b) for a in groups for b in groups if a is not b)
    assert groups[0][0] == order[0]


def test_twenty_five_separated_couples_have_few_groups():
    # All maximal groups would be 2 to the power of 25.
    groups = tie_groups(range(50), apart(50, *((i, i + 1) for i in range(0, 50, 2))))

    assert len(groups) <= 50


def test_failed_methods_may_be_left_out():
    groups = tie_groups([2, 0], apart(3))

    assert group_letters(groups, 3) == ["a", "", "a"]


def test_letters_go_on_after_z():
    letters = group_letters([[method] for method in range(28)], 28)

    assert [letters[0], letters[25], letters[26], letters[27]] == ["a", "z", "aa", "ab"]


@pytest.mark.parametrize(
    ("order", "separated", "reason"),
    [
        ([0, 0], apart(2), "each method once"),
        ([0, 2], apart(2), "row number 0 to 1"),
        ([0, 1], np.array([[False, True], [False, False]]), "symmetric"),
        ([0], np.array([[True]]), "itself"),
        ([0], np.array([[0.3]]), "must be booleans"),
        ([0], np.zeros(3, bool), "one row and one column"),
    ],
)
def test_boards_that_contradict_themselves_are_refused(order, separated, reason):
    with pytest.raises(ValueError, match=reason):
        tie_groups(order, separated)
