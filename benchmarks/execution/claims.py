"""Which cells of a plan this run computes, where several runs write into one results folder at once."""

import contextlib
from collections.abc import Iterator, Sequence

from benchmarks.storage.locks import LOCKS, Locks
from benchmarks.storage.store import RECORD, Store
from benchmarks.types import Cell


class Claims:
    """Claims on cells: a cell is computed by the run that holds its lock, and by no other while it lives.

    Parameters
    ----------
    store : Store
        The results folder.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._locks = Locks(store.root / LOCKS)
        self._planned: dict[str, tuple[int, ...]] = {}

    def plan(self, cells: Sequence[Cell]) -> None:
        """Note what is stored of cells, before it is decided whether they are to be computed."""
        self._planned |= {cell.key: self._state(cell.key) for cell in cells}

    def take(self, key: str) -> bool:
        """Claim a cell; False if another run computes it, or has done so since this one was planned."""
        if not self._locks.take(key):
            return False
        if self._state(key) != self._planned.get(key, ()):
            self._locks.give_free(key)
            return False
        return True

    def wait_for(self, key: str) -> bool:
        """Wait until no other run computes a cell; return False if one has, and otherwise claim it."""
        self._locks.wait_for(key)
        if self._state(key) != self._planned.get(key, ()):
            self._locks.give_free(key)
            return False
        return True

    def give_free(self, key: str) -> None:
        """Give a claim up: the cell is stored."""
        self._locks.give_free(key)

    @contextlib.contextmanager
    def all_given_free(self) -> Iterator[None]:
        """Give free whatever is still claimed at the end of the block."""
        try:
            yield
        finally:
            for key in self._planned:
                self._locks.give_free(key)

    def _state(self, key: str) -> tuple[int, ...]:
        """Return what changes when a cell is stored anew."""
        try:
            found = (self._store.folder(key) / RECORD).stat()
        except OSError:
            return ()
        return found.st_ino, found.st_mtime_ns, found.st_size
