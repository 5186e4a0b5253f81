"""Estimates pooled over the test folds, with the influence of each patient: what pairs of entries are tested by."""

import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.protocol.measures import POOLED, Measure
from benchmarks.scoring.influence import FoldEstimate
from benchmarks.storage.arrays_file import read_arrays
from benchmarks.storage.predictions import PREDICTIONS
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.types import IntArray, Record, StringArray
from leaderboards.boards.entries import Entry
from leaderboards.statistics import Folds, PooledEstimate, pool

# (repeat, fold)
Place = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Who was trained on and who was tested in each fold of a dataset.

    Parameters
    ----------
    places : tuple of (repeat, fold)
        The folds, in order.
    patients : int
        How many take part.
    tested, trained : sequence of arrays of int
        Their rows in each fold; rows are numbered by sorted identifier.
    """

    places: tuple[Place, ...]
    patients: int
    tested: Sequence[IntArray]
    trained: Sequence[IntArray]
    _folds: dict[tuple[float, ...], Folds] = field(default_factory=dict)

    def folds(self, measure: Measure, weights: Sequence[float]) -> Folds:
        """Return the folds with the weights of a measure; the same object for the same weights."""
        name = (float(measure.weighs_by_train), *weights)
        if name not in self._folds:
            repeat = np.array([place[0] for place in self.places])
            trained = self.trained if measure.weighs_by_train else None
            self._folds[name] = Folds(self.patients, self.tested, np.array(weights), repeat, trained)
        return self._folds[name]


def read_design(store: Store, records: Sequence[Record]) -> Design:
    """Read who was trained on and tested from one finished cell of each fold; their splits are known to agree.

    Raises
    ------
    UsageError
        If the predictions of all cells of a fold are damaged.
    """
    found: dict[Place, list[str]] = {}
    for record in records:
        if record.status == "ok":
            found.setdefault((record.cell.repeat, record.cell.fold), []).append(record.cell.key)
    places = tuple(sorted(found))
    tested, trained = [], []
    for place in places:
        of_tested, of_trained = _patients(store, found[place])
        tested.append(of_tested)
        trained.append(of_trained)
    if not places:
        return Design((), 0, (), ())
    everybody = np.unique(np.concatenate([*tested, *trained]))
    return Design(
        places,
        len(everybody),
        [np.searchsorted(everybody, ids) for ids in tested],
        [np.searchsorted(everybody, ids) for ids in trained],
    )


def without_damaged_folds(store: Store, records: Sequence[Record], warn: Callable[[str], None]) -> list[Record]:
    """Return the records of a dataset, failed where nothing tells who was tested in their fold.

    Parameters
    ----------
    store : Store
        Where the predictions are.
    records : sequence of Record
        Of one dataset.
    warn : callable
        Is told of each fold of which the predictions of all cells are damaged.
    """
    found: dict[Place, list[str]] = {}
    for record in records:
        if record.status == "ok":
            found.setdefault((record.cell.repeat, record.cell.fold), []).append(record.cell.key)
    causes: dict[Place, str] = {}
    for place, keys in found.items():
        try:
            _patients(store, keys)
        except UsageError as error:
            causes[place] = str(error)
            dataset = records[0].cell.dataset
            warn(f"{dataset}: repeat {place[0]}, fold {place[1]} is left out: {error}")
    return [
        replace(record, status="failed", cause=causes[place])
        if record.status == "ok" and (place := (record.cell.repeat, record.cell.fold)) in causes
        else record
        for record in records
    ]


def _patients(store: Store, keys: Sequence[str]) -> tuple[StringArray, StringArray]:
    """Return who was tested and who was trained on, of the first of some cells whose predictions are whole."""
    first: Exception | None = None
    for key in keys:
        try:
            store.read(key)
            arrays = read_arrays(store.folder(key) / PREDICTIONS)
            return arrays["test.ids"], arrays["train.ids"]
        except (CorruptedCellError, ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            first = first or error
    raise UsageError(f"{first}; run the same command again to recompute the cell")


def pooled_estimates(
    design: Design, entries: Mapping[str, tuple[Entry, str]], measure: Measure
) -> dict[str, PooledEstimate]:
    """Pool one measure over the test folds for every entry that has it in all of them.

    Parameters
    ----------
    design : Design
        Of the dataset.
    entries : mapping
        Name of a row to its entry and variant.
    measure : Measure
        One of ``POOLED``.

    Returns
    -------
    dict
        Estimates over one common ``Folds``, so that they can be compared pair by pair.

    Raises
    ------
    UsageError
        If the measure has no influence of patients.
    """
    if measure not in POOLED:
        known = ", ".join(known.name for known in POOLED)
        raise UsageError(f"--metric {measure.name}: pairs are tested by {known}")
    pooled = {}
    for name, (entry, variant) in entries.items():
        of_folds = _of_folds(design, entry, variant, measure.name)
        if of_folds is None:
            continue
        pooled[name] = pool(
            design.folds(measure, [own.weight for own in of_folds]),
            [own.value for own in of_folds],
            [own.scored for own in of_folds],
            [own.trained for own in of_folds if own.trained is not None] if measure.weighs_by_train else None,
        )
    return pooled


def _of_folds(design: Design, entry: Entry, variant: str, measure: str) -> list[FoldEstimate] | None:
    """Return the estimate of each fold, or None if a fold has none."""
    found = {}
    for cell in entry.cells:
        if cell.influence is not None and (variant, measure) in cell.influence.of:
            found[cell.record.cell.repeat, cell.record.cell.fold] = cell.influence.of[variant, measure]
    return [found[place] for place in design.places] if len(found) == len(design.places) else None
