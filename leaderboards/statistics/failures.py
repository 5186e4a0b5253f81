"""What stands for a cell without a score: a failure is the worst, a missing cell is nothing and stays nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from leaderboards.statistics.checks import BoolArray, FloatArray, flags, not_negative, numbers


def rank_methods(scores: ArrayLike, failed: ArrayLike | None = None, *, higher_is_better: bool) -> FloatArray:
    """Rank the methods on each dataset (or fold): 1 is the best, equal scores share the mean of their ranks.

    A failed method has the worst rank; several share the mean of the last ranks. So leaving out the datasets a
    method cannot manage never helps it.

    Parameters
    ----------
    scores : array-like, shape (m, N)
        One row per method, one column per dataset.
    failed : array-like of bool, shape (m, N), optional
        Cells that failed; their score is NaN.
    higher_is_better : bool
        True for concordance, False for the Brier score.

    Returns
    -------
    ndarray, shape (m, N)
        Each column adds up to m (m + 1) / 2.

    Raises
    ------
    ValueError
        If a cell that did not fail has no score: leave that dataset out for all methods, or that method.

    References
    ----------
    Demsar (2006), Statistical comparisons of classifiers over multiple data sets, JMLR 7, section 3.2.2.
    """
    table, failures = _complete(scores, failed)
    losses = -table if higher_is_better else table
    return np.asarray(rankdata(np.where(failures, np.inf, losses), axis=0), dtype=np.float64)


def paired_differences(
    first: ArrayLike,
    second: ArrayLike,
    first_failed: ArrayLike | None = None,
    second_failed: ArrayLike | None = None,
    *,
    higher_is_better: bool,
    rope: float = 0.0,
) -> FloatArray:
    """Return first less second on each dataset, for tests that use the order of the differences' sizes.

    Where one of the two failed, the difference is against it and larger than any other, with the rope added to
    both, could make up for; where both failed it is 0.

    Parameters
    ----------
    first, second : array-like, shape (N,)
        Scores; NaN where failed.
    first_failed, second_failed : array-like of bool, shape (N,), optional
        Which cells failed.
    higher_is_better : bool
        True for concordance, False for the Brier score.
    rope : float
        Half the width of the region of practical equivalence that the test will use.

    Returns
    -------
    ndarray, shape (N,)

    Raises
    ------
    ValueError
        If a cell that did not fail has no score.
    """
    ones, ones_failed = _complete(np.atleast_2d(np.asarray(first)), _row(first_failed))
    others, others_failed = _complete(np.atleast_2d(np.asarray(second)), _row(second_failed))
    if ones.shape != others.shape:
        raise ValueError(f"the two methods have scores on {ones.size} and {others.size} datasets")
    differences = np.where(ones_failed | others_failed, 0.0, ones - others)[0]
    largest = float(np.abs(differences).max(initial=0.0)) + 2 * not_negative(rope, "rope")
    worst = -2 * (largest or 1.0) if higher_is_better else 2 * (largest or 1.0)
    return np.asarray(differences + worst * (ones_failed[0].astype(np.float64) - others_failed[0]))


def _row(failed: ArrayLike | None) -> ArrayLike | None:
    return None if failed is None else np.atleast_2d(np.asarray(failed))


def _complete(scores: ArrayLike, failed: ArrayLike | None) -> tuple[FloatArray, BoolArray]:
    table, failures = _scores_and_failures(scores, failed)
    missing = np.isnan(table) & ~failures
    if missing.any():
        row, column = np.argwhere(missing)[0]
        raise ValueError(
            f"method {row} has no score on dataset {column} and did not fail there: leave the dataset out for all"
        )
    return table, failures


def _scores_and_failures(scores: ArrayLike, failed: ArrayLike | None) -> tuple[FloatArray, BoolArray]:
    table = numbers(scores, "scores", dimensions=2)
    failures = flags(failed, "failed", table.shape)
    if table.size == 0:
        raise ValueError(f"scores has shape {table.shape}: there is nothing to compare")
    if np.isinf(table).any():
        raise ValueError("a score is infinite")
    if (failures & ~np.isnan(table)).any():
        row, column = np.argwhere(failures & ~np.isnan(table))[0]
        raise ValueError(f"method {row} is said to have failed at {column}, but has a score there")
    return table, failures
