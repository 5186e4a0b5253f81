"""Repeated stratified k-fold splits with an inner validation part."""

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import BoolArray, Cell, Cohort, FloatArray, IntArray, Outcome, Split, derived_seed
from benchmarks.types.cohort import IN_NO_PART

# One part in five of what is not test: enough events for early stopping, not too many lost for training.
VALIDATION_PARTS = 5

# A plan holds every fold of every repeat: a slip such as ten million would fill the memory before anything runs.
MOST_REPEATS = 1000


def repeats_for(n_events: int) -> int:
    """Return how many repeats ``--repeats auto`` takes: 10 / 5 / 1 at < 500 / < 2,500 / more events."""
    if n_events < 500:
        return 10
    return 5 if n_events < 2500 else 1


def test_to_train(folds: int) -> float:
    """Return n_test / n_train of a split: 1 / k over the share that is neither test nor validation.

    Of a single split (trained on one group, tested on another) nothing can be said: infinity.
    """
    if folds == 1:
        return float("inf")
    return VALIDATION_PARTS / ((VALIDATION_PARTS - 1) * (folds - 1))


def make_splits(outcome: Outcome, sha256: str, *, folds: int, repeats: int, seed: int) -> list[Split]:
    """Return ``folds * repeats`` splits, a function of the data's checksum, folds, repeats and seed.

    Repeat r does not depend on how many repeats there are, so asking for more repeats keeps the first ones.

    Parameters
    ----------
    outcome : Outcome
        Times and events to stratify on, n patients.
    sha256 : str
        Checksum of the cohort's content.
    folds, repeats : int
        k >= 2 folds, at most one per event; 1 to 1,000 repeats.
    seed : int
        Seed of the split.

    Raises
    ------
    UsageError
        If there are fewer than 2 folds, or repeats than 1 or more than 1,000, or a part of a split would have no
        event.
    """
    if folds < 2:
        raise UsageError(f"--folds {folds}: at least 2 folds are needed, one to test on and one to train on")
    if repeats < 1:
        raise UsageError(f"--repeats {repeats}: at least 1 repeat is needed")
    if repeats > MOST_REPEATS:
        raise UsageError(f"--repeats {repeats}: at most {MOST_REPEATS} repeats are drawn")
    if folds > outcome.n_events:
        raise UsageError(f"--folds {folds}: more folds than events ({outcome.n_events}); use fewer folds")
    return [split for repeat in range(repeats) for split in _splits_of_repeat(outcome, sha256, folds, repeat, seed)]


def _splits_of_repeat(outcome: Outcome, sha256: str, folds: int, repeat: int, seed: int) -> list[Split]:
    splits = []
    fold_of = stratified_parts(outcome.time, outcome.event, folds, derived_seed(seed, "split", sha256, folds, repeat))
    for fold in range(folds):
        rest = np.flatnonzero(fold_of != fold)
        part_of = stratified_parts(
            outcome.time[rest],
            outcome.event[rest],
            VALIDATION_PARTS,
            derived_seed(seed, "validation", sha256, folds, repeat, fold),
        )
        split = Split(
            train=rest[part_of != 0],
            validation=rest[part_of == 0],
            test=np.flatnonzero(fold_of == fold),
            repeat=repeat,
            fold=fold,
        )
        _require_events(outcome, split)
        splits.append(split)
    return splits


def published_splits(cohort: Cohort, sha256: str, *, seed: int) -> list[Split]:
    """Return the splits of a published cross-validation: its validation fold is the test part.

    Patients in no published fold are in no part, those marked as ``ALWAYS_TRAINING`` are never tested on. The inner
    validation part is cut from the rest as in ``make_splits``.

    Parameters
    ----------
    cohort : Cohort
        With ``published_fold``.
    sha256 : str
        Checksum of the cohort's content.
    seed : int
        Seed of the inner validation parts.

    Raises
    ------
    UsageError
        If no folds are published for the cohort, or a part of a split would have no event.
    """
    if cohort.published_fold is None:
        raise UsageError("--split published: no folds are published for this dataset")
    outcome, fold_of = cohort.outcome, cohort.published_fold
    splits = []
    for fold in np.unique(fold_of[fold_of >= 0]).tolist():
        rest = np.flatnonzero((fold_of != IN_NO_PART) & (fold_of != fold))
        part_of = stratified_parts(
            outcome.time[rest], outcome.event[rest], VALIDATION_PARTS, derived_seed(seed, "validation", sha256, fold)
        )
        split = Split(rest[part_of != 0], rest[part_of == 0], np.flatnonzero(fold_of == fold), repeat=0, fold=fold)
        _require_events(outcome, split)
        splits.append(split)
    return splits


def split_of(cell: Cell, cohort: Cohort) -> Split:
    """Return the cell's split, and prove by its checksum that it is the planned one."""
    if cell.split == "published":
        splits = published_splits(cohort, cell.data_sha256, seed=cell.seed)
    else:
        splits = _splits_of_repeat(cohort.outcome, cell.data_sha256, cell.folds, cell.repeat, cell.seed)
    split = next(s for s in splits if (s.repeat, s.fold) == (cell.repeat, cell.fold))
    if split.sha256 != cell.split_sha256:
        raise ValueError("the split differs from the planned one: its checksum differs")
    return split


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


def _require_events(outcome: Outcome, split: Split) -> None:
    for part in ("train", "validation", "test"):
        if not outcome.event[getattr(split, part)].any():
            raise UsageError(
                f"the {part} part of repeat {split.repeat}, fold {split.fold} has no event; use fewer folds"
            )
