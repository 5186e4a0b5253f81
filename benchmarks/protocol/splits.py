"""Repeated stratified k-fold splits with an inner validation part.

A split hangs on who the patients are and what became of them, and on nothing else: patients are dealt out in the order
of their identifiers, and the random numbers are seeded by a checksum of identifiers, times and events. So two sets of
covariates of one cohort are compared on the same folds, and so is a file whose rows were sorted anew. Where a cohort
has no identifiers, its row numbers stand for them, and the order of the rows does count.
"""

import hashlib
import json
from dataclasses import dataclass

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.protocol.group_folds import group_folds
from benchmarks.types import BoolArray, Cell, Cohort, FloatArray, IntArray, Outcome, Split, derived_seed
from benchmarks.types.cohort import IN_NO_PART

# One part in five of what is not test: enough events for early stopping, not too many lost for training.
VALIDATION_PARTS = 5

# Kinds of split that any dataset may have; the others are the names of its groupings.
STRATIFIED, PUBLISHED = "stratified", "published"

# A plan holds every fold of every repeat: a slip such as ten million would fill the memory before anything runs.
MOST_REPEATS = 1000

DRAW = "--split stratified draws others"
NO_EVENT = "no patient has the event: check event_values in the cohort file"


class NoEventError(UsageError):
    """A part of a split would have no event; the message says what helps."""


def repeats_for(n_events: int) -> int:
    """Return how many repeats ``--repeats auto`` takes: 10 / 5 / 1 at < 500 / < 2,500 / more events."""
    if n_events < 500:
        return 10
    return 5 if n_events < 2500 else 1


def test_to_train(folds: int, *, merged: bool) -> float:
    """Return n_test / n_train of a split: 1 / k over the share that is neither test nor validation.

    Where the validation part is merged into the training, all that is not test is training. Of a single split (trained
    on one group, tested on another) nothing can be said: infinity.
    """
    if folds == 1:
        return float("inf")
    return 1 / (folds - 1) if merged else VALIDATION_PARTS / ((VALIDATION_PARTS - 1) * (folds - 1))


def make_splits(cohort: Cohort, *, folds: int, repeats: int, seed: int) -> list[Split]:
    """Return ``folds * repeats`` splits, a function of patients with their outcome, folds, repeats and seed.

    Repeat r does not depend on how many repeats there are, so asking for more repeats keeps the first ones.

    Parameters
    ----------
    cohort : Cohort
        n patients; their times and events are stratified on.
    folds, repeats : int
        k >= 2 folds, at most one per event; 1 to 1,000 repeats.
    seed : int
        Seed of the split.

    Raises
    ------
    UsageError
        If there are fewer than 2 folds, or repeats than 1 or more than 1,000.
    NoEventError
        If a part of a split would have no event.
    """
    if folds < 2:
        raise UsageError(f"--folds {folds}: at least 2 folds are needed, one to test on and one to train on")
    if repeats < 1:
        raise UsageError(f"--repeats {repeats}: at least 1 repeat is needed")
    if repeats > MOST_REPEATS:
        raise UsageError(f"--repeats {repeats}: at most {MOST_REPEATS} repeats are drawn")
    if folds > cohort.outcome.n_events:
        n_events = cohort.outcome.n_events
        raise NoEventError(f"--folds {folds}: more folds than events ({n_events}); {what_helps(n_events, folds)}")
    queue = _Queue.of(cohort)
    return [split for repeat in range(repeats) for split in _splits_of_repeat(queue, folds, repeat, seed)]


