"""Do the methods differ at all across datasets: Friedman's test, and the distance of ranks that counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtrc
from scipy.stats import studentized_range

from leaderboards.statistics.checks import FloatArray, at_least, finite_array, share

# With fewer a diagram of average ranks says nothing.
MINIMUM_DATASETS = 5
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FriedmanTest:
    """Friedman's test of no difference between m methods over N datasets.

    Attributes
    ----------
    average_rank : ndarray, shape (m,)
        Mean rank of each method; 1 is the best.
    chi_squared : float
        Friedman's statistic, corrected for ties.
    chi_squared_p_value : float
        By the chi-squared distribution with m - 1 degrees of freedom.
    f : float
        The statistic of Iman and Davenport; infinite where all datasets rank the methods alike.
    p_value : float
        By the F distribution with m - 1 and (m - 1)(N - 1) degrees of freedom: the one to use.
    """

    average_rank: FloatArray
    chi_squared: float
    chi_squared_p_value: float
    f: float
    p_value: float


def friedman_test(ranks: ArrayLike) -> FriedmanTest:
    r"""Test whether methods differ across datasets, by their ranks.

    With ranks :math:`r_{ij}` of m methods on N datasets,

    .. math::

        \chi^2 = (m - 1) \frac{\sum_i \left(\sum_j r_{ij} - N \frac{m + 1}2\right)^2}
                              {\sum_{ij} \left(r_{ij} - \frac{m + 1}2\right)^2}, \qquad
        F = \frac{(N - 1)\, \chi^2}{N (m - 1) - \chi^2},

    which is Friedman's statistic with the correction for ties, and the less conservative form of Iman and
    Davenport. Where all methods tie on all datasets the statistics are 0.

    Parameters
    ----------
    ranks : array-like, shape (m, N)
        From :func:`~leaderboards.statistics.failures.rank_methods`: one row per method, a dataset per column.

    Returns
    -------
    FriedmanTest

    Raises
    ------
    ValueError
        If there are fewer than two methods or datasets, or a column does not hold ranks.

    References
    ----------
    Friedman (1937), The use of ranks to avoid the assumption of normality, JASA 32.
    Iman and Davenport (1980), Approximations of the critical region of the Friedman statistic, Communications
    in Statistics A 9.
    Conover (1999), Practical Nonparametric Statistics, section 5.8 (ties).
    """
    table = finite_array(ranks, "ranks", dimensions=2)
    methods, datasets = table.shape
    if methods < 2 or datasets < 2:
        raise ValueError(f"ranks of {methods} method(s) on {datasets} dataset(s): the test needs two of each")
    middle = (methods + 1) / 2
    off = np.abs(table.mean(axis=0) - middle) > ROUNDING
    if off.any() or table.min() < 1 or table.max() > methods:
        where = int(np.argmax(off))
        raise ValueError(f"column {where} does not hold the ranks of {methods} methods: rank the scores first")
    spread = float(((table - middle) ** 2).sum())
    between = float(((table.sum(axis=1) - datasets * middle) ** 2).sum())
    chi_squared = (methods - 1) * between / spread if spread > 0 else 0.0
    left = datasets * (methods - 1) - chi_squared
    f = (datasets - 1) * chi_squared / left if left > ROUNDING else np.inf
    return FriedmanTest(
        average_rank=table.mean(axis=1),
        chi_squared=chi_squared,
        chi_squared_p_value=float(chdtrc(methods - 1, chi_squared)),
        f=f,
        p_value=float(fdtrc(methods - 1, (methods - 1) * (datasets - 1), f)),
    )


def critical_difference(methods: int, datasets: int, *, alpha: float = 0.05) -> float:
    r"""Return the difference of average ranks from which on two of m methods differ (Nemenyi).

    .. math:: CD = \frac{q_{1 - \alpha; m, \infty}}{\sqrt2} \sqrt{\frac{m (m + 1)}{6 N}}

    with the quantile of the studentized range. It depends on which methods are on the board; the pairwise
    signed-rank tests do not, and are what the board separates methods by across datasets.

    Parameters
    ----------
    methods : int
        m, at least 2.
    datasets : int
        N, at least 5: with fewer no diagram is drawn.
    alpha : float
        Familywise level.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are too few methods or datasets.

    References
    ----------
    Nemenyi (1963), Distribution-free multiple comparisons, thesis, Princeton.
    Demsar (2006), Statistical comparisons of classifiers over multiple data sets, JMLR 7, section 3.2.2.
    """
    m, n = at_least(methods, 2, "methods"), at_least(datasets, MINIMUM_DATASETS, "datasets")
    quantile = float(studentized_range.ppf(1 - share(alpha, "alpha"), m, np.inf))
    return float(quantile / np.sqrt(2) * np.sqrt(m * (m + 1) / (6 * n)))
