"""Who was trained on and who was tested in each fold of a dataset, read from its cells."""

import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.passed_on import without_patients
from benchmarks.protocol.measures import Measure
from benchmarks.storage.arrays_file import read_arrays
from benchmarks.storage.predictions import PREDICTIONS
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.types import IntArray, Record, StringArray
from metrics.pooling import Folds

# (repeat, fold)
Place: TypeAlias = tuple[int, int]


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

    @property
    def uneven(self) -> bool:
        """Whether some repeats have more folds than others: a mean over the folds is none of the repeats alike."""
        return len(set(Counter(repeat for repeat, _ in self.places).values())) > 1

    def folds(self, measure: Measure, weights: Sequence[float], events: Sequence[int]) -> Folds:
        """Return the folds with the weights of a measure; the same object for the same weights.

        Parameters
        ----------
        measure : Measure
            With influence of patients.
        weights : sequence of float
            Of the estimate of each fold.
        events : sequence of int
            Up to the horizon, in the test part of each fold.
        """
        of_events = measure.averages_over == "events"
        name = (float(measure.weighs_by_train), float(of_events), *weights)
        if name not in self._folds:
            repeat = np.array([place[0] for place in self.places])
            trained = self.trained if measure.weighs_by_train else None
            counted = np.array(events, dtype=np.float64) if of_events else None
            self._folds[name] = Folds(self.patients, self.tested, np.array(weights), repeat, trained, counted)
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


def designs_of(store: Store, records: Sequence[Record]) -> dict[str, Design]:
    """Return the design of each dataset of some records (``read_design``)."""
    grouped: dict[str, list[Record]] = {}
    for record in records:
        grouped.setdefault(record.cell.dataset, []).append(record)
    return {name: read_design(store, members) for name, members in grouped.items()}


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
            causes[place] = without_patients(str(error))
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
