"""Distribution calibration: whether the predicted probabilities at the observed times are uniform."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, chdtri

from metrics.checks import ROUNDING, BoolArray, FloatArray, event_indicators, finite_vector
from metrics.compiled import compiled
from metrics.errors import UndefinedError
from metrics.outcome import PreparedOutcome
from metrics.results import DCalibration

#: Fewer events a bin than this, and the chi-squared distribution is a poor one.
EVENTS_A_BIN = 5
LEVEL = 0.05


def d_calibration(
    survival_at_observed: ArrayLike,
    event: ArrayLike | PreparedOutcome,
    *,
    survival_before: ArrayLike | None = None,
    bins: int = 10,
) -> DCalibration:
    r"""D-calibration: chi-squared distance of S(T) from a uniform distribution.

    With :math:`s_i = S_i(T_i)`, an event counts 1 in the bin [lower, upper) that holds :math:`s_i`, the last
    bin closed at 1. Where the curve falls by a step at the event, from `survival_before` to :math:`s_i`, the event is
    spread evenly over the step, as a uniform draw from it would be on average: otherwise curves of discrete times,
    the Kaplan-Meier estimate itself among them, would be far from uniform. A censored patient is spread over the
    bins below in proportion to their width: each bin under :math:`s_i` gets :math:`(u - l) / s_i`, the bin that holds
    it :math:`(s_i - l) / s_i`, and all of the patient goes to the first bin if :math:`s_i = 0` (convention 11). With
    :math:`o_b` patients in bin b of B,

    .. math:: \chi^2 = \sum_b \frac{(o_b - n/B)^2}{n/B}

    on B - 1 degrees of freedom.

    Parameters
    ----------
    survival_at_observed : array-like, shape (n,)
        Each patient's predicted survival probability at the patient's own observed time, see
        :func:`~metrics.curves.survival_at_observed`.
    event : array-like, shape (n,), or PreparedOutcome
        Event indicator, bool or 0/1.
    survival_before : array-like, shape (n,), optional
        Of those with an event, the probability just before the step in which it lies, see
        :func:`~metrics.curves.survival_around_observed`; of the others it is not used. Default: no steps.
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
        If a probability leaves [0, 1] or rises, or an input is not valid.

    References
    ----------
    Haider, Hoehn, Davis and Greiner (2020), Effective ways to build and evaluate individual survival
    distributions, JMLR 21, section 3.5 and appendix B.
    Czado, Gneiting and Held (2009), Predictive model assessment for count data, Biometrics 65, eq. 2 (steps).

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
    before = probability if survival_before is None else finite_vector(survival_before, "survival_before")
    if before.size != probability.size:
        raise ValueError(f"survival_before has {before.size} entries, expected {probability.size}")
    for name, values in (("survival_at_observed", probability), ("survival_before", before)):
        if values.min() < -ROUNDING or values.max() > 1 + ROUNDING:
            first = int(np.argmax(np.abs(values - 0.5) > 0.5 + ROUNDING))
            raise ValueError(f"{name} of patient {first} is {values[first]}, outside [0, 1]")
    risen = happened & (probability > before + ROUNDING)
    if risen.any():
        first = int(np.argmax(risen))
        raise ValueError(
            f"survival of patient {first} rises from {before[first]} before the event to {probability[first]} at it"
        )

    lower = np.clip(probability, 0.0, 1.0)
    upper = np.where(happened, np.maximum(np.clip(before, 0.0, 1.0), lower), lower)
    # k / bins is the double nearest to the edge; a running sum or linspace can miss it by one unit.
    counts = _count(lower, upper, happened, np.arange(bins + 1) / bins)
    return d_calibration_of_counts(counts, int(np.count_nonzero(happened)))


def d_calibration_of_counts(counts: ArrayLike, events: int) -> DCalibration:
    """D-calibration of the patients per bin, as of several test folds together.

    Parameters
    ----------
    counts : array-like, shape (B,)
        Patients in each bin, the censored spread over several: the sum of `DCalibration.counts` of the folds.
    events : int
        How many of them have the event.

    Returns
    -------
    DCalibration
        See :func:`d_calibration`.

    Examples
    --------
    >>> from metrics import d_calibration, d_calibration_of_counts
    >>> one, other = d_calibration([0.1, 0.3], [1, 1], bins=2), d_calibration([0.8, 0.8], [1, 0], bins=2)
    >>> round(d_calibration_of_counts(one.counts + other.counts, 3).value, 4)
    0.3906
    """
    found = finite_vector(counts, "counts")
    bins, patients = found.size, float(found.sum())
    expected = patients / bins
    statistic = float(((found - expected) ** 2).sum() / expected)
    shares = found / patients
    return DCalibration(
        value=statistic,
        p_value=float(chdtrc(bins - 1, statistic)),
        largest_deviation=float(np.abs(shares - 1.0 / bins).max()),
        shares=shares,
        counts=found,
        events=events,
        can_reject=_can_reject(events, patients, bins),
    )


def _can_reject(events: int, patients: float, bins: int) -> bool:
    """Return whether curves that are wrong could be told from calibrated ones at the level of 5 %.

    With fewer than 5 events a bin the statistic has another distribution. Where events are rare, the censored, who are
    nearly even whatever is predicted, hide them: with all E events in one bin, the n - E others even, the statistic is
    (B - 1) E**2 / n. Doubled hazards give about as much.
    """
    largest = (bins - 1) * events**2 / patients
    return events >= EVENTS_A_BIN * bins and largest > float(chdtri(bins - 1, LEVEL))


@compiled
def _count(lower: FloatArray, upper: FloatArray, event: BoolArray, edges: FloatArray) -> FloatArray:
    """Count patients per bin: events where they lie or over their step, the censored over all below. O(n bins)."""
    bins = edges.size - 1
    counts, density_above = np.zeros(bins), np.zeros(bins + 1)
    for i in range(lower.size):
        p = lower[i]
        own = min(int(p * bins), bins - 1)
        # The product may have been rounded across an edge.
        if p < edges[own]:
            own -= 1
        elif own < bins - 1 and p >= edges[own + 1]:
            own += 1
        if event[i] and upper[i] > p:
            width = upper[i] - p
            for b in range(own, bins):
                if edges[b] >= upper[i]:
                    break
                counts[b] += (min(edges[b + 1], upper[i]) - max(edges[b], p)) / width
        elif event[i] or p == 0.0:
            counts[own] += 1.0
        else:
            counts[own] += (p - edges[own]) / p
            density_above[own] += 1.0 / p
    # A bin gets its width times the densities of all patients whose own bin lies above it.
    for b in range(bins - 2, -1, -1):
        density_above[b] += density_above[b + 1]
        counts[b] += density_above[b + 1] * (edges[b + 1] - edges[b])
    return counts
