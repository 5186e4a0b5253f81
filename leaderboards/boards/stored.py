"""The cells a board is made of, and the refusal to mix what cannot be compared."""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from benchmarks.errors import UsageError
from benchmarks.passed_on import without_patients
from benchmarks.scoring.scorer import ScoredCell, Scorer
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.types import Cell, Record


def stored_records(store: Store, warn: Callable[[str], None]) -> list[Record]:
    """Return the record of every cell of a results folder, less its environment, and paths and patients in its texts.

    Parameters
    ----------
    store : Store
        The folder.
    warn : callable
        Is told of each damaged record, which is left out: of a board nobody would see it.
    """
    records = []
    with _collector_off():
        for key in store:
            try:
                records.append(_passed_on(store.read_record(key)))
            except CorruptedCellError as error:
                warn(f"left out: {error}; run computes the cell again")
    return records


def scored(store: Store, records: Iterable[Record]) -> list[ScoredCell]:
    """Return records with their scores, which are computed where they are missing or of another protocol.

    A cell that must be scored and has damaged predictions is a failed one.
    """
    scorer = Scorer(store)
    cells = []
    with _collector_off():
        for record in records:
            try:
                scores, influence = scorer.scores_and_influence(record) if record.status == "ok" else (None, None)
                cells.append(ScoredCell(record, scores, influence))
            except CorruptedCellError as error:
                cause = without_patients(f"cell {record.cell.key}: {error}; run computes it again")
                cells.append(ScoredCell(replace(record, status="failed", cause=cause)))
    return cells


def _passed_on(record: Record) -> Record:
    """Return what a board, its page and exports may tell of a record: they are passed on."""
    # Fifty thousand descriptions of the same machine are of no use to a board, either.
    return replace(
        record,
        environment={},
        cause=without_patients(record.cause),
        warnings={without_patients(warning): count for warning, count in record.warnings.items()},
    )


def by_dataset(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Return the records of each dataset, refusing to mix data, protocols, splits or seeds in one table.

    Raises
    ------
    UsageError
        If cells of a dataset differ in one of them; it says in what, how many, and names a key of each kind.
    """
    grouped: dict[str, list[Record]] = {}
    for record in records:
        grouped.setdefault(record.cell.dataset, []).append(record)
    for dataset, members in grouped.items():
        _refuse_mixtures(dataset, members)
    return dict(sorted(grouped.items()))


# The choices come before the checksums that follow from them, so that the refusal names the cause.
_COMPARABLE = {
    "dataset_options": "the options of the dataset",
    "complete_cases": "the modalities that every patient must have",
    "data_sha256": "the checksum of the data",
    "grid_sha256": "the time grid of the protocol",
    "split": "the kind of split",
    "merged": "whether they were trained on the validation part",
    "folds": "the number of folds",
    "seed": "the seed of the splits",
}


def comparable_with(records: Iterable[Record], others: Sequence[Record]) -> list[Record]:
    """Return the records that can stand in one table with others: of the same data, protocol and folds.

    Parameters
    ----------
    records : iterable of Record
        To choose from.
    others : sequence of Record
        Of one dataset, comparable with each other (``by_dataset``).
    """
    kind = _kind(others[0].cell)
    splits = {(record.cell.repeat, record.cell.fold): record.cell.split_sha256 for record in others}
    return [
        record
        for record in records
        if _kind(record.cell) == kind and splits.get((record.cell.repeat, record.cell.fold)) == record.cell.split_sha256
    ]


def _kind(cell: Cell) -> tuple[str, ...]:
    return (cell.dataset, *(_shown(getattr(cell, name)) for name in _COMPARABLE))


def _refuse_mixtures(dataset: str, records: Sequence[Record]) -> None:
    for name, what in _COMPARABLE.items():
        kinds: dict[str, list[Cell]] = {}
        for record in records:
            kinds.setdefault(_shown(getattr(record.cell, name)), []).append(record.cell)
        if len(kinds) > 1:
            found = "; ".join(
                f"{value} in {len(cells)} cells, such as {cells[0].key} ({cells[0].method})"
                for value, cells in kinds.items()
            )
            raise UsageError(
                f"{dataset}: the cells differ in {what}: {found}; they cannot stand in one table; {_remedy(name)}"
            )
    splits: dict[tuple[int, int], Cell] = {}
    for record in records:
        cell = record.cell
        other = splits.setdefault((cell.repeat, cell.fold), cell)
        if other.split_sha256 != cell.split_sha256:
            raise UsageError(
                f"{dataset}: {other.key} ({other.method}) and {cell.key} ({cell.method}) were tested on other patients "
                f"in repeat {cell.repeat}, fold {cell.fold}; they cannot stand in one table"
            )


# The option that reads one kind of several.
_FILTERS = {
    "seed": "--seed",
    "split": "--split",
    "merged": "--validation",
    "dataset_options": "--set DATASET.key=value",
}


def _remedy(name: str) -> str:
    option = _FILTERS.get(name)
    return f"read one kind with {option}" if option else "keep one kind in a results folder of its own"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return "+".join(value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}={part}" for key, part in sorted(value.items())) or "defaults"
    return str(value)[:12]


@contextmanager
def _collector_off() -> Iterator[None]:
    """Keep the collector of cycles from walking a growing heap of records, which have none: a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
