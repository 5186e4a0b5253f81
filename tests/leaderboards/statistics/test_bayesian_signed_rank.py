"""The Bayesian signed-rank test."""

from __future__ import annotations

import baycomp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderboards.statistics import ROPE_OF_CONCORDANCE, bayesian_signed_rank_test

# Three Monte Carlo standard errors, at most, of the difference of 20,000 and of 50,000 draws.
MONTE_CARLO = 0.013


def probabilities(differences, rope, seed=0, draws=50_000):
    test = bayesian_signed_rank_test(differences, rope=rope, random=np.random.default_rng(seed), draws=draws)
    return test.left, test.rope, test.right


@pytest.mark.parametrize("mean", [0.0, 0.012, 0.03])
def test_it_agrees_with_baycomp(mean):
    differences = np.random.default_rng(1).normal(mean, 0.02, size=12)
    # baycomp's differences are second less first, its left is the first.
    left, rope, right = baycomp.SignedRankTest.probs(
        -differences, np.zeros(12), rope=ROPE_OF_CONCORDANCE, nsamples=20_000, random_state=2
    )

    assert probabilities(differences, ROPE_OF_CONCORDANCE) == pytest.approx((left, rope, right), abs=MONTE_CARLO)


def test_without_a_rope_it_agrees_with_baycomp():
    differences = np.random.default_rng(3).normal(0.2, 1.0, size=10)
    left, right = baycomp.SignedRankTest.probs(-differences, np.zeros(10), nsamples=20_000, random_state=4)

    assert probabilities(differences, 0.0) == pytest.approx((left, 0.0, right), abs=MONTE_CARLO)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=15), st.sampled_from([0.0, 0.1]))
def test_the_three_add_up_to_1_and_exchange_with_the_methods(differences, rope):
    there = probabilities(differences, rope, draws=2000)
    back = probabilities([-value for value in differences], rope, draws=2000)

    assert sum(there) == pytest.approx(1.0)
    assert there == pytest.approx(back[::-1])


def test_the_unit_does_not_matter():
    differences = np.array([0.25, 0.5, -0.125, 0.0625, 1.0])

    assert probabilities(8 * differences, 0.5) == probabilities(differences, 0.0625)


def test_small_differences_on_many_datasets_are_equivalence_and_large_ones_are_not():
    small = np.full(30, 0.002)

    assert probabilities(small, 0.01)[1] > 0.999
    assert probabilities(-20 * small, 0.01)[0] > 0.999


def test_methods_that_agree_everywhere_are_as_likely_better_as_worse():
    assert probabilities(np.zeros(6), 0.0) == pytest.approx((0.5, 0.0, 0.5))


@pytest.mark.parametrize(
    ("differences", "rope", "reason"),
    [([], 0.01, "no dataset"), ([0.1, np.nan], 0.01, "not a finite number"), ([0.1], -0.1, "at least 0")],
)
def test_what_cannot_be_tested_is_refused(differences, rope, reason):
    with pytest.raises(ValueError, match=reason):
        probabilities(np.array(differences, dtype=float), rope)