@dataclass(frozen=True, slots=True, eq=False)
class _Queue:
    """A cohort's patients in the order of their identifiers, in which they are dealt out.

    Parameters
    ----------
    rows : array of int, shape (n,)
        The row of the cohort in which each stands.
    outcome : Outcome
        Theirs, in this order.
    sha256 : str
        Checksum of identifiers, times and events in this order.
    """

    rows: IntArray
    outcome: Outcome
    sha256: str

    @classmethod
    def of(cls, cohort: Cohort) -> "_Queue":
        rows = np.argsort(cohort.patients.ids)
        outcome = cohort.outcome.take(rows)
        digest = hashlib.sha256(json.dumps(cohort.patients.ids[rows].tolist()).encode())
        digest.update(outcome.time.astype("<f8").tobytes())
        digest.update(outcome.event.tobytes())
        return cls(rows, outcome, digest.hexdigest())

    def split(
        self, rest: IntArray, test: IntArray, repeat: int, fold: int, seed: int, *, advice: str, group: str = ""
    ) -> Split:
        """Return the split that tests on some places of the queue and cuts the validation part from the rest.

        ``advice`` is what helps where a part has no event.
        """
        part_of = stratified_parts(self.outcome.time[rest], self.outcome.event[rest], VALIDATION_PARTS, seed)
        train, validation = rest[part_of != 0], rest[part_of == 0]
        for part, places in (("train", train), ("validation", validation), ("test", test)):
            if not self.outcome.event[places].any():
                raise NoEventError(f"the {part} part of repeat {repeat}, fold {fold} has no event; {advice}")
        return Split(self.rows[train], self.rows[validation], self.rows[test], repeat, fold, group)


def _splits_of_repeat(queue: _Queue, folds: int, repeat: int, seed: int) -> list[Split]:
    time, event = queue.outcome.time, queue.outcome.event
    advice = what_helps(queue.outcome.n_events, folds)
    fold_of = stratified_parts(time, event, folds, derived_seed(seed, "split", queue.sha256, folds, repeat))
    return [
        queue.split(
            np.flatnonzero(fold_of != fold),
            np.flatnonzero(fold_of == fold),
            repeat,
            fold,
            derived_seed(seed, "validation", queue.sha256, folds, repeat, fold),
            advice=advice,
        )
        for fold in range(folds)
    ]


def published_splits(cohort: Cohort, *, seed: int) -> list[Split]:
    """Return the splits of a published cross-validation: its validation fold is the test part.

    Patients in no published fold are in no part, those marked as ``ALWAYS_TRAINING`` are never tested on. The inner
    validation part is cut from the rest as in ``make_splits``.

    Parameters
    ----------
    cohort : Cohort
        With ``published_fold``.
    seed : int
        Seed of the inner validation parts.

    Raises
    ------
    UsageError
        If no folds are published for the cohort.
    NoEventError
        If a part of a split would have no event.
    """
    if cohort.published_fold is None:
        raise UsageError("--split published: no folds are published for this dataset")
    queue = _Queue.of(cohort)
    fold_of = cohort.published_fold[queue.rows]
    return [
        queue.split(
            np.flatnonzero((fold_of != IN_NO_PART) & (fold_of != fold)),
            np.flatnonzero(fold_of == fold),
            0,
            fold,
            derived_seed(seed, "validation", queue.sha256, fold),
            advice=f"the published folds are too small to be run on; {DRAW}",
        )
        for fold in np.unique(fold_of[fold_of >= 0]).tolist()
    ]


def group_splits(cohort: Cohort, kind: str, *, seed: int) -> list[Split]:
    """Return the splits that leave out one group of a grouping at a time; groups of few events are pooled.

    The validation part is cut from the rest as in ``make_splits``, across groups.

    Parameters
    ----------
    cohort : Cohort
        With ``kind`` among its ``groups``.
    kind : str
        Name of the grouping.
    seed : int
        Seed of the inner validation parts; the folds have none.

    Raises
    ------
    UsageError
        If the groups make no two folds, or a part of a split would have no event.
    """
    queue = _Queue.of(cohort)
    found = group_folds(kind, cohort.groups[kind][queue.rows], queue.outcome.event)
    return [
        queue.split(
            np.flatnonzero(found.fold_of != fold),
            np.flatnonzero(found.fold_of == fold),
            0,
            fold,
            derived_seed(seed, "validation", queue.sha256, kind, fold),
            advice=f"too few events are outside of {group} to be split; {DRAW}",
            group=group,
        )
        for fold, group in enumerate(found.names)
    ]


