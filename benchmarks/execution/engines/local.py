"""Cells on this machine, side by side, each in a process of its own."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from types import MappingProxyType

from benchmarks.execution.engine import Epoch, Limits, Result, Started
from benchmarks.execution.engines.forkserver import cells_forkserver
from benchmarks.execution.engines.gpus import Gpus
from benchmarks.execution.engines.isolation import IsolatedCell
from benchmarks.execution.interrupts import interrupt_held_back
from benchmarks.types import Cell

# How often it is asked whether a cell is still wanted.
INTERVAL = 0.2


class UnwantedError(Exception):
    """Nobody waits for the cell any longer: it was stopped."""


def execute(
    cell: Cell,
    folder: Path,
    limits: Limits,
    *,
    variables: Mapping[str, str] = MappingProxyType({}),
    wanted: Callable[[], bool] = lambda: True,
) -> Result:
    """Run one cell in a process of its own, and wait for it; whatever the cell does is recorded, not raised.

    Parameters
    ----------
    cell : Cell
        What to run; within ``cells_forkserver`` its process finds libraries and dataset loaded.
    folder : Path
        An empty folder for its files.
    limits : Limits
        Time and memory.
    variables : mapping of str to str
        Variables of the environment that the cell's process is given.
    wanted : callable
        Tells whether somebody still waits for the cell; else it is stopped.

    Raises
    ------
    UnwantedError
        If nobody waits for it any longer.
    """
    isolated = IsolatedCell(cell, folder, limits, variables=variables)
    try:
        while not isolated.ended:
            wait(isolated.waitables, INTERVAL)
            isolated.poll()
            if not wanted():
                raise UnwantedError(cell.key)
        return isolated.result()
    finally:
        if not isolated.ended:
            isolated.stop()


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Runs cells side by side on this machine.

    Parameters
    ----------
    jobs : int
        How many cells run at the same time.
    limits : Limits
        Time and memory of a cell.
    work_folder : callable
        Gives an empty folder for the cell of a key, removed at the end of a ``with`` block.
    study_folder : callable, optional
        Gives the folder in which the study of a tuned cell outlives its process.
    gpus : Gpus, optional
        The GPUs that cells are spread over; at least ``jobs`` cells fit. None leaves the device to the cell.
    may_start : callable, optional
        Is asked with the key of a cell before it is started; a cell that may not start has no result.
    """

    jobs: int
    limits: Limits
    work_folder: Callable[[str], AbstractContextManager[Path]]
    study_folder: Callable[[str], Path] | None = None
    gpus: Gpus | None = None
    may_start: Callable[[str], bool] | None = None

    def map(self, cells: Sequence[Cell], /) -> Generator[Started | Epoch | Result]:
        """Yield what happens until there is a result of every cell; see ``Engine``."""
        if cells:
            with cells_forkserver(cells):
                yield from self._run_side_by_side(cells)

    def _study(self, cell: Cell) -> Path | None:
        return self.study_folder(cell.key) if cell.tuning and self.study_folder is not None else None

    def _run_side_by_side(self, cells: Sequence[Cell]) -> Generator[Started | Epoch | Result]:
        running: dict[str, tuple[IsolatedCell, ExitStack]] = {}
        queue = (cell for cell in cells if self.may_start is None or self.may_start(cell.key))
        try:
            while True:
                while len(running) < self.jobs and (cell := next(queue, None)) is not None:
                    with interrupt_held_back():
                        stack = ExitStack()
                        folder = stack.enter_context(self.work_folder(cell.key))
                        gpu = stack.enter_context(self.gpus.taken()) if self.gpus else {}
                        running[cell.key] = IsolatedCell(cell, folder, self.limits, self._study(cell), gpu), stack
                    yield Started(cell)
                if not running:
                    return
                wait([waitable for isolated, _ in running.values() for waitable in isolated.waitables])
                for key, (isolated, stack) in list(running.items()):
                    yield from isolated.poll()
                    if isolated.ended:
                        yield isolated.result()
                        with interrupt_held_back():
                            del running[key]
                            stack.close()
        finally:
            # Reached with cells still running if the consumer stops: an interrupt, or an error while showing progress.
            with interrupt_held_back():
                for isolated, stack in running.values():
                    isolated.stop()
                    stack.close()
