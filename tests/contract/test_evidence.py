"""How sure a concordance is, by Hoeffding's bound on disjoint pairs."""

import numpy as np
import pytest

from benchmarks.contract.evidence import ALLOWED_ERROR, disjoint_pairs, lower_limit


def test_of_four_events_two_pairs_are_disjoint() -> None:
    assert disjoint_pairs(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True] * 4)) == 2


def test_only_an_event_before_the_other_patient_makes_a_pair() -> None:
    time = np.array([1.0, 2.0, 3.0, 4.0])
    assert disjoint_pairs(time, np.array([False, False, False, True])) == 0
    assert disjoint_pairs(time, np.array([True, True, False, False])) == 2


def test_two_events_at_one_time_are_no_pair_but_an_event_and_a_censoring_are() -> None:
    assert disjoint_pairs(np.array([5.0, 5.0]), np.array([True, True])) == 0
    assert disjoint_pairs(np.array([5.0, 5.0]), np.array([True, False])) == 1


def test_the_limit_of_a_perfect_order_is_a_power_of_the_allowed_error() -> None:
    assert lower_limit(1.0, 20, 5) == pytest.approx((ALLOWED_ERROR / 10) ** (1 / 20), abs=1e-9)


def test_nothing_is_known_without_a_pair() -> None:
    assert lower_limit(1.0, 0, 1) == 0.0


def test_the_limit_rises_with_pairs_and_falls_with_columns() -> None:
    assert lower_limit(0.9, 20, 10) < lower_limit(0.9, 100, 10) < 0.9
    assert lower_limit(0.9, 100, 1000) < lower_limit(0.9, 100, 10)


def test_the_true_concordance_lies_below_the_limit_as_seldom_as_promised() -> None:
    """Normal log times and a column with correlation 0.8: the concordance is 1/2 + arcsin(0.8) / pi."""
    random, truth = np.random.default_rng(0), 0.5 + np.arcsin(0.8) / np.pi
    missed = 0
    for _ in range(1000):
        log_time = random.normal(size=40)
        column = 0.8 * log_time + 0.6 * random.normal(size=40)
        later = np.sign(log_time[:, None] - log_time) * np.sign(column[:, None] - column)
        found = 0.5 + later[np.triu_indices(40, 1)].mean() / 2
        missed += lower_limit(found, 20, 1) > truth
    assert missed <= 1000 * ALLOWED_ERROR / 2
