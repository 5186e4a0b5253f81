"""Calibration at a horizon by groups of predicted risk, against the Kaplan-Meier estimate of each group."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from metrics.calling import on_outcome
from metrics.checks import FloatArray, IntArray, survival_curves
from metrics.curves import steps_at
from metrics.errors import UndefinedError
from metrics.estimates import NORMAL_QUANTILE_975
from metrics.outcome import PreparedOutcome
from metrics.product_limit import kaplan_meier
from metrics.results import GroupedCalibration, OneCalibration

#: Fewer events than this make the chi-squared distribution of a group's term a poor one (Demler et al. 2015).
EVENTS_PER_GROUP = 5


@on_outcome
def km_calibration(
    outcome: PreparedOutcome, times: ArrayLike, survival: ArrayLike, *, at: float | None = None, bins: int = 10
) -> GroupedCalibration:
    r"""Predicted against observed probability of the event by a horizon, in groups of predicted risk.

    Patients are split by predicted risk into groups of equal size; those with the same prediction stay
    together. In each, the mean of :math:`1 - S_i(t)` stands beside 1 - the Kaplan-Meier estimate at t.
    Neighbouring groups are merged while the estimate of one is not known at t (convention 12).

    Parameters
    ----------
    time, event : array-like, shape (n,)
        Observed times, greater than 0, and event indicators, bool or 0/1; or one `PreparedOutcome` in their
        place.
    times : array-like, shape (T,)
        Strictly increasing grid of the curves, in the unit of `time`.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.
    at : float, optional
        The horizon. Default: the outcome's tau.
    bins : int
        Number of groups to form.

    Returns
    -------
    GroupedCalibration
        Limits are Kalbfleisch and Prentice's, by Greenwood's variance of log(-log S).

    Raises
    ------
    UndefinedError
        If nobody is followed to the horizon.
    ValueError
        If an input is not valid.

    References
    ----------
    Royston and Altman (2013), External validation of a Cox prognostic model, BMC Medical Research Methodology
    13.

    Examples
    --------
    The lower half has a predicted probability of 0.2 and nobody has the event by 2; the upper half 0.8, and one
    of two has it: the distances are 0.2 and 0.3.

    >>> from metrics import km_calibration
    >>> survival = [[0.2], [0.8], [0.2], [0.8]]
    >>> result = km_calibration([1, 3, 4, 5], [1, 1, 1, 1], [2], survival, at=2, bins=2)
    >>> result.predicted.round(4).tolist(), result.observed.round(4).tolist(), round(result.value, 4)
    ([0.2, 0.8], [0.0, 0.5], 0.25)
    """
    horizon = outcome.horizon(at)
    predicted = _predicted(outcome, times, survival, horizon)
    groups = _merged(_split(predicted, bins), lambda group: _is_known(outcome, group, horizon))
    return _compare(outcome, predicted, groups, horizon)


@on_outcome
def one_calibration(
    outcome: PreparedOutcome, times: ArrayLike, survival: ArrayLike, *, at: float | None = None, bins: int = 10
) -> OneCalibration:
    r"""Greenwood-Nam-D'Agostino test of calibration at one time.

    .. math:: \chi^2 = \sum_g \frac{(\hat F_g(t) - \bar p_g)^2}{\widehat{\mathrm{var}}\, \hat F_g(t)}

    over the groups of :func:`km_calibration`, with 1 - Kaplan-Meier :math:`\hat F_g` and Greenwood's
    variance. Neighbouring groups are merged until each has 5 events by t. The predictions are fixed, not
    fitted to these patients, so each group has a degree of freedom.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        Observed times, greater than 0, and event indicators, bool or 0/1; or one `PreparedOutcome` in their
        place.
    times : array-like, shape (T,)
        Strictly increasing grid of the curves, in the unit of `time`.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.
    at : float, optional
        The horizon. Default: the outcome's tau.
    bins : int
        Number of groups to form.

    Returns
    -------
    OneCalibration

    Raises
    ------
    UndefinedError
        If there are fewer than 5 events by the horizon, nobody is followed to it, or all of a group have had their
        event by then.
    ValueError
        If an input is not valid.

    References
    ----------
    Demler, Paynter and Cook (2015), Tests of calibration and goodness-of-fit in the survival setting,
    Statistics in Medicine 34, eq. 5.

    Examples
    --------
    Five of ten patients have the event by 5. Without censoring Greenwood's variance is that of a share,
    0.5 * 0.5 / 10 = 0.025, and (0.5 - 0.4)**2 / 0.025 = 0.4.

    >>> from metrics import one_calibration
    >>> result = one_calibration(range(1, 11), [1] * 10, [5], [[0.6]] * 10, at=5)
    >>> round(result.value, 4), result.degrees_of_freedom, round(result.p_value, 4)
    (0.4, 1, 0.5271)
    """
    horizon = outcome.horizon(at)
    predicted = _predicted(outcome, times, survival, horizon)
    happened = int(np.count_nonzero(outcome.event & (outcome.time <= horizon)))
    if happened < EVENTS_PER_GROUP:
        raise UndefinedError(f"{happened} events by the horizon {horizon}, the test needs {EVENTS_PER_GROUP} per group")
    members = _merged(_split(predicted, bins), lambda group: _is_testable(outcome, group, horizon))
    groups = _compare(outcome, predicted, members, horizon)
    if (groups.variance == 0).any():
        raise UndefinedError("everybody has had the event by the horizon: the observed probability has no variance")
    statistic = float(((groups.observed - groups.predicted) ** 2 / groups.variance).sum())
    return OneCalibration(
        value=statistic,
        p_value=float(chdtrc(groups.size.size, statistic)),
        degrees_of_freedom=groups.size.size,
        groups=groups,
    )


def _predicted(outcome: PreparedOutcome, times: ArrayLike, survival: ArrayLike, horizon: float) -> FloatArray:
    grid, curves = survival_curves(times, survival, len(outcome))
    return 1.0 - steps_at(grid, curves, np.array([horizon]))[:, 0]


def _compare(
    outcome: PreparedOutcome, predicted: FloatArray, groups: list[IntArray], horizon: float
) -> GroupedCalibration:
    observed, variance = (np.array(c) for c in zip(*(_greenwood(outcome, g, horizon) for g in groups), strict=True))
    expected = np.array([predicted[g].mean() for g in groups])
    size = np.array([g.size for g in groups], dtype=np.int64)
    lower, upper = _log_log_limits(observed, variance)
    return GroupedCalibration(
        value=float(size @ np.abs(observed - expected) / size.sum()),
        at=horizon,
        predicted=expected,
        observed=observed,
        variance=variance,
        lower=lower,
        upper=upper,
        size=size,
        events=np.array([_events(outcome, g, horizon) for g in groups], dtype=np.int64),
    )


def _split(predicted: FloatArray, bins: int) -> list[IntArray]:
    """Split patients by predicted risk into groups of nearly equal size, equal predictions together."""
    if bins < 1:
        raise ValueError(f"bins is {bins}, at least 1 is needed")
    ascending = np.sort(predicted)
    below = np.searchsorted(ascending, predicted, side="left")
    upto = np.searchsorted(ascending, predicted, side="right")
    group = (bins * (below + upto)) // (2 * predicted.size)
    return [np.flatnonzero(group == g) for g in np.unique(group)]


def _merged(groups: list[IntArray], is_enough: Callable[[IntArray], bool]) -> list[IntArray]:
    """Merge neighbours, from the highest risk down, until there is enough in each."""
    merged: list[IntArray] = []
    pending = np.empty(0, dtype=np.int64)
    for group in reversed(groups):
        pending = np.concatenate((pending, group))
        if is_enough(pending):
            merged.append(np.sort(pending))
            pending = np.empty(0, dtype=np.int64)
    if pending.size:
        rest = merged.pop() if merged else np.empty(0, dtype=np.int64)
        merged.append(np.sort(np.concatenate((rest, pending))))
    return merged[::-1]


def _is_known(outcome: PreparedOutcome, group: IntArray, horizon: float) -> bool:
    return kaplan_meier(outcome.time[group], outcome.event[group]).is_known(horizon)


def _is_testable(outcome: PreparedOutcome, group: IntArray, horizon: float) -> bool:
    """Whether the group has its events and a variance."""
    enough = _events(outcome, group, horizon) >= EVENTS_PER_GROUP and _is_known(outcome, group, horizon)
    return enough and _greenwood(outcome, group, horizon)[1] > 0


def _events(outcome: PreparedOutcome, group: IntArray, horizon: float) -> int:
    return int(np.count_nonzero(outcome.event[group] & (outcome.time[group] <= horizon)))


def _greenwood(outcome: PreparedOutcome, group: IntArray, horizon: float) -> tuple[float, float]:
    """Return 1 - Kaplan-Meier at the horizon and its Greenwood variance."""
    estimate = kaplan_meier(outcome.time[group], outcome.event[group])
    reached = estimate.times <= horizon
    at_risk, events = estimate.at_risk[reached], estimate.events[reached]
    survivors = at_risk - events
    terms = np.divide(events, at_risk * survivors, out=np.zeros(events.size), where=survivors > 0)
    survival = float(estimate.at(horizon))
    return 1.0 - survival, survival**2 * float(terms.sum())


def _log_log_limits(observed: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return 95 % limits of 1 - S; the estimate itself where it is 0 or 1 and the transformation has no value."""
    inside = (observed > 0) & (observed < 1)
    survival = np.where(inside, 1.0 - observed, 0.5)
    spread = np.sqrt(variance) / np.abs(survival * np.log(survival))
    lower = 1.0 - survival ** np.exp(-NORMAL_QUANTILE_975 * spread)
    upper = 1.0 - survival ** np.exp(NORMAL_QUANTILE_975 * spread)
    return np.where(inside, lower, observed), np.where(inside, upper, observed)
