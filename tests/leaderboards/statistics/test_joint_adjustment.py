"""The joint adjustment of all pairs: against the studentized range, Holm, and cases that are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr
from scipy.stats import studentized_range

from leaderboards.statistics import holm, joint_adjustment, step_down_over_pairs

# Two standard errors of 20,000 draws, where a p-value is a half: the worst.
DRAWN = 0.008
# Four of them, where many cases are drawn.
DRAWN_OFTEN = 0.015


def two_sided(value: np.ndarray, influence: np.ndarray) -> np.ndarray:
    """Return the p-values of all pairs, of estimates whose covariance is that of the influence."""
    spread = np.linalg.norm(influence[:, None] - influence, axis=2)
    np.fill_diagonal(spread, 1.0)
    return 2 * ndtr(-np.abs(value[:, None] - value) / spread)


def estimates(seed: int, methods: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    influence = random.normal(size=(methods, 40)) + random.normal(size=40) * random.uniform(0, 3)
    return influence @ random.normal(size=40), influence


@pytest.mark.parametrize("methods", [3, 6, 13])
def test_the_largest_difference_of_independent_methods_is_tukeys(methods):
    """Equal variances, no covariance: the largest of all differences has the studentized range's distribution."""
    value = np.zeros(methods)
    value[0] = 4.2
    adjusted = step_down_over_pairs(two_sided(value, np.eye(methods)), np.eye(methods))

    assert adjusted[0, 1] == pytest.approx(studentized_range.sf(4.2, methods, np.inf), abs=DRAWN)


def test_what_is_left_after_a_rejection_is_adjusted_for_what_is_left():
    """Far from two equal methods is one question for both; whether these two differ is then asked alone."""
    value = np.array([9.0, 0.0, 1.9])
    p_values = two_sided(value, np.eye(3))
    adjusted = step_down_over_pairs(p_values, np.eye(3))

    assert adjusted[0, 1] < 0.001
    assert adjusted[1, 2] == pytest.approx(p_values[1, 2], abs=DRAWN)


def test_three_copies_of_a_method_are_one_question():
    influence = np.vstack([np.eye(2)[:1], *[np.eye(2)[1:]] * 3])
    p_values = np.ones((4, 4))
    p_values[0, 1:] = p_values[1:, 0] = 0.03
    adjusted = step_down_over_pairs(p_values, influence)

    assert adjusted[0, 1:] == pytest.approx([0.03] * 3, abs=DRAWN)
    assert holm([0.03] * 3).max() == pytest.approx(0.09)


def test_one_pair_is_not_adjusted():
    p_values = np.array([[1.0, 0.04], [0.04, 1.0]])

    np.testing.assert_array_equal(step_down_over_pairs(p_values, np.eye(2)), p_values)


def test_a_pair_without_a_test_stays_so_and_does_not_count():
    p_values = np.array([[1.0, 0.03, np.nan], [0.03, 1.0, np.nan], [np.nan, np.nan, 1.0]])
    adjusted = step_down_over_pairs(p_values, np.eye(3))

    assert adjusted[0, 1] == 0.03
    assert np.isnan(adjusted[0, 2])


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(3, 8))
def test_between_the_raw_p_values_and_holms_in_the_same_order(seed, methods):
    value, influence = estimates(seed, methods)
    p_values = two_sided(value, influence)
    pairs = np.triu_indices(methods, 1)
    adjusted = step_down_over_pairs(p_values, influence)

    np.testing.assert_array_equal(adjusted, adjusted.T)
    order = np.argsort(p_values[pairs])
    assert (np.diff(adjusted[pairs][order]) >= 0).all()
    assert (adjusted[pairs] >= p_values[pairs]).all()
    assert (adjusted[pairs] <= holm(p_values[pairs]) + DRAWN_OFTEN).all()


@settings(max_examples=20)
@given(st.integers(0, 1000), st.permutations(range(5)), st.sampled_from([1e-3, 1.0, 1e3]))
def test_neither_the_order_of_methods_nor_the_unit_matters(seed, order, unit):
    value, influence = estimates(seed, 5)
    p_values = two_sided(value, influence)
    adjusted = step_down_over_pairs(p_values, influence)
    other = step_down_over_pairs(p_values[np.ix_(order, order)], unit * influence[order])

    np.testing.assert_allclose(other, adjusted[np.ix_(order, order)], atol=2 * DRAWN_OFTEN)


def test_methods_that_hardly_differ_leave_the_others_alone():
    """Two methods apart in the 12th digit of one patient, beside one that is clearly another."""
    _, influence = estimates(7, 3)
    influence[1] = influence[0]
    influence[1, 5] += 1e-12
    p_values = np.ones((3, 3))
    p_values[0, 2] = p_values[2, 0] = p_values[1, 2] = p_values[2, 1] = 0.02
    adjusted = step_down_over_pairs(p_values, influence)

    assert adjusted[0, 2] == pytest.approx(0.04, abs=DRAWN)


def test_the_same_input_gives_the_same_numbers():
    value, influence = estimates(3, 6)
    p_values = two_sided(value, influence)

    np.testing.assert_array_equal(step_down_over_pairs(p_values, influence), step_down_over_pairs(p_values, influence))


def test_a_large_board_takes_no_more_memory_and_has_the_same_numbers(monkeypatch: pytest.MonkeyPatch):
    value, influence = estimates(5, 8)
    p_values = two_sided(value, influence)
    at_once = step_down_over_pairs(p_values, influence)
    monkeypatch.setattr(joint_adjustment, "HELD", 900)

    np.testing.assert_array_equal(step_down_over_pairs(p_values, influence), at_once)
