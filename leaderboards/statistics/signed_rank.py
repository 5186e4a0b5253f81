"""Wilcoxon's signed-rank test of two methods across datasets, exact with ties too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from leaderboards.statistics.checks import FloatArray, finite_array, flags, numbers
from leaderboards.statistics.failures import paired_differences
from leaderboards.statistics.multiplicity import holm_over_pairs


@dataclass(frozen=True, slots=True)
class SignedRankTest:
    """Wilcoxon's signed-rank test of two methods.

    Attributes
    ----------
    positive, negative : float
        Sum of the ranks of the positive and of the negative differences.
    p_value : float
        Two-sided, of differences that are as likely to be against the first method as for it.
    """

    positive: float
    negative: float
    p_value: float


@dataclass(frozen=True, slots=True, eq=False)
class PairwiseSignedRanks:
    """Signed-rank tests of all pairs of m methods across N datasets; entry [a, b] is a against b.

    Attributes
    ----------
    wins : ndarray, shape (m, m)
        Number of datasets on which a is better than b; a tie counts half.
    p_value : ndarray, shape (m, m)
        Two-sided.
    adjusted_p_value : ndarray, shape (m, m)
        By Holm over the m (m - 1) / 2 pairs.
    """

    wins: FloatArray
    p_value: FloatArray
    adjusted_p_value: FloatArray


def signed_rank_test(differences: ArrayLike) -> SignedRankTest:
    r"""Test whether differences on N datasets are centred at 0, by the ranks of their sizes.

    Equal sizes share the mean of their ranks. Differences of 0 are ranked and then left out (Pratt), so that
    agreement on one more dataset cannot make a difference significant. Under the hypothesis each sign is a fair
    coin, whatever the ranks: the distribution of :math:`W^+` is found by convolution and p is exact,

    .. math:: p = \min\{1, 2\, P(W^+ \ge \max(w^+, w^-))\}.

    Parameters
    ----------
    differences : array-like, shape (N,)
        One per dataset. With :func:`~leaderboards.statistics.failures.paired_differences` failures are in.

    Returns
    -------
    SignedRankTest

    Raises
    ------
    ValueError
        If there is no dataset or a difference is not finite.

    Notes
    -----
    With fewer than six datasets no p-value falls below 0.05. O(N^3).

    References
    ----------
    Wilcoxon (1945), Individual comparisons by ranking methods, Biometrics Bulletin 1.
    Pratt (1959), Remarks on zeros and ties in the Wilcoxon signed rank procedures, JASA 54.
    """
    values = finite_array(differences, "differences")
    if values.size == 0:
        raise ValueError("there is no dataset to compare on")
    # Ranks are multiples of one half.
    doubled = np.rint(2 * rankdata(np.abs(values))).astype(np.int64)
    positive, negative = int(doubled[values > 0].sum()), int(doubled[values < 0].sum())
    chance = _distribution_of_sum(doubled[values != 0])
    p_value = min(1.0, 2 * float(chance[max(positive, negative) :].sum()))
    return SignedRankTest(positive / 2, negative / 2, p_value)


def signed_rank_tests(
    scores: ArrayLike, failed: ArrayLike | None = None, *, higher_is_better: bool
) -> PairwiseSignedRanks:
    """Test all pairs of methods across datasets, adjusted by Holm.

    Parameters
    ----------
    scores : array-like, shape (m, N)
        One row per method, one column per dataset.
    failed : array-like of bool, shape (m, N), optional
        Cells that failed; their score is NaN, and they are worse than any score.
    higher_is_better : bool
        True for concordance, False for the Brier score.

    Returns
    -------
    PairwiseSignedRanks

    Raises
    ------
    ValueError
        If there are fewer than two methods, or a cell that did not fail has no score: leave that
        dataset out for all methods, or that method.

    References
    ----------
    Benavoli, Corani and Mangili (2016), Should we really use post-hoc tests based on mean-ranks?, JMLR 17.
    """
    table = numbers(scores, "scores", dimensions=2)
    failures = flags(failed, "failed", table.shape)
    methods = table.shape[0]
    if methods < 2:
        raise ValueError(f"there is {methods} method, a comparison needs two")
    sign = 1.0 if higher_is_better else -1.0
    wins, p_value = np.full((methods, methods), table.shape[1] / 2), np.ones((methods, methods))
    for a in range(methods):
        for b in range(a + 1, methods):
            gains = sign * paired_differences(
                table[a], table[b], failures[a], failures[b], higher_is_better=higher_is_better
            )
            wins[a, b] = (gains > 0).sum() + 0.5 * (gains == 0).sum()
            wins[b, a] = gains.size - wins[a, b]
            p_value[a, b] = p_value[b, a] = signed_rank_test(gains).p_value
    return PairwiseSignedRanks(wins, p_value, holm_over_pairs(p_value))


def _distribution_of_sum(ranks: np.ndarray[tuple[int], np.dtype[np.int64]]) -> FloatArray:
    """Probability of each sum 0, 1, .. of the ranks whose fair coin shows heads."""
    chance = np.zeros(int(ranks.sum()) + 1)
    chance[0] = 1.0
    for rank in ranks:
        shifted = np.zeros_like(chance)
        shifted[rank:] = chance[: chance.size - rank]
        chance = 0.5 * (chance + shifted)
    return chance
