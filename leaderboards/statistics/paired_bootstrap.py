"""The paired bootstrap over patients, a check of the paired test that needs no influence function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from leaderboards.statistics.checks import FloatArray, IntArray, at_least, share
from metrics.pooling import PooledEstimate


@dataclass(frozen=True, slots=True, eq=False)
class BootstrapDifference:
    """Difference of two methods and its values in resamples of the patients.

    Attributes
    ----------
    value : float
        The difference.
    replicates : ndarray, shape (r,)
        The difference in each resample.
    lower, upper : float
        Percentile confidence limits.
    """

    value: float
    replicates: FloatArray
    lower: float
    upper: float

    @property
    def standard_error(self) -> float:
        """Standard deviation of the replicates."""
        return float(self.replicates.std(ddof=1))

    @property
    def p_value(self) -> float:
        """Two-sided p-value of no difference: twice the share of replicates on the rarer side of 0.

        The difference itself counts as one replicate on each side, so that it is never 0.
        """
        rarer = min(int((self.replicates <= 0).sum()), int((self.replicates >= 0).sum()))
        return min(1.0, 2 * (rarer + 1) / (self.replicates.size + 1))


def paired_bootstrap(
    statistic: Callable[[IntArray], float],
    strata: ArrayLike,
    *,
    random: np.random.Generator,
    resamples: int = 1000,
    confidence: float = 0.95,
) -> BootstrapDifference:
    """Resample patients with replacement within strata and compute the difference anew each time.

    Parameters
    ----------
    statistic : callable
        Takes the rows of a resample, in which a patient may recur, and returns the first method's score less
        the second's on these patients. Both methods see the same resample.
    strata : array-like, shape (n,)
        Fold of each patient; each fold keeps its size. One label for all resamples freely.
    random : numpy.random.Generator
        Source of the resamples.
    resamples : int
        Number of them.
    confidence : float
        Of the percentile interval.

    Returns
    -------
    BootstrapDifference

    Raises
    ------
    ValueError
        If there are fewer than two resamples or patients, or the statistic is not finite for a resample.

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, sections 13.3 and 16.4.
    Davison and Hinkley (1997), Bootstrap Methods and their Application, section 4.4 (p-values).
    """
    members = _members(strata)
    observed = statistic(np.sort(np.concatenate(members)))
    replicates = np.empty(at_least(resamples, 2, "resamples"))
    for number in range(replicates.size):
        drawn = [own[random.integers(own.size, size=own.size)] for own in members]
        replicates[number] = statistic(np.concatenate(drawn))
        if not np.isfinite(replicates[number]):
            raise ValueError(f"the statistic of resample {number} is {replicates[number]}, not a finite number")
    outside = (1 - share(confidence, "confidence")) / 2
    lower, upper = np.quantile(replicates, (outside, 1 - outside))
    return BootstrapDifference(float(observed), replicates, float(lower), float(upper))


def paired_bootstrap_of_influence(
    difference: PooledEstimate, *, random: np.random.Generator, resamples: int = 1000, confidence: float = 0.95
) -> BootstrapDifference:
    r"""Resample the patients' influence on a pooled difference: the linear part of the bootstrap.

    A resample in which patient i is drawn :math:`c_i` times has the difference :math:`d + \sum_i c_i a_i`, as
    the influence adds up to 0 in each fold. Patients are drawn within their fold; with several repeats among all,
    as a patient is then in several folds.

    Parameters
    ----------
    difference : PooledEstimate
        First method less second method.
    random, resamples, confidence
        As in :func:`paired_bootstrap`.

    Returns
    -------
    BootstrapDifference

    Raises
    ------
    ValueError
        If there are fewer than two resamples or patients.

    References
    ----------
    Davison and Hinkley (1997), Bootstrap Methods and their Application, section 2.7 (linear approximation).
    """

    def value(rows: IntArray) -> float:
        return difference.value + float(difference.influence[rows].sum())

    return paired_bootstrap(value, difference.folds.strata, random=random, resamples=resamples, confidence=confidence)


def _members(strata: ArrayLike) -> list[IntArray]:
    """Rows of each stratum."""
    labels = np.asarray(strata)
    if labels.ndim != 1 or labels.size < 2:
        raise ValueError(f"strata has shape {labels.shape}, expected a label for each of at least two patients")
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]
