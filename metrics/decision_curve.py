"""Usefulness of a prediction for a decision: net benefit at a horizon."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.calling import on_outcome
from metrics.checks import BoolArray, FloatArray, finite_vector, survival_curves
from metrics.curves import steps_at
from metrics.errors import UndefinedError
from metrics.estimates import Influence
from metrics.outcome import PreparedOutcome
from metrics.product_limit import KaplanMeier, kaplan_meier
from metrics.results import NetBenefit


@on_outcome
def net_benefit(
    outcome: PreparedOutcome,
    times: ArrayLike,
    survival: ArrayLike,
    *,
    thresholds: ArrayLike,
    at: float | None = None,
) -> NetBenefit:
    r"""Net benefit of treating the patients whose predicted probability of the event reaches a threshold.

    .. math:: NB(q) = \pi_q \left(F_q(t) - (1 - F_q(t)) \frac{q}{1-q}\right)

    with the share :math:`\pi_q` of patients with :math:`1 - S_i(t) \ge q` and 1 - the Kaplan-Meier estimate
    :math:`F_q(t)` among them.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        Observed times, greater than 0, and event indicators, bool or 0/1; or one `PreparedOutcome` in their
        place.
    times : array-like, shape (T,)
        Strictly increasing grid of the curves, in the unit of `time`.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.
    thresholds : float or array-like, shape (k,)
        Probabilities strictly between 0 and 1.
    at : float, optional
        The horizon. Default: the outcome's tau.

    Returns
    -------
    NetBenefit
        Where nobody reaches a threshold the net benefit is 0, that of treating nobody.

    Raises
    ------
    UndefinedError
        If those treated are not followed to the horizon.
    ValueError
        If a threshold is not between 0 and 1, or an input is not valid.

    References
    ----------
    Vickers, Cronin, Elkin and Gonen (2008), Extensions to decision curve analysis, BMC Medical Informatics
    and Decision Making 8.

    Examples
    --------
    Three of four reach the threshold of 0.2, two of these three have the event by 2:
    3/4 * (2/3 - 1/3 * 0.2/0.8).

    >>> from metrics import net_benefit
    >>> survival = [[0.4], [0.7], [0.7], [0.9]]
    >>> result = net_benefit([1, 2, 3, 4], [1, 1, 1, 1], [2], survival, thresholds=0.2, at=2)
    >>> result.value.round(4).tolist(), result.treat_all.round(4).tolist(), result.treated.tolist()
    ([0.4375], [0.375], [3])
    """
    grid, curves = survival_curves(times, survival, len(outcome))
    horizon = outcome.horizon(at)
    limits = finite_vector(np.atleast_1d(np.asarray(thresholds)), "thresholds")
    if limits.size == 0 or limits.min() <= 0 or limits.max() >= 1:
        raise ValueError("thresholds must be probabilities strictly between 0 and 1")
    predicted = 1.0 - steps_at(grid, curves, np.array([horizon]))[:, 0]

    everybody = np.ones(len(outcome), dtype=np.bool_)
    scores = [_benefit(outcome, predicted >= q, q, horizon) for q in limits]
    value = np.array([score for score, _ in scores])
    return NetBenefit(
        value=value,
        influence=Influence(np.column_stack([influence for _, influence in scores])),
        thresholds=limits,
        treat_all=np.array([_benefit(outcome, everybody, q, horizon)[0] for q in limits]),
        treated=np.array([np.count_nonzero(predicted >= q) for q in limits], dtype=np.int64),
        at=horizon,
    )


def _benefit(
    outcome: PreparedOutcome, treated: BoolArray, threshold: float, horizon: float
) -> tuple[float, FloatArray]:
    """Net benefit of treating these patients, and the influence of each patient on it."""
    n = len(outcome)
    if not treated.any():
        return 0.0, np.zeros(n)
    time, event = outcome.time[treated], outcome.event[treated]
    estimate = kaplan_meier(time, event)
    if not estimate.is_known(horizon):
        raise UndefinedError(f"nobody at or above the threshold {threshold} is followed to the horizon {horizon}")
    odds = threshold / (1.0 - threshold)
    risk, on_risk = _risk_by(estimate, time, event, horizon)
    gain = risk * (1.0 + odds) - odds
    value = gain * time.size / n
    influence = np.full(n, -value)
    influence[treated] += gain + (1.0 + odds) * on_risk
    return value, influence


def _risk_by(estimate: KaplanMeier, time: FloatArray, event: BoolArray, horizon: float) -> tuple[float, FloatArray]:
    """Return 1 - Kaplan-Meier at the horizon and its infinitesimal jackknife."""
    survival = float(estimate.at(horizon))
    left = estimate.at_risk - estimate.events
    # Once everybody at risk has had the event the estimate is 0, and no patient moves it.
    rate = np.divide(time.size, left, out=np.zeros(left.size), where=(left > 0) & (estimate.times <= horizon))
    compensator = np.concatenate(([0.0], np.cumsum(rate * estimate.events / estimate.at_risk)))
    own = np.searchsorted(estimate.times, time)
    return 1.0 - survival, survival * (np.where(event, rate[own], 0.0) - compensator[own + 1])