def whole_cohort_parts(cohort: Cohort, *, seed: int) -> tuple[IntArray, IntArray]:
    """Return the rows that a model of all patients is trained on, and those of its validation part, a fifth.

    Parameters
    ----------
    cohort : Cohort
        n patients; their times and events are stratified on.
    seed : int
        Of the validation part.

    Raises
    ------
    NoEventError
        If a part would have no event.
    """
    queue = _Queue.of(cohort)
    part_of = stratified_parts(
        queue.outcome.time,
        queue.outcome.event,
        VALIDATION_PARTS,
        derived_seed(seed, "validation", queue.sha256, "whole cohort"),
    )
    train, validation = np.flatnonzero(part_of != 0), np.flatnonzero(part_of == 0)
    for part, places in (("train", train), ("validation", validation)):
        if not queue.outcome.event[places].any():
            n_events = queue.outcome.n_events
            raise NoEventError(f"the {part} part of all patients has no event; there are {n_events} in all")
    return np.sort(queue.rows[train]), np.sort(queue.rows[validation])


def splits_of(cohort: Cohort, kind: str, *, folds: int, repeats: int, seed: int) -> list[Split]:
    """Return the splits of a kind: "stratified", "published", or the name of one of the cohort's groupings.

    Parameters
    ----------
    cohort : Cohort
        n patients.
    kind : str
        Which splits.
    folds, repeats : int
        Of stratified splits; the others have folds of their own and are not repeated.
    seed : int
        Seed of the split.

    Raises
    ------
    UsageError
        If the cohort has no such splits; it says which there are.
    """
    if kind == STRATIFIED:
        return make_splits(cohort, folds=folds, repeats=repeats, seed=seed)
    if kind == PUBLISHED:
        return published_splits(cohort, seed=seed)
    if kind not in cohort.groups:
        known = [STRATIFIED, *([PUBLISHED] if cohort.published_fold is not None else []), *cohort.groups]
        raise UsageError(f"--split {kind}: there are no such splits of this dataset; it has {', '.join(known)}")
    return group_splits(cohort, kind, seed=seed)


def split_of(cell: Cell, cohort: Cohort) -> Split:
    """Return the cell's split, and prove by its checksum that it is the planned one."""
    if cell.split == STRATIFIED:
        splits = _splits_of_repeat(_Queue.of(cohort), cell.folds, cell.repeat, cell.seed)
    else:
        splits = splits_of(cohort, cell.split, folds=cell.folds, repeats=1, seed=cell.seed)
    split = next(s for s in splits if (s.repeat, s.fold) == (cell.repeat, cell.fold))
    if cell.merged:
        split = split.merge_validation()
    if split.sha256 != cell.split_sha256:
        raise ValueError("the split differs from the planned one: its checksum differs")
    return split


def what_helps(n_events: int, folds: int) -> str:
    """Return what helps a user whose split leaves a part without an event: other folds, or nothing.

    Every part of every split has an event for certain if there are as many events as folds, and as many outside of
    each fold as validation parts are dealt.
    """
    if n_events == 0:
        return NO_EVENT
    certain = [k for k in range(2, n_events + 1) if n_events - -(-n_events // k) >= VALIDATION_PARTS]
    if not certain:
        few = "1 event is too few" if n_events == 1 else f"{n_events} events are too few"
        return f"{few} for any split into train, validation and test: at least {VALIDATION_PARTS + 1} are needed"
    nearest = min(certain, key=lambda k: abs(k - folds))
    return f"with {n_events} events, --folds {nearest} leaves some in every part"


def stratified_parts(time: FloatArray, event: BoolArray, parts: int, seed: int) -> IntArray:
    """Return a part number 0..parts-1 for each patient, balanced in events and in follow-up time.

    Patients are ordered by event and time (ties at random) and dealt out in blocks of ``parts``, each block in a
    random order: numbers of patients and of events differ by at most one between the parts.
    """
    rng = np.random.default_rng(seed)
    n = len(time)
    order = np.lexsort((rng.random(n), time, ~event))
    blocks = rng.permuted(np.tile(np.arange(parts), (-(-n // parts), 1)), axis=1)
    part_of = np.empty(n, dtype=np.int64)
    part_of[order] = blocks.ravel()[:n]
    return part_of
