"""The corrected resampled t test: two methods on the folds of one dataset."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from leaderboards.statistics.checks import finite_array
from leaderboards.statistics.differences import (
    Difference,
    PairwiseDifferences,
    tested_difference,
    tested_differences,
)
from metrics import standard_error_over_folds


def corrected_t_test(differences: ArrayLike, *, test_to_train: float, confidence: float = 0.95) -> Difference:
    r"""Test the mean difference of two methods over r repeats of k folds.

    Train parts of different folds overlap, so the differences of the folds depend on each other and the t test
    that takes them for independent finds differences that are not there. With mean d and standard deviation s
    of the J = r k differences, and the standard error of :func:`metrics.standard_error_over_folds`,

    .. math:: t = \frac{\bar d}{s \sqrt{\frac1J + \frac{n_{test}}{n_{train}}}}, \qquad J - 1 \text{ degrees of freedom.}

    Parameters
    ----------
    differences : array-like, shape (r * k,)
        Score of the first method less that of the second on the same fold, for every fold of every repeat.
    test_to_train : float
        Number of test patients over number of train patients of a fold: 1 / (k - 1) where nothing is set aside
        for validation. 0 gives the ordinary paired t test.
    confidence : float
        Of the interval.

    Returns
    -------
    Difference
        It speaks of methods fitted anew on another sample of this size, as far as the correction is right; the
        test of :func:`~leaderboards.statistics.paired_influence.paired_test` speaks of the models fitted here.

    Raises
    ------
    ValueError
        If there are fewer than two folds, one has no finite score, or the methods differ by the same amount
        other than 0 in every fold.

    References
    ----------
    Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52, section 5.
    Bouckaert and Frank (2004), Evaluating the replicability of significance tests for comparing learning
    algorithms, PAKDD 2004, section 3.2 (r x k form).
    """
    per_fold = finite_array(differences, "differences")
    error = float(standard_error_over_folds(per_fold, test_to_train=test_to_train))
    return tested_difference(float(per_fold.mean()), error, float(per_fold.size - 1), confidence)


def corrected_t_tests(scores: ArrayLike, *, test_to_train: float, confidence: float = 0.95) -> PairwiseDifferences:
    """Test all pairs of methods over the same r repeats of k folds, adjusted by Holm.

    Parameters
    ----------
    scores : array-like, shape (m, r * k)
        One row per method, one column per fold. A method without a score in some fold is left out by the
        caller: a failed method is ranked worst, not tested.
    test_to_train, confidence
        As in :func:`corrected_t_test`.

    Returns
    -------
    PairwiseDifferences

    Raises
    ------
    ValueError
        If there are fewer than two methods or folds, or a score is not finite.
    """
    table = finite_array(scores, "scores", dimensions=2)
    methods, folds = table.shape
    if methods < 2:
        raise ValueError(f"there is {methods} method, a comparison needs two")
    value, error = np.zeros((methods, methods)), np.zeros((methods, methods))
    for first in range(methods):
        differences = table[first] - table
        value[first] = differences.mean(axis=1)
        error[first] = standard_error_over_folds(differences, test_to_train=test_to_train)
    return tested_differences(value, error, float(folds - 1), confidence)
