"""Adjustment of the p-values of all pairs by how the pairs hang together."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from leaderboards.statistics.checks import FloatArray, IntArray

# An adjusted p-value of 0.05 has a standard error of 0.0015.
DRAWS = 20_000
SEED = 20261127
DRAWN_TOGETHER = 1_000
# Differences held in memory at once.
HELD = 2_000_000


def step_down_over_pairs(p_values: FloatArray, influence: FloatArray) -> FloatArray:
    r"""Adjust the p-values of all pairs of methods by the joint distribution of their differences.

    The pairs of m methods are no m (m - 1) / 2 separate questions: whoever is far from one method is far from its
    neighbours. Where no two methods differ, the standardised differences of all pairs are those of normal numbers
    :math:`Z` with the covariance :math:`\Sigma` of the estimates,

    .. math:: T_{ab} = |Z_a - Z_b| / \sqrt{\Sigma_{aa} + \Sigma_{bb} - 2 \Sigma_{ab}} .

    With the p-values in ascending order and :math:`z_{(j)} = -\Phi^{-1}(p_{(j)} / 2)`,

    .. math:: \tilde p_{(j)} = \max_{i \le j} P\left(\max_{l \ge i} T_{(l)} \ge z_{(i)}\right) .

    By Boole's inequality none is above Holm's, but for the error of the draws. One pair is not adjusted.

    Parameters
    ----------
    p_values : ndarray, shape (m, m)
        Symmetric, each of its own test; the diagonal is not looked at. NaN is a pair without a test: it stays NaN and
        does not count.
    influence : ndarray, shape (m, n)
        Of n patients on the estimates, whose products summed over the patients are their covariance. A factor on all
        of it changes nothing.

    Returns
    -------
    ndarray, shape (m, m)
        Symmetric, 1 on the diagonal. Of 20,000 draws with a fixed seed: the same numbers for the same input.

    References
    ----------
    Westfall and Young (1993), Resampling-Based Multiple Testing, chapter 2 (step-down by the smallest p-value).
    Hothorn, Bretz and Westfall (2008), Simultaneous inference in general parametric models, Biometrical Journal 50
    (the joint normal distribution of estimates).
    """
    methods = len(p_values)
    first, second = np.triu_indices(methods, 1)
    joint = p_values[first, second]
    # Of the influence itself, not of its products: two methods that hardly differ would lose half the digits.
    vectors, sizes, _ = np.linalg.svd(influence, full_matrices=False)
    root = vectors * sizes
    spread = np.sqrt(((root[first] - root[second]) ** 2).sum(axis=1))
    tested = np.flatnonzero(~np.isnan(joint) & (spread > 0))
    order = tested[np.argsort(joint[tested], kind="stable")]
    if len(order) > 1:
        joint[order] = _stepped_down(joint[order], root, first[order], second[order], spread[order])
    adjusted = np.ones((methods, methods))
    adjusted[first, second] = adjusted[second, first] = joint
    return adjusted


def _stepped_down(
    ascending: FloatArray, root: FloatArray, first: IntArray, second: IntArray, spread: FloatArray
) -> FloatArray:
    """Return the adjusted p-values of pairs in ascending order, each with its two methods and its spread."""
    size = -ndtri(ascending / 2)
    random = np.random.default_rng(SEED)
    as_large = np.zeros(len(ascending), dtype=np.int64)
    portions = -(-len(ascending) * DRAWN_TOGETHER // HELD)
    for _ in range(DRAWS // DRAWN_TOGETHER):
        drawn = root @ random.standard_normal((root.shape[1], DRAWN_TOGETHER))
        for some in np.array_split(drawn, portions, axis=1):
            apart = np.abs(some[first] - some[second]) / spread[:, None]
            largest_left = np.maximum.accumulate(apart[::-1], axis=0)[::-1]
            as_large += (largest_left >= size[:, None]).sum(axis=1)
    joint = np.maximum.accumulate((1 + as_large) / (1 + DRAWS))
    adjusted: FloatArray = np.maximum(joint, ascending)
    return adjusted
