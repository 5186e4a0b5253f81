"""The Kaplan-Meier estimate and its reverse, the distribution of the censoring times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from metrics.checks import BoolArray, FloatArray, IntArray, event_indicators, observed_times
from metrics.compiled import compiled


@dataclass(frozen=True, slots=True, eq=False)
class KaplanMeier:
    """A product-limit estimate, a right-continuous step function that starts at 1.

    Attributes
    ----------
    times : ndarray, shape (k,)
        Distinct observed times, increasing.
    survival : ndarray, shape (k,)
        Probability of being free of the event after each time.
    at_risk, events : ndarray, shape (k,)
        Number at risk just before, and number of events at, each time.

    Examples
    --------
    >>> from metrics import kaplan_meier
    >>> estimate = kaplan_meier([2, 4, 5, 7], [1, 0, 1, 1])
    >>> float(estimate.before(5)), float(estimate.at(5))
    (0.75, 0.375)
    >>> estimate.at_risk.tolist(), estimate.events.tolist()
    ([4, 3, 2, 1], [1, 0, 1, 1])
    """

    times: FloatArray
    survival: FloatArray
    at_risk: IntArray
    events: IntArray

    def at(self, time: ArrayLike) -> FloatArray:
        """Value at `time`, steps included; the last value is held."""
        return self._value(time, "right")

    def before(self, time: ArrayLike) -> FloatArray:
        """Value just before `time` (the left limit)."""
        return self._value(time, "left")

    def is_known(self, time: float) -> bool:
        """Whether the estimate is defined at `time`: somebody is followed to it, or nobody is left."""
        return bool(self.times[-1] >= time or self.survival[-1] == 0)

    def _value(self, time: ArrayLike, side: Literal["left", "right"]) -> FloatArray:
        steps = np.concatenate(([1.0], self.survival))
        position = np.searchsorted(self.times, np.asarray(time, dtype=np.float64), side=side)
        return np.asarray(steps[position])


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> KaplanMeier:
    r"""Kaplan-Meier estimate of the survival function.

    .. math:: \hat S(t) = \prod_{u \le t} \left(1 - \frac{d_u}{n_u}\right)

    with :math:`d_u` events among the :math:`n_u` patients with an observed time of at least u. A patient
    censored at u is still at risk at u (convention 1: events come before censorings).

    Parameters
    ----------
    time : array-like, shape (n,)
        Observed times, greater than 0, in any unit.
    event : array-like, shape (n,)
        Event indicator, bool or 0/1.

    Returns
    -------
    KaplanMeier

    Raises
    ------
    ValueError
        If a time is not finite or not positive, an event is not 0/1, or the lengths differ.

    References
    ----------
    Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, JASA 53, eq. 2b.

    Examples
    --------
    >>> from metrics import kaplan_meier
    >>> kaplan_meier([2, 4, 5, 7], [1, 0, 1, 1]).survival.tolist()
    [0.75, 0.75, 0.375, 0.0]
    """
    return product_limit(*_in_order(time, event), of_censoring=False)


def censoring_distribution(time: ArrayLike, event: ArrayLike) -> KaplanMeier:
    r"""Reverse Kaplan-Meier estimate: the probability G of not yet being censored.

    .. math:: \hat G(t) = \prod_{u \le t} \left(1 - \frac{c_u}{n_u - d_u}\right)

    with :math:`c_u` censorings among those of the :math:`n_u` at risk who do not have their event at u:
    events come before censorings (conventions 1 and 4), so that :math:`\hat S(t) \hat G(t) = \#\{T > t\} / n`
    exactly.

    Parameters
    ----------
    time : array-like, shape (n,)
        Observed times, greater than 0, in any unit.
    event : array-like, shape (n,)
        Event indicator, bool or 0/1.

    Returns
    -------
    KaplanMeier
        Its `events` are the censorings, its `at_risk` leaves out the events of the same time.

    Raises
    ------
    ValueError
        If a time is not finite or not positive, an event is not 0/1, or the lengths differ.

    References
    ----------
    Graf et al. (1999), Assessment and comparison of prognostic classification schemes, Statistics in Medicine
    18.

    Examples
    --------
    One of the three at risk at 4 is censored.

    >>> from metrics import censoring_distribution
    >>> censoring_distribution([2, 4, 5, 7], [1, 0, 1, 1]).survival.round(4).tolist()
    [1.0, 0.6667, 0.6667, 0.6667]
    """
    return product_limit(*_in_order(time, event), of_censoring=True)


def _in_order(time: ArrayLike, event: ArrayLike) -> tuple[FloatArray, BoolArray]:
    observed = observed_times(time)
    happened = event_indicators(event, observed.size)
    order = np.argsort(observed)
    return observed[order], happened[order]


def product_limit(ascending: FloatArray, event: BoolArray, *, of_censoring: bool) -> KaplanMeier:
    """Product-limit estimate of the event times, or of the censoring times, from times in order. O(n)."""
    return KaplanMeier(*_steps(ascending, event, of_censoring))


@compiled
def _steps(
    ascending: FloatArray, event: BoolArray, of_censoring: bool
) -> tuple[FloatArray, FloatArray, IntArray, IntArray]:
    """Return the distinct times, the estimate after, the number at risk before and that of steps at each. O(n)."""
    n = ascending.size
    times, survival = np.empty(n), np.empty(n)
    at_risk, happened = np.empty(n, np.int64), np.empty(n, np.int64)
    k, start, current = 0, 0, 1.0
    while start < n:
        end, events = start, 0
        while end < n and ascending[end] == ascending[start]:
            events += event[end]
            end += 1
        risk = n - start - events if of_censoring else n - start
        steps = end - start - events if of_censoring else events
        # After the last event nobody may be left to be censored: the estimate is then unchanged.
        if risk > 0:
            current *= 1.0 - steps / risk
        times[k], survival[k], at_risk[k], happened[k] = ascending[start], current, risk, steps
        k += 1
        start = end
    return times[:k].copy(), survival[:k].copy(), at_risk[:k].copy(), happened[:k].copy()


def starts_of_ties(ascending: FloatArray | IntArray) -> BoolArray:
    """Mark the first of each run of equal values."""
    starts = np.ones(ascending.size, dtype=np.bool_)
    np.not_equal(ascending[1:], ascending[:-1], out=starts[1:])
    return starts
