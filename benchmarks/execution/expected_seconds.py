"""How long cells are expected to take, told from finished ones; the longest are run first."""

from collections.abc import Iterable, Sequence

from benchmarks.storage.score_table import keys_by_kind
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.types import Cell, Record

# Of each kind that the plan's own stored cells do not tell, how many others of the folder are read.
_SAMPLE = 3


class ExpectedSeconds:
    """Mean seconds of the finished cells of a kind: a method on a dataset, whatever its fold, seed or settings."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], tuple[float, int]] = {}

    def add(self, record: Record) -> None:
        """Learn from a cell, if it is finished."""
        if record.status == "ok":
            total, count = self._sums.get(_kind(record.cell), (0.0, 0))
            self._sums[_kind(record.cell)] = total + record.seconds["total"], count + 1

    def add_from(self, store: Store, cells: Iterable[Cell]) -> None:
        """Learn of cells' kinds that are still unknown from a few cells that the file of scores lists."""
        unknown = {_kind(cell) for cell in cells} - self._sums.keys()
        if not unknown:
            return
        for kind, keys in keys_by_kind(store.root).items():
            for key in keys[:_SAMPLE] if kind in unknown else ():
                try:
                    record = store.read_record(key)
                except CorruptedCellError:
                    continue  # whoever asks for this cell is told
                if _kind(record.cell) == kind:
                    self.add(record)

    def of(self, cell: Cell) -> float | None:
        """Return the seconds that a cell is expected to take; None where no cell of its kind is finished."""
        total, count = self._sums.get(_kind(cell), (0.0, 0))
        return total / count if count else None

    def of_kind(self, kind: tuple[str, str], otherwise: float) -> float:
        """Return the seconds of a cell of a (method, dataset), or the number given where nothing is known."""
        total, count = self._sums.get(kind, (0.0, 0))
        return total / count if count else otherwise

    def mean(self) -> float | None:
        """Return the mean over the kinds; None where nothing is known."""
        means = [total / count for total, count in self._sums.values()]
        return sum(means) / len(means) if means else None

    def longest_first(self, cells: Sequence[Cell]) -> list[Cell]:
        """Return cells in the order in which they are run.

        A long one that is started last keeps everybody waiting. So those that are expected to take longest come first,
        and before them those of which nothing is known. What is alike stays in the order of the plan.
        """

        def rank(cell: Cell) -> float:
            seconds = self.of(cell)
            return float("-inf") if seconds is None else -seconds

        return sorted(cells, key=rank)


def _kind(cell: Cell) -> tuple[str, str]:
    return cell.method, cell.dataset
