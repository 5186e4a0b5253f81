"""The seam between the runner and whatever computes cells: cells go in, what happens to them comes out."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.types import Cell, Record


@dataclass(frozen=True, slots=True)
class Limits:
    """What a cell may use.

    Parameters
    ----------
    seconds : float
        Wall time.
    memory : int
        Resident bytes of its whole process tree, without the datasets that all cells of a run share.
    """

    seconds: float
    memory: int


@dataclass(frozen=True, slots=True)
class Started:
    """A cell has been started."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class Epoch:
    """A running cell reported a validation score."""

    cell: Cell
    epoch: int
    value: float


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that whoever waits should know of where cells are computed: a machine is lost, say; one line."""

    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a cell.

    Parameters
    ----------
    record : Record
        How it ended, without the checksums of its files.
    files : Path
        The folder with its files, on this machine; whoever stores them moves them.
    """

    record: Record
    files: Path


class Engine(Protocol):
    """Computes cells, here or elsewhere. It never writes into the results: the runner alone does."""

    def map(self, cells: Sequence[Cell], /) -> Generator[Started | Epoch | Notice | Result]:
        """Yield what happens until there is a result of every cell, in the order in which it happens.

        The folder of a result is there until the generator goes on. Closing the generator stops the cells that are
        running and leaves no process and no file of them.
        """
