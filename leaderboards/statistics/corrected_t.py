"""The corrected resampled t test: two methods on the folds of one dataset."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from leaderboards.statistics.checks import FloatArray, finite_array, not_negative
from leaderboards.statistics.differences import (
    Difference,
    PairwiseDifferences,
    tested_difference,
    tested_differences,
)

# Differences of folds that agree to this share of their size differ by rounding only.
ROUNDING = 1e-12


def corrected_t_test(differences: ArrayLike, *, test_to_train: float, confidence: float = 0.95) -> Difference:
    r"""Test the mean difference of two methods over r repeats of k folds.

    Train parts of different folds overlap, so the differences of the folds depend on each other and the t test
    that takes them for independent finds differences that are not there. With mean d and standard deviation s
    of the J = r k differences,

    .. math:: t = \frac{\bar d}{s \sqrt{\frac1J + \frac{n_{test}}{n_{train}}}}, \qquad J - 1 \text{ degrees of freedom.}

    The second term stands for the dependence and does not shrink with more repeats.

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
    error = _standard_errors(per_fold[None], not_negative(test_to_train, "test_to_train"))
    return tested_difference(float(per_fold.mean()), float(error[0]), float(per_fold.size - 1), confidence)


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
    ratio = not_negative(test_to_train, "test_to_train")
    value, error = np.zeros((methods, methods)), np.zeros((methods, methods))
    for first in range(methods):
        differences = table[first] - table
        value[first] = differences.mean(axis=1)
        error[first] = _standard_errors(differences, ratio)
    return tested_differences(value, error, float(folds - 1), confidence)


def _standard_errors(differences: FloatArray, ratio: float) -> FloatArray:
    """Return the corrected standard error of the mean of each row; 0 where a row does not vary."""
    folds = differences.shape[1]
    if folds < 2:
        raise ValueError(f"there are differences of {folds} fold(s), at least two are needed to see their spread")
    spread = np.ptp(differences, axis=1)
    varies = spread > ROUNDING * np.abs(differences).max(axis=1)
    deviation = np.where(varies, differences.std(axis=1, ddof=1), 0.0)
    return np.asarray(deviation * np.sqrt(1 / folds + ratio))
