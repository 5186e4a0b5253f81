"""How much of a teacher's text is taught, given what was observed of the training patient it is about.

Published is the hard form: a text is left out where the teacher's probability is on the other side of 50 % than the
outcome. It is unfair to a well calibrated teacher, of whose statements "55 %" 45 in 100 must end so, and what it leaves
over says too little of patients near 50 %. The probabilistic form asks instead how likely the outcome was: by the
teacher, and by the curve of all training patients. With even odds between the two beforehand, the weight is the
probability that the teacher's statement is the one that holds:

    u = L_teacher / (L_teacher + L_all).

"55 %" of a patient who died counts nearly as much as of one who lived; "95 %" of a patient who died counts little; a
teacher who says of everybody what is known of all has the weight 1/2 everywhere, which changes nothing, since the text
loss is a weighted mean. No text is left out wholly.
"""

from typing import Literal, TypeAlias

import numpy as np

from benchmarks.types import BoolArray, FloatArray, Outcome
from metrics import kaplan_meier

Correction: TypeAlias = Literal["off", "any", "last", "majority", "probabilistic"]

HALF = 0.5


def text_weights(
    correction: Correction, probabilities: FloatArray, horizons: FloatArray, outcome: Outcome
) -> FloatArray:
    """Return the weight u of each training patient's text, shape (n,).

    Parameters
    ----------
    correction : {"off", "any", "last", "majority", "probabilistic"}
        No weights; texts are left out if the statement at any horizon of known status, at the last of them, or at more
        than half of them is on the wrong side of 50 %; or weights by likelihood.
    probabilities : array, shape (n, J)
        The teacher's S(horizon); NaN where there is none.
    horizons : array, shape (J,)
        tau.
    outcome : Outcome
        Of the same n training patients.

    Returns
    -------
    array, shape (n,)
        0 for a patient without a statement.
    """
    stated = np.asarray(~np.isnan(probabilities).all(axis=1))
    if correction == "off":
        return stated.astype(np.float64)
    if correction == "probabilistic":
        return np.asarray(np.where(stated, _odds_weights(probabilities, horizons, outcome), 0.0))
    return (stated & ~_left_out(correction, conflicts(probabilities, horizons, outcome))).astype(np.float64)


def known_status(horizons: FloatArray, outcome: Outcome) -> FloatArray:
    """Return 1 where a patient was seen to live beyond a horizon, 0 where the event came up to it, shape (n, J).

    NaN where the patient was censored before or at it.
    """
    beyond = outcome.time[:, None] > horizons
    status: FloatArray = np.where(beyond, 1.0, np.where(outcome.event[:, None], 0.0, np.nan))
    return status


def conflicts(probabilities: FloatArray, horizons: FloatArray, outcome: Outcome) -> FloatArray:
    """Return 1 where (p >= 1/2) is not what was seen, 0 where it is; NaN where one of both is unknown, (n, J)."""
    status = known_status(horizons, outcome)
    wrong = ((probabilities >= HALF) != (status == 1)).astype(np.float64)
    return np.where(np.isnan(status) | np.isnan(probabilities), np.nan, wrong)


def _left_out(correction: Correction, conflict: FloatArray) -> BoolArray:
    known = ~np.isnan(conflict)
    wrong = conflict == 1
    if correction == "any":
        return np.asarray(wrong.any(axis=1))
    if correction == "majority":
        return np.asarray(wrong.sum(axis=1) > known.sum(axis=1) / 2)
    last = np.where(known, np.arange(conflict.shape[1]), -1).max(axis=1)
    return np.asarray((last >= 0) & wrong[np.arange(len(conflict)), last])


def _odds_weights(probabilities: FloatArray, horizons: FloatArray, outcome: Outcome) -> FloatArray:
    of_all = kaplan_meier(outcome.time, outcome.event).at(horizons)
    teacher = outcome_likelihood(probabilities, horizons, outcome)
    # Where the teacher says nothing of a horizon, the curve of all is not asked of it, either.
    curve = np.where(np.isnan(probabilities), np.nan, of_all)
    everyone = outcome_likelihood(curve, horizons, outcome)
    total = teacher + everyone
    weights: FloatArray = np.divide(teacher, total, out=np.full(len(total), HALF), where=total > 0)
    return weights


def outcome_likelihood(probabilities: FloatArray, horizons: FloatArray, outcome: Outcome) -> FloatArray:
    """Return the probability of what was observed of n patients, as far as the stated horizons tell, shape (n,).

    The horizons with a statement divide time into intervals. An event has the mass of its interval, S(before) -
    S(behind), S being 1 at time 0 and 0 after the last horizon; a censored patient has S at the last horizon that was
    survived: 1 if it was none. Each patient counts once, and not at each horizon anew.
    """
    stated = ~np.isnan(probabilities)
    beyond = outcome.time[:, None] > horizons
    before = np.where(stated & beyond, probabilities, 1.0).min(axis=1)
    behind = np.where(stated & ~beyond, probabilities, 0.0).max(axis=1)
    likelihood: FloatArray = np.where(outcome.event, before - behind, before)
    return np.maximum(likelihood, 0.0)
