"""One Dask worker process: what its cells are forked from, and whether it has the code and data that were planned."""

import multiprocessing
import threading
from collections.abc import Hashable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from benchmarks.catalog.code_checksum import code_identity
from benchmarks.execution.engines.forkserver import Preload, forkserver_with, without_main
from benchmarks.execution.engines.isolation import BOOKKEEPING
from benchmarks.execution.resources import check_device
from benchmarks.execution.shared_data import dataset_of, extra_data_of
from benchmarks.plain_text import one_line
from benchmarks.protocol.splits import split_of
from benchmarks.types import Cell
from benchmarks.types.canonical import canonical_json

LONGEST_REFUSAL = 400

# Fields of a cell that are compared with this machine.
_COMPARED = (
    "entry",
    "code_sha256",
    "libraries",
    "dataset",
    "dataset_options",
    "complete_cases",
    "data_sha256",
    "grid_sha256",
    "extra_data",
    "device",
)


@dataclass(slots=True, eq=False)
class ClusterHost:
    """The process that the cells of a worker are forked from: of one run at a time, started anew for another run.

    A new run finds edited code and data, since nothing is kept of the run before it.
    """

    _run: Hashable = None
    _cells: int = 0
    _forkserver: ExitStack = field(default_factory=ExitStack)
    _refusals: dict[bytes, str] = field(default_factory=dict)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def serving(self, run: str, preload: Preload, variables: Mapping[str, str]) -> Iterator[None]:
        """Hold the process of a run for one of its cells; the first cell of another run waits until it is idle.

        Raises
        ------
        UsageError
            If the process ends while it reads the datasets.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._run == run or not self._cells)
            if self._run != run:
                self._run = None
                self._forkserver.close()
                self._refusals.clear()
                self._forkserver.enter_context(forkserver_with(preload, variables))
                self._run = run
            self._cells += 1
        try:
            yield
        finally:
            with self._changed:
                self._cells -= 1
                self._changed.notify_all()

    def refusal(self, cell: Cell) -> str:
        """Return why a cell cannot be computed here as planned, or "": asked once for all cells alike."""
        alike = canonical_json({name: getattr(cell, name) for name in _COMPARED})
        with self._changed:
            if alike not in self._refusals:
                self._refusals[alike] = _asked(cell)
            return self._refusals[alike]


def _asked(cell: Cell) -> str:
    """Ask a process that is forked as those of the cells are: it has the datasets, and the code as it is today."""
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(cell, theirs))
    with BOOKKEEPING, without_main():
        process.start()
    theirs.close()
    try:
        told: str = ours.recv()
    except EOFError:
        told = "the process that compares code and data was killed"
    with BOOKKEEPING:
        process.join()
    ours.close()
    return told


def _tell(cell: Cell, channel: Connection) -> None:
    try:
        told = _difference(cell)
    except Exception as error:  # whatever it is, the cell cannot be computed here as it was planned
        told = one_line(str(error) or type(error).__name__, LONGEST_REFUSAL)
    channel.send(told)


def _difference(cell: Cell) -> str:
    """Return in what this machine differs from the plan, or ""."""
    code = code_identity(cell.entry)
    if code.sha256 != cell.code_sha256:
        return (
            f"the code of {cell.method} differs from the planned one: its checksum is {code.sha256[:8]}, not "
            + (cell.code_sha256[:8])
        )
    for name in sorted({*code.libraries, *cell.libraries}):
        found, planned = code.libraries.get(name, "none"), cell.libraries.get(name, "none")
        if found != planned:
            return f"{name} is of version {found}, planned was {planned}"
    check_device(cell.device)
    cohort = dataset_of(cell).loaded.cohort
    extra_data_of(cell, cohort, split_of(cell, cohort))
    return ""
