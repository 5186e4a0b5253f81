"""The paired test on pooled out-of-fold predictions: whether the models fitted here differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from leaderboards.statistics.differences import (
    Difference,
    PairwiseDifferences,
    tested_difference,
    tested_differences,
)
from leaderboards.statistics.joint_adjustment import step_down_over_pairs
from metrics.pooling import PooledEstimate, effective_degrees_of_freedom


def paired_test(first: PooledEstimate, second: PooledEstimate, *, confidence: float = 0.95) -> Difference:
    r"""Test the difference of two methods by the influence of the patients on it.

    With the influence :math:`a_i`, :math:`b_i` of patient i on the two pooled estimates,

    .. math:: s^2 = c \sum_i (a_i - b_i)^2, \qquad p = 2\,T_\nu(-|\hat a - \hat b| / s),

    where c makes up for the means of the folds (`Folds.correction`: n / (n - k) in one repeat of k folds, n the number
    of events for a concordance index, of patients for a mean loss) and :math:`\nu` are the effective degrees of
    freedom of s (`effective_degrees_of_freedom`). Each patient counts once, however many repeats there are.

    Parameters
    ----------
    first, second : PooledEstimate
        Of one metric, pooled over the same `Folds`.
    confidence : float
        Of the interval.

    Returns
    -------
    Difference
        By Student's distribution.

    Raises
    ------
    NoSpreadError
        If the two have the same influence but different values.
    ValueError
        If they were not pooled over the same folds.

    Notes
    -----
    The models are taken as given: the standard error holds the sampling of the patients scored, not that of the
    patients trained on. Two methods that would be equal on average over training samples are found to differ if
    the models fitted here do: with Cox models of 60 features on 300 patients that was so in 14 of 100 simulations
    (tests/leaderboards/statistics/test_error_rates.py). The test of
    :func:`~leaderboards.statistics.corrected_t.corrected_t_test` speaks of methods fitted anew.

    References
    ----------
    Kang, Chen, Petrick and Gallas (2015), Comparing two correlated C indices, Statistics in Medicine 34.
    """
    difference = first - second
    return tested_difference(difference.value, difference.standard_error, difference.degrees_of_freedom, confidence)


def paired_tests(estimates: Sequence[PooledEstimate], *, confidence: float = 0.95) -> PairwiseDifferences:
    """Test all pairs of methods on one dataset, adjusted by how the pairs hang together (`step_down_over_pairs`).

    It is what the board separates pairs by.

    Parameters
    ----------
    estimates : sequence of PooledEstimate
        One per method, of one metric, pooled over the same `Folds`. A method that failed in some fold has none:
        it is ranked worst, not tested.
    confidence : float
        Of the interval of each pair by itself.

    Returns
    -------
    PairwiseDifferences

    Raises
    ------
    ValueError
        If there are fewer than two methods, or they were not pooled over the same folds.
    """
    methods = len(estimates)
    if methods < 2:
        raise ValueError(f"there is {methods} method, a comparison needs two")
    if any(estimate.folds is not estimates[0].folds for estimate in estimates):
        raise ValueError("the estimates were not pooled over the same folds: build one Folds for all methods")
    value = np.array([estimate.value for estimate in estimates])
    influence = np.stack([estimate.influence for estimate in estimates])
    second, fourth = np.zeros((methods, methods)), np.zeros((methods, methods))
    for first in range(methods):
        square = (influence[first] - influence[first + 1 :]) ** 2
        second[first, first + 1 :] = square.sum(axis=1)
        fourth[first, first + 1 :] = np.einsum("ij,ij->i", square, square)
    second, fourth = second + second.T, fourth + fourth.T
    folds = estimates[0].folds
    freedom = effective_degrees_of_freedom(second, fourth, folds.patients_taking_part)
    pairs = tested_differences(value[:, None] - value, np.sqrt(folds.correction * second), freedom, confidence)
    return replace(pairs, adjusted_p_value=step_down_over_pairs(pairs.p_value, influence))
