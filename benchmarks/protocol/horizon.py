"""The horizon of convention 5 by rule: how far predictions of a cohort can be evaluated."""

from collections.abc import Iterator

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.protocol.splits import NO_EVENT, VALIDATION_PARTS, stratified_parts
from benchmarks.types import Cohort, IntArray, Outcome, derived_seed
from benchmarks.types.cohort import IN_NO_PART

MINIMUM_CENSORING_SURVIVAL = 0.1

# The rule draws 10 repeats of 5 folds, whatever folds are run: every run on the same outcomes has the same horizon.
FOLDS = 5
REPEATS = 10
RULE = "horizon by rule"


class NoHorizonError(UsageError):
    """The rule gives no horizon; the message says why, and what helps."""


def horizon_by_rule(cohort: Cohort) -> float:
    """Return the largest observed time up to which predictions can be evaluated.

    The largest observed time t at which, in every fold drawn and every published one, the censoring survival of the
    train part G(t-) is at least 0.1 and follow-up of the train and the test part goes beyond t. The train part is as
    large as in a run, without a fifth for validation; whether anybody in that fifth has the event is of no account.
    It depends on times and events alone, not on the order of the patients.

    Parameters
    ----------
    cohort : Cohort
        n patients.

    Raises
    ------
    NoHorizonError
        If nobody has the event, or there is no such time with an event before it.
    """
    outcome = cohort.outcome
    if outcome.n_events == 0:
        raise NoHorizonError(NO_EVENT)
    limit = reach = np.inf
    for train, test in _parts(cohort):
        if not train.size or not test.size:
            raise NoHorizonError(f"{len(outcome)} patients are too few to fix a horizon by rule; {_OWN}")
        limit = min(limit, _end_of_weights(outcome.take(train)))
        reach = min(reach, outcome.time[train].max(), outcome.time[test].max())
    allowed = outcome.time[(outcome.time <= limit) & (outcome.time < reach)]
    if not (allowed.size and outcome.event[outcome.time <= allowed.max()].any()):
        raise NoHorizonError(
            f"too few events ({outcome.n_events}) to fix a horizon by rule: none is before the end of the shortest "
            f"follow-up of a part; {_OWN}"
        )
    return float(allowed.max())


_OWN = "give one of your own: --set DATASET.horizon=TIME, or horizon in the cohort file"


def _end_of_weights(train: Outcome) -> float:
    """Return the last time t at which the censoring survival G(t-) of training patients is at least 0.1."""
    # Imported here: most runs read their horizon off a card.
    from metrics import censoring_distribution

    curve = censoring_distribution(train.time, train.event)
    below = np.flatnonzero(curve.survival < MINIMUM_CENSORING_SURVIVAL)
    # G(t-) >= 0.1 holds up to and including the time at which G falls below it.
    return float(curve.times[below[0]]) if below.size else np.inf


def _parts(cohort: Cohort) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield the rows of the train and test part of each fold of the rule."""
    outcome = cohort.outcome
    for repeat in range(REPEATS):
        seed = derived_seed(0, "split", RULE, FOLDS, repeat)
        fold_of = stratified_parts(outcome.time, outcome.event, FOLDS, seed)
        for fold in range(FOLDS):
            seed = derived_seed(0, "validation", RULE, FOLDS, repeat, fold)
            yield _trained_on(outcome, np.flatnonzero(fold_of != fold), seed), np.flatnonzero(fold_of == fold)
    if cohort.published_fold is not None:
        yield from _published_parts(outcome, cohort.published_fold)


def _published_parts(outcome: Outcome, fold_of: IntArray) -> list[tuple[IntArray, IntArray]]:
    """Return the parts of the published folds; none if they are too small to be run on, so that they hold up nobody."""
    parts = []
    for fold in np.unique(fold_of[fold_of >= 0]).tolist():
        rest, test = np.flatnonzero((fold_of != IN_NO_PART) & (fold_of != fold)), np.flatnonzero(fold_of == fold)
        train = _trained_on(outcome, rest, derived_seed(0, "validation", RULE, fold))
        if not all(outcome.event[rows].any() for rows in (train, np.setdiff1d(rest, train), test)):
            return []
        parts.append((train, test))
    return parts


def _trained_on(outcome: Outcome, rest: IntArray, seed: int) -> IntArray:
    part_of = stratified_parts(outcome.time[rest], outcome.event[rest], VALIDATION_PARTS, seed)
    trained_on: IntArray = rest[part_of != 0]
    return trained_on
