"""The standard error of a mean over folds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from metrics import standard_error_over_folds

VALUES = [1.0, 2.0, 3.0, 4.0]


def test_four_folds_worked_by_hand():
    # Variance 5/3, J = 4, ratio 1/4: sqrt(5/3 * 1/2).
    assert standard_error_over_folds(VALUES, test_to_train=0.25) == pytest.approx(np.sqrt(5 / 6))


def test_without_overlap_it_is_the_standard_error_of_a_mean():
    assert standard_error_over_folds(VALUES, test_to_train=0) == pytest.approx(stats.sem(VALUES))


def test_each_row_has_its_own():
    rows = [VALUES, [5.0, 5.0, 5.0, 5.0], [0.0, 2.0, 4.0, 6.0]]
    found = standard_error_over_folds(rows, test_to_train=0.25)
    np.testing.assert_allclose(found, [np.sqrt(5 / 6), 0.0, 2 * np.sqrt(5 / 6)])


def test_more_repeats_do_not_take_the_dependence_away():
    many = standard_error_over_folds(VALUES * 10_000, test_to_train=0.25)
    assert many == pytest.approx(np.std(VALUES) * np.sqrt(0.25), rel=1e-3)


def test_values_that_differ_by_rounding_only_have_no_spread():
    assert standard_error_over_folds([0.1, 0.3 - 0.2, 0.1], test_to_train=0.25) == 0


@pytest.mark.parametrize(
    ("values", "ratio", "reason"),
    [
        ([0.1], 0.25, "at least two"),
        ([0.1, np.nan], 0.25, "not finite"),
        (["a", "b"], 0.25, "must be numbers"),
        (0.1, 0.25, "one value per fold"),
        ([0.1, 0.2], -1, "at least 0"),
        ([0.1, 0.2], np.inf, "must be finite"),
    ],
)
def test_what_has_no_standard_error_is_refused(values, ratio, reason):
    with pytest.raises(ValueError, match=reason):
        standard_error_over_folds(values, test_to_train=ratio)
