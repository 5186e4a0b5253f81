"""Holm's adjustment of p-values for the number of comparisons made."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from leaderboards.statistics.checks import FloatArray, numbers


def holm(p_values: ArrayLike) -> FloatArray:
    r"""Adjust p-values so that any false rejection among them has at most the stated probability.

    With the p-values of the family in ascending order,

    .. math:: \tilde p_{(i)} = \max_{j \le i} \min\{1, (h - j + 1)\, p_{(j)}\}

    for j = 1 .. h. It needs no assumption on how the tests depend on each other.

    Parameters
    ----------
    p_values : array-like, shape (h,)
        Between 0 and 1. NaN is a comparison without a test: it stays NaN and does not count in h.

    Returns
    -------
    ndarray, shape (h,)
        Adjusted p-values in the order given: what is at most alpha is rejected at the familywise level alpha.

    Raises
    ------
    ValueError
        If a p-value lies outside [0, 1].

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6.
    """
    raw = numbers(p_values, "p_values")
    tested = ~np.isnan(raw)
    family = raw[tested]
    if ((family < 0) | (family > 1)).any():
        raise ValueError(f"p_values span {family.min()} to {family.max()}, expected 0 to 1")
    order = np.argsort(family, kind="stable")
    stepped = np.maximum.accumulate(family[order] * np.arange(family.size, 0, -1))
    adjusted = np.full(raw.shape, np.nan)
    of_family = np.empty(family.size)
    of_family[order] = np.minimum(stepped, 1.0)
    adjusted[tested] = of_family
    return adjusted


def holm_over_pairs(p_values: FloatArray) -> FloatArray:
    """Adjust the p-values of all pairs of methods, each pair counted once.

    Parameters
    ----------
    p_values : ndarray, shape (m, m)
        Symmetric; the diagonal is not looked at. The family is the m (m - 1) / 2 pairs less those that are NaN.

    Returns
    -------
    ndarray, shape (m, m)
        Symmetric, 1 on the diagonal: a method never differs from itself.
    """
    methods = p_values.shape[0]
    pairs = np.triu_indices(methods, 1)
    adjusted = np.ones((methods, methods))
    adjusted[pairs] = holm(p_values[pairs])
    adjusted.T[pairs] = adjusted[pairs]
    return adjusted
