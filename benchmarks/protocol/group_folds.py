"""Folds that leave out one group of patients at a time, such as a cancer type or a hospital."""

from dataclasses import dataclass

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import BoolArray, IntArray, StringArray

# A group with fewer events has no test part of its own: a concordance of fewer tells next to nothing.
GROUP_EVENTS = 10
# So many folds at most for all groups with fewer events.
MOST_POOLED = 5
# So many groups are named one by one; of more, the first and how many others.
_NAMED = 4


@dataclass(frozen=True, slots=True, eq=False)
class GroupFolds:
    """In which fold's test part each patient is, shape (n,), and the names of the groups that each fold leaves out."""

    fold_of: IntArray
    names: tuple[str, ...]


def group_folds(kind: str, groups: StringArray, event: BoolArray) -> GroupFolds:
    """Return the folds that leave out one group at a time; no group is ever split.

    A group with ``GROUP_EVENTS`` events or more is a fold. The others are dealt out to as many folds as their events
    suffice for, ``MOST_POOLED`` at most, the group with most events first, each to the fold that has fewest, those
    without events to the fold with fewest patients (after the site-preserving folds of Howard et al. 2021, Nat Commun
    12:4423). If all of them together
    have too few events for one fold, they join the group that has fewest of the large ones.

    The folds hang on groups and events alone, neither on the order of the patients nor on a seed.

    Parameters
    ----------
    kind : str
        Name of the grouping, for errors.
    groups : array of str, shape (n,)
        The group of each patient.
    event : array of bool, shape (n,)
        Who had the event.

    Raises
    ------
    UsageError
        If there are fewer than two folds.
    """
    names, group_of = np.unique(groups, return_inverse=True)
    events = np.bincount(group_of, weights=event, minlength=len(names)).astype(np.int64)
    patients = np.bincount(group_of, minlength=len(names))
    folds = [[place] for place in np.flatnonzero(events >= GROUP_EVENTS).tolist()]
    small = sorted(np.flatnonzero(events < GROUP_EVENTS).tolist(), key=lambda place: (-events[place], place))
    pooled = _pooled(small, events, patients)
    if pooled or not folds:
        folds += pooled
    else:
        min(folds, key=lambda fold: int(events[fold].sum())).extend(small)
    if len(folds) < 2:
        raise UsageError(
            f"--split {kind}: {len(names)} groups with {int(events.sum())} events make no two folds of at least "
            f"{GROUP_EVENTS} events"
        )
    fold_of_group = np.empty(len(names), dtype=np.int64)
    for number, fold in enumerate(folds):
        fold_of_group[fold] = number
    return GroupFolds(fold_of_group[group_of], tuple(_name([str(names[place]) for place in fold]) for fold in folds))


def _pooled(small: list[int], events: IntArray, patients: IntArray) -> list[list[int]]:
    """Deal out small groups to as many folds as have enough events each; none if all together have too few."""
    for count in range(min(MOST_POOLED, int(events[small].sum()) // GROUP_EVENTS), 0, -1):
        folds: list[list[int]] = [[] for _ in range(count)]
        for place in small:
            size = events if events[place] else patients
            min(folds, key=lambda fold: int(size[fold].sum())).append(place)
        if min(events[fold].sum() for fold in folds) >= GROUP_EVENTS:
            return folds
    return []


def _name(groups: list[str]) -> str:
    if len(groups) <= _NAMED:
        return " + ".join(sorted(groups))
    return f"{min(groups)} and {len(groups) - 1} more"
