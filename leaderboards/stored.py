"""The cells a board is made of, and the refusal to mix what cannot be compared."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.errors import UsageError
from benchmarks.scoring import Scorer
from benchmarks.store import CorruptedCellError, Store
from benchmarks.types import Record


@dataclass(frozen=True, slots=True)
class ScoredCell:
    """A record and its scores, None unless it is ok."""

    record: Record
    scores: dict[str, Any] | None


def scored_cells(store: Store) -> Iterator[ScoredCell]:
    """Yield every cell of a results folder with its scores.

    Raises
    ------
    UsageError
        If a cell is damaged: a board that leaves it out in silence would be another board.
    """
    scorer = Scorer(store)
    for key in store:
        try:
            record = store.read(key)
        except CorruptedCellError as error:
            raise UsageError(f"{error}; run the same command again to recompute the cell") from None
        yield ScoredCell(record, scorer.scores(record) if record.status == "ok" else None)


def by_dataset(cells: Sequence[ScoredCell]) -> dict[str, list[ScoredCell]]:
    """Return the cells of each dataset, refusing to mix data, grids, splits or seeds in one table.

    Raises
    ------
    UsageError
        If two cells of a dataset differ in one of them; it names both keys.
    """
    grouped: dict[str, list[ScoredCell]] = {}
    for cell in cells:
        grouped.setdefault(cell.record.cell.dataset, []).append(cell)
    for dataset, members in sorted(grouped.items()):
        first = members[0].record.cell
        for name, what in _COMPARABLE.items():
            for member in members[1:]:
                other = member.record.cell
                if getattr(other, name) != getattr(first, name):
                    raise UsageError(
                        f"{dataset}: {first.key} and {other.key} differ in {what} ({_short(getattr(first, name))} and "
                        f"{_short(getattr(other, name))}); they cannot stand in one table"
                    )
    return dict(sorted(grouped.items()))


_COMPARABLE = {
    "data_sha256": "the data's checksum",
    "grid_sha256": "the protocol's grid",
    "folds": "the number of folds",
    "seed": "the seed of the splits",
}


def _short(value: object) -> str:
    return str(value)[:12]
