"""Holm's adjustment."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboards.statistics import holm

p_values = st.lists(st.floats(0, 1), min_size=1, max_size=7)


def test_an_example_worked_by_hand():
    # 0.005 x 4; 0.01 x 3; 0.03 x 2; 0.04 x 1, which must not fall below its predecessor.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(p_values)
def test_it_is_the_closure_of_bonferroni(p):
    # A hypothesis is rejected if Bonferroni rejects every set of hypotheses that holds it.
    sets = [s for size in range(1, len(p) + 1) for s in combinations(range(len(p)), size)]
    closure = [max(min(1.0, len(s) * min(p[j] for j in s)) for s in sets if i in s) for i in range(len(p))]

    assert holm(p) == pytest.approx(closure, rel=1e-12)


@given(p_values, st.randoms(use_true_random=False))
def test_the_order_of_the_p_values_does_not_matter(p, shuffler):
    order = list(range(len(p)))
    shuffler.shuffle(order)

    assert holm(np.array(p)[order]).tolist() == holm(p)[order].tolist()


def test_a_comparison_without_a_test_does_not_count():
    adjusted = holm([0.01, np.nan, 0.04])

    assert adjusted[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(adjusted[1])


def test_what_is_no_probability_is_refused():
    with pytest.raises(ValueError, match="expected 0 to 1"):
        holm([0.2, 1.2])
