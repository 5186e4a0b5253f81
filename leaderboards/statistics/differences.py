"""The difference of two methods with its uncertainty, for one pair or for all pairs of a board."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtr, stdtrit

from leaderboards.statistics.checks import FloatArray, NoSpreadError, share
from leaderboards.statistics.multiplicity import holm_over_pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Difference of two methods, the first less the second.

    Attributes
    ----------
    value : float
        The difference.
    standard_error : float
        Its standard error.
    lower, upper : float
        Confidence limits.
    p_value : float
        Two-sided, of no difference.
    degrees_of_freedom : float
        Of Student's t distribution; infinite for the normal.
    """

    value: float
    standard_error: float
    lower: float
    upper: float
    p_value: float
    degrees_of_freedom: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PairwiseDifferences:
    """Differences of all pairs of m methods; entry [a, b] is a less b.

    Attributes
    ----------
    value : ndarray, shape (m, m)
        The differences.
    standard_error : ndarray, shape (m, m)
        Their standard errors.
    lower, upper : ndarray, shape (m, m)
        Confidence limits of each pair by itself.
    p_value : ndarray, shape (m, m)
        Two-sided, of no difference. 1 where two methods do the same throughout; NaN where they differ by the
        same amount throughout, so that nothing tells how far to trust it.
    adjusted_p_value : ndarray, shape (m, m)
        Over the pairs that have a p-value: by Holm, or by their joint distribution where the patients tell it.
    degrees_of_freedom : float or ndarray, shape (m, m)
        Of Student's t distribution, of all pairs alike or of each; infinite for the normal.
    """

    value: FloatArray
    standard_error: FloatArray
    lower: FloatArray
    upper: FloatArray
    p_value: FloatArray
    adjusted_p_value: FloatArray
    degrees_of_freedom: float | FloatArray


def tested_difference(value: float, error: float, degrees_of_freedom: float, confidence: float) -> Difference:
    """Return a difference with Student's interval and p-value, or say why it has none.

    Raises
    ------
    NoSpreadError
        If the standard error is 0 although the two methods differ.
    """
    reach = _reach(error, degrees_of_freedom, confidence)
    p_value = float(two_sided(np.array([value]), np.array([error]), degrees_of_freedom)[0])
    if np.isnan(p_value):
        raise NoSpreadError(f"the two methods differ by {value} throughout: without spread there is no standard error")
    return Difference(
        value=value,
        standard_error=error,
        lower=value - float(reach),
        upper=value + float(reach),
        p_value=p_value,
        degrees_of_freedom=degrees_of_freedom,
    )


def tested_differences(
    value: FloatArray, error: FloatArray, degrees_of_freedom: float | FloatArray, confidence: float
) -> PairwiseDifferences:
    """Return the differences of all pairs (m, m) with Student's intervals and p-values adjusted by Holm."""
    reach = _reach(error, degrees_of_freedom, confidence)
    p_value = two_sided(value, error, degrees_of_freedom)
    return PairwiseDifferences(
        value=value,
        standard_error=error,
        lower=value - reach,
        upper=value + reach,
        p_value=p_value,
        adjusted_p_value=holm_over_pairs(p_value),
        degrees_of_freedom=degrees_of_freedom,
    )


def two_sided(value: FloatArray, error: FloatArray, degrees_of_freedom: float | FloatArray) -> FloatArray:
    """Return the probability of a larger difference by chance; without spread 1 where it is 0, NaN elsewhere."""
    known = error > 0
    size = np.abs(np.divide(value, error, out=np.zeros_like(value), where=known))
    return np.where(known, 2 * stdtr(degrees_of_freedom, -size), np.where(value == 0, 1.0, np.nan))


def _reach(error: FloatArray | float, degrees_of_freedom: float | FloatArray, confidence: float) -> FloatArray:
    quantile = stdtrit(degrees_of_freedom, 0.5 + share(confidence, "confidence") / 2)
    return np.asarray(quantile * error, dtype=np.float64)
