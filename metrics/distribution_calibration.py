"""Distribution calibration: whether the predicted probabilities at the observed times are uniform."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from metrics.checks import ROUNDING, BoolArray, FloatArray, event_indicators, finite_vector
from metrics.compiled import compiled
from metrics.errors import UndefinedError
from metrics.outcome import PreparedOutcome
from metrics.results import DCalibration


def d_calibration(
    survival_at_observed: ArrayLike, event: ArrayLike | PreparedOutcome, *, bins: int = 10
) -> DCalibration:
    r"""D-calibration: chi-squared distance of S(T) from a uniform distribution.

    With :math:`s_i = S_i(T_i)`, an event counts 1 in the bin [lower, upper) that holds :math:`s_i`, the last
    bin closed at 1. A censored patient is spread over the bins below in proportion to their width: each bin
    under :math:`s_i` gets :math:`(u - l) / s_i`, the bin that holds it :math:`(s_i - l) / s_i`, and all of
    the patient goes to the first bin if :math:`s_i = 0` (convention 11). With :math:`o_b` patients in bin b
    of B,

    .. math:: \chi^2 = \sum_b \frac{(o_b - n/B)^2}{n/B}

    on B - 1 degrees of freedom.

    Parameters
    ----------
    survival_at_observed : array-like, shape (n,)
        Each patient's predicted survival probability at the patient's own observed time, see
        :func:`~metrics.curves.survival_at_observed`.
    event : array-like, shape (n,), or PreparedOutcome
        Event indicator, bool or 0/1.
    bins : int
        Number of bins of equal width, at least 2.

    Returns
    -------
    DCalibration
        The statistic, its p-value, the shares per bin and the largest deviation of one.

    Raises
    ------
    UndefinedError
        If no patient has an event.
    ValueError
        If a probability leaves [0, 1], or an input is not valid.

    References
    ----------
    Haider, Hoehn, Davis and Greiner (2020), Effective ways to build and evaluate individual survival
    distributions, JMLR 21, section 3.5 and appendix B.

    Examples
    --------
    Two events lie below 0.5 and one above; the patient censored at 0.8 counts 0.5/0.8 = 0.625 below and 0.375
    above. Two are expected in each half.

    >>> from metrics import d_calibration
    >>> result = d_calibration([0.1, 0.3, 0.8, 0.8], [1, 1, 1, 0], bins=2)
    >>> (4 * result.shares).round(4).tolist()
    [2.625, 1.375]
    >>> round(result.value, 4)
    0.3906
    """
    probability = finite_vector(survival_at_observed, "survival_at_observed")
    happened = event.event if isinstance(event, PreparedOutcome) else event_indicators(event, probability.size)
    if happened.size != probability.size:
        raise ValueError(f"survival_at_observed has {probability.size} entries, expected {happened.size}")
    if not happened.any():
        raise UndefinedError("no patient has an event: the observed times say nothing about calibration")
    if bins < 2:
        raise ValueError(f"bins is {bins}, at least 2 are needed")
    if probability.min() < -ROUNDING or probability.max() > 1 + ROUNDING:
        first = int(np.argmax(np.abs(probability - 0.5) > 0.5 + ROUNDING))
        raise ValueError(f"survival_at_observed of patient {first} is {probability[first]}, outside [0, 1]")

    # k / bins is the double nearest to the edge; a running sum or linspace can miss it by one unit.
    counts = _count(np.clip(probability, 0.0, 1.0), happened, np.arange(bins + 1) / bins)

    expected = probability.size / bins
    statistic = float(((counts - expected) ** 2).sum() / expected)
    shares = counts / probability.size
    return DCalibration(
        value=statistic,
        p_value=float(chdtrc(bins - 1, statistic)),
        largest_deviation=float(np.abs(shares - 1.0 / bins).max()),
        shares=shares,
        events=int(np.count_nonzero(happened)),
    )


@compiled
def _count(probability: FloatArray, event: BoolArray, edges: FloatArray) -> FloatArray:
    """Count patients per bin: events where they lie, the censored spread over all below. O(n + bins)."""
    bins = edges.size - 1
    counts, density_above = np.zeros(bins), np.zeros(bins + 1)
    for i in range(probability.size):
        p = probability[i]
        own = min(int(p * bins), bins - 1)
        # The product may have been rounded across an edge.
        if p < edges[own]:
            own -= 1
        elif own < bins - 1 and p >= edges[own + 1]:
            own += 1
        if event[i] or p == 0.0:
            counts[own] += 1.0
        else:
            counts[own] += (p - edges[own]) / p
            density_above[own] += 1.0 / p
    # A bin gets its width times the densities of all patients whose own bin lies above it.
    for b in range(bins - 2, -1, -1):
        density_above[b] += density_above[b + 1]
        counts[b] += density_above[b + 1] * (edges[b + 1] - edges[b])
    return counts
