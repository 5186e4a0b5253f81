"""Ridge-penalised Cox regression whose penalty is chosen by cross-validation within the training patients."""

import numpy as np

from benchmarks.types import FloatArray, IntArray, Outcome
from methods.shared.heads.efron import EfronLikelihood
from methods.shared.heads.ridge_cox import RidgeCox

FOLDS = 5
# From coefficients that are all but 0 to those of the plain Cox model, two a decade.
PENALTIES: tuple[float, ...] = tuple(float(10 ** (power / 2)) for power in range(8, -3, -1))


class TooFewEventsError(ValueError):
    """The training patients have too few events to choose a penalty on."""


def chosen_penalty(features: FloatArray, outcome: Outcome, seed: int) -> float:
    """Return that of ``PENALTIES`` with the highest cross-validated partial log likelihood, the largest of equal ones.

    With b_-k fitted without inner fold k and l Efron's log partial likelihood, it is the sum over the folds of l(b_-k)
    of all patients less l(b_-k) of those outside of the fold (Verweij and van Houwelingen, Stat Med 12:2305-2314,
    1993): what the left-out patients add, also where a fold has a single event.

    Parameters
    ----------
    features : array, shape (n, p)
        Standardised.
    outcome : Outcome
        Of the same n patients.
    seed : int
        Of the inner folds: ``FOLDS`` of them, or as many as there are events.

    Raises
    ------
    TooFewEventsError
        If there are fewer than two events.
    DidNotConvergeError
        If a Cox model of an inner fold has no optimum.
    """
    if outcome.n_events < 2:
        raise TooFewEventsError(
            f"no penalty can be chosen on {outcome.n_events} event of the training part: fix it, --set penalty=20"
        )
    fold = _inner_folds(outcome, seed)
    whole = EfronLikelihood(features, outcome)
    scores = np.zeros(len(PENALTIES))
    for number in range(fold.max() + 1):
        kept = np.flatnonzero(fold != number)
        rest = outcome.take(kept)
        without = EfronLikelihood(features[kept], rest)
        coefficients = None
        for place, penalty in enumerate(PENALTIES):
            # Each fit starts where that of the penalty before ended.
            coefficients = RidgeCox(penalty).fit(features[kept], rest, coefficients).coefficients
            scores[place] += without.value(coefficients) - whole.value(coefficients)
    return PENALTIES[int(np.argmax(scores))]


def _inner_folds(outcome: Outcome, seed: int) -> IntArray:
    """Return the inner fold of n patients, shape (n,): events and the others are dealt out evenly."""
    drawn = np.random.default_rng(seed).random(len(outcome))
    fold = np.empty(len(outcome), dtype=np.int64)
    fold[np.lexsort((drawn, outcome.event))] = np.arange(len(outcome)) % min(FOLDS, outcome.n_events)
    return fold
