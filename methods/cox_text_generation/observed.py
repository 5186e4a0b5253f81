"""Supervision without a teacher: what was observed of the training patients, as numbers to write."""

import numpy as np
from sksurv.metrics import concordance_index_censored
from sksurv.nonparametric import kaplan_meier_estimator

from benchmarks.types import FloatArray, Outcome
from methods.shared.curves import steps_at


def event_ranks(outcome: Outcome, digits: int) -> FloatArray:
    """Return where each patient's event stands among all events: 000 (last) to 999 (first).

    With U = S(T), S the Kaplan-Meier curve of these patients, events are uniformly spread over the unit interval and
    early ones are near 1. An event at t is given the middle of the curve's step there; of a patient censored at c
    it is known that U < S(c), the mean of which is S(c) / 2.

    Parameters
    ----------
    outcome : Outcome
        Of n training patients.
    digits : int
        Two (100 steps) or three (1000 steps).

    Returns
    -------
    array, shape (n,)
        Whole numbers.
    """
    knots, curve = kaplan_meier_estimator(outcome.event, outcome.time)
    after = steps_at(knots, curve, outcome.time, before=1.0)
    before = np.concatenate([[1.0], curve])[np.searchsorted(knots, outcome.time, side="left")]
    share = np.where(outcome.event, (before + after) / 2, after / 2)
    steps = 10**digits
    ranks: FloatArray = np.minimum(np.floor(steps * share), steps - 1)
    return ranks


def concordance(outcome: Outcome, risk: FloatArray) -> float:
    """Return Harrell's C of n risks, tied risks counted half."""
    return float(concordance_index_censored(outcome.event, outcome.time, risk)[0])
