"""Where a gain in Harrell's C comes from: the pairs by which other risks order them rightly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.calling import on_outcome
from metrics.checks import BoolArray, FloatArray, finite_vector
from metrics.compiled import compiled
from metrics.outcome import PreparedOutcome
from metrics.sweep import SweepOrder


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ConcordanceGain:
    """A gain in Harrell's C, split into classes of comparable pairs.

    Attributes
    ----------
    right : ndarray of bool, shape (2**m, m)
        Which of the m sources order the pairs of a class rightly. The first class is that of none, the last of all.
    pairs : ndarray, shape (2**m,)
        Comparable pairs of each class; a pair that a source leaves tied belongs half to either side of it.
    concordant, reference_concordant : ndarray, shape (2**m,)
        Those of them that the risk, and the reference, order rightly, ties half.
    """

    right: BoolArray
    pairs: FloatArray
    concordant: FloatArray
    reference_concordant: FloatArray

    @property
    def contribution(self) -> FloatArray:
        """What each class adds to the gain, shape (2**m,)."""
        return np.asarray((self.concordant - self.reference_concordant) / self.pairs.sum())

    @property
    def value(self) -> float:
        """C of the risk less C of the reference."""
        return float((self.concordant.sum() - self.reference_concordant.sum()) / self.pairs.sum())


@on_outcome
def concordance_gain(
    outcome: PreparedOutcome,
    risk: ArrayLike,
    reference: ArrayLike,
    sources: ArrayLike,
    *,
    tau: float | None = None,
    strata: ArrayLike | None = None,
) -> ConcordanceGain:
    r"""Split the gain in Harrell's C over a reference by which sources order a pair rightly.

    For a comparable pair (i, j), i with the earlier event, let :math:`s(r) = 1[r_i > r_j] + \tfrac12 1[r_i = r_j]`.
    With m sources u, the risks of one modality each, say, a set A of them is a class; the pair belongs to it with the
    weight

    .. math:: w_A = \prod_{k \in A} s(u_k) \prod_{k \notin A} (1 - s(u_k)),

    which is 1 for one class and 0 for all others unless a source leaves the pair tied: then it is shared equally by
    the class in which that source is right and the one in which it is not. The weights of a pair add up to 1, so that
    over all N comparable pairs

    .. math::

        C(r) - C(q) = \sum_A \frac1N \sum_{(i,j)} w_A\,(s(r) - s(q))

    exactly: the parts of the gain of risk r over reference q. Pairs are those of
    :func:`~metrics.concordance_index` (conventions 2, 3, 5 and 16).

    Parameters
    ----------
    time, event : array-like, shape (n,)
        Observed times, greater than 0, and event indicators, bool or 0/1; or one `PreparedOutcome` in their
        place.
    risk, reference : array-like, shape (n,)
        The two predictions that are compared; higher for an earlier event.
    sources : array-like, shape (m, n)
        m >= 1 further predictions by which pairs are told apart.
    tau : float, optional
        Horizon in the unit of `time`. Default: the outcome's, or none.
    strata : array-like, shape (n,), optional
        Pairs are formed only between patients of the same stratum.

    Returns
    -------
    ConcordanceGain

    Raises
    ------
    UndefinedError
        If there is no comparable pair.
    ValueError
        If there is no source, a risk is not finite, lengths differ, or the outcome is not valid.

    Notes
    -----
    O(n^2 m 2^m), in compiled code without an array of pairs. Counts are multiples of 2^-(m+1) and exact, so the parts
    add up to the gain but for the rounding of one division each.

    Examples
    --------
    Four comparable pairs. The first source has the pairs of the first patient in order, the second all but those with
    the fourth; the risk has all in order, the reference none of the first patient's. The gain comes from pairs that
    the first source has in order, two thirds of it from those that the second has, too.

    >>> from metrics import concordance_gain
    >>> time, event = [2, 4, 5, 7], [1, 0, 1, 1]
    >>> gain = concordance_gain(time, event, [4, 3, 2, 1], [1, 4, 3, 2], [[4, 1, 2, 3], [3, 2, 1, 4]])
    >>> gain.right.tolist()
    [[False, False], [True, False], [False, True], [True, True]]
    >>> gain.pairs.tolist()
    [1.0, 1.0, 0.0, 2.0]
    >>> gain.contribution.tolist(), gain.value
    ([0.0, 0.25, 0.0, 0.5], 0.75)
    """
    n = len(outcome)
    given = np.asarray(sources)
    if given.ndim != 2 or not len(given):
        raise ValueError(f"sources must be of shape (m, {n}) with m >= 1, got {given.shape}")
    named = [(risk, "risk"), (reference, "reference"), *((row, f"source {k}") for k, row in enumerate(given))]
    risks = np.stack([finite_vector(values, name, n) for values, name in named])
    sweep = SweepOrder(outcome, tau, strata)
    sweep.comparable()  # refuses if there is no pair
    m = len(given)
    found = np.zeros((2**m, 3))
    for part in sweep.strata:
        ordered = np.ascontiguousarray(risks[:, sweep.rows[part]].T)
        _add_pairs(sweep.time[part], sweep.event[part], ordered, sweep.horizon, found)
    right = (np.arange(2**m)[:, None] >> np.arange(m)) & 1 == 1
    return ConcordanceGain(right=right, pairs=found[:, 0], concordant=found[:, 1], reference_concordant=found[:, 2])


@compiled
def _add_pairs(time: FloatArray, event: BoolArray, risks: FloatArray, horizon: float, found: FloatArray) -> None:
    """Add the comparable pairs of one stratum to the counts of their classes.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Sorted by time, events first.
    risks : ndarray, shape (n, 2 + m)
        Risk, reference and the m sources of each patient, in the same order.
    horizon : float
        Only events before it open a pair (convention 5).
    found : ndarray, shape (2**m, 3)
        Receives pairs, and those that the risk and the reference have in order.

    Notes
    -----
    O(n^2 m 2^m).
    """
    n, predictions = risks.shape
    right = np.zeros(predictions)
    for i in range(n):
        if not event[i] or not time[i] < horizon:
            continue
        for j in range(i + 1, n):
            # Two events at the same time are not comparable (convention 2).
            if time[j] == time[i] and event[j]:
                continue
            for k in range(predictions):
                first, second = risks[i, k], risks[j, k]
                right[k] = 1.0 if first > second else 0.5 if first == second else 0.0
            for number in range(len(found)):
                weight = 1.0
                for k in range(2, predictions):
                    weight *= right[k] if (number >> (k - 2)) & 1 else 1.0 - right[k]
                if weight > 0.0:
                    found[number, 0] += weight
                    found[number, 1] += weight * right[0]
                    found[number, 2] += weight * right[1]
