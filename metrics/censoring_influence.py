"""How much each patient of the train fold moves a metric through its censoring weights."""

from __future__ import annotations

import numpy as np

from metrics.checks import BoolArray, FloatArray, IntArray
from metrics.compiled import compiled
from metrics.outcome import PreparedOutcome


def influence_of_censoring(
    outcome: PreparedOutcome, before: FloatArray, grid: FloatArray | None = None, at: FloatArray | None = None
) -> FloatArray:
    r"""Influence of each train patient on a number that depends on G.

    The number changes by :math:`\sum_i b_i\, d\log G(T_i-) + \sum_k a_k\, d\log G(t_k)`, and the
    infinitesimal jackknife of the reverse Kaplan-Meier estimate gives, for patient k of m at unit weight,

    .. math:: d\log G(s) = -m \sum_{u \le s} \frac{dc_k(u) - \frac{c_u}{Y_u}\, dY_k(u)}{Y_u - c_u}

    with :math:`c_u` censorings among :math:`Y_u` at risk of censoring at u.

    Parameters
    ----------
    outcome : PreparedOutcome
        Outcome whose train fold the censoring distribution comes from.
    before : ndarray, shape (n,)
        Derivative with respect to log G(T-) of each scored patient.
    grid, at : ndarray, shape (k,), optional
        Times, and the derivative with respect to log G at each.

    Returns
    -------
    ndarray, shape (m,)
        Influence with mean 0. O(n log m + m log m).

    References
    ----------
    Jaeckel (1972), The infinitesimal jackknife, Bell Laboratories memorandum; Uno et al. (2011), appendix.
    """
    censoring = outcome.censoring
    steps = censoring.times.size + 1
    mass = np.zeros(steps)
    if grid is not None and at is not None:
        # A value of G at a time holds the step there; one before a time does not.
        mass += np.bincount(np.searchsorted(censoring.times, grid, side="right"), at, steps)
    return _influence(
        mass,
        outcome.steps_before,
        before,
        censoring.at_risk,
        censoring.events,
        outcome.train_steps,
        outcome.train_event,
    )


@compiled
def _influence(
    mass: FloatArray,
    steps_before: IntArray,
    before: FloatArray,
    at_risk: IntArray,
    censored: IntArray,
    own_step: IntArray,
    event: BoolArray,
) -> FloatArray:
    """Sum the jackknife terms over the steps that each train patient lives to see. O(n + m)."""
    for i in range(before.size):
        mass[steps_before[i]] += before[i]
    # mass[u + 1] becomes the sum of the derivatives with respect to all values of G that hold step u.
    for u in range(mass.size - 2, -1, -1):
        mass[u] += mass[u + 1]
    rate = np.zeros(censored.size)
    compensator = np.zeros(censored.size + 1)
    for u in range(censored.size):
        if at_risk[u] > censored[u]:
            rate[u] = mass[u + 1] / (at_risk[u] - censored[u])
        drift = rate[u] * censored[u] / at_risk[u] if at_risk[u] > 0 else 0.0
        compensator[u + 1] = compensator[u] + drift
    m = own_step.size
    influence = np.empty(m)
    for k in range(m):
        u = own_step[k]
        # A patient with an event at u is no longer at risk of being censored at u (convention 1).
        influence[k] = m * compensator[u] if event[k] else m * (compensator[u + 1] - rate[u])
    return influence
