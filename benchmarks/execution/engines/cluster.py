"""Cells on a Dask cluster that is there already: this machine plans and stores, the workers compute."""

import logging
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import UsageError
from benchmarks.execution.engine import Epoch, Notice, Result, Started
from benchmarks.execution.engines.cluster_run import ClusterRun
from benchmarks.execution.engines.cluster_worker import Order, planned_variables, suite_checksum
from benchmarks.execution.engines.forkserver import Preload
from benchmarks.plain_text import one_line
from benchmarks.types import Cell

CONNECT_SECONDS = 15
_LONGEST_CAUSE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class DaskEngine:
    """Runs cells on the workers of a Dask scheduler, each on every worker's threads as ``LocalEngine`` would.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``; empty to read it from a file.
    scheduler_file : Path or None
        The file that ``dask scheduler --scheduler-file`` has written.
    jobs : int or None
        The most cells at the same time; None is as many as the workers have threads.
    seconds : float
        Time limit of a cell.
    memory : int or None
        Memory limit of a cell in bytes; None is 80 % of its thread's share of the worker's memory.
    work_folder : callable
        Gives an empty folder for the cell of a key, removed at the end of a ``with`` block.
    retries : int
        How often a cell is run again whose worker was lost.
    wait_seconds : float
        How long to go on without any worker that takes cells.
    cells_per_gpu : int
        Cells that share a GPU.
    may_start : callable, optional
        Is asked with the key of a cell before it is handed out; a cell that may not start has no result.
    """

    address: str = ""
    scheduler_file: Path | None = None
    jobs: int | None
    seconds: float
    memory: int | None
    work_folder: Callable[[str], AbstractContextManager[Path]]
    retries: int
    wait_seconds: float
    cells_per_gpu: int = 1
    may_start: Callable[[str], bool] | None = None

    def map(self, cells: Sequence[Cell], /) -> Generator[Started | Epoch | Notice | Result]:
        """Yield what happens until there is a result of every cell; see ``Engine``.

        Raises
        ------
        UsageError
            If the scheduler cannot be reached or is lost, or no worker takes cells.
        """
        if not cells:
            return
        name = uuid.uuid4().hex[:8]
        preload, variables, suite = Preload.of(cells), planned_variables(), suite_checksum()

        def order(cell: Cell) -> Order:
            return Order(cell, name, preload, variables, suite, self.seconds, self.memory, self.cells_per_gpu)

        with self._connected() as client:
            run = ClusterRun(
                client,
                order,
                self.work_folder,
                jobs=self.jobs,
                retries=self.retries,
                wait_seconds=self.wait_seconds,
                cells_per_gpu=self.cells_per_gpu,
                may_start=self.may_start,
            )
            yield from run.events(cells)

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        try:
            from distributed import Client
        except ImportError:
            raise UsageError(
                "--scheduler needs distributed: pip install 'multimodal-survival-benchmarks[cluster]'"
            ) from None
        # What they have to say of a lost connection is said by this engine, in one line.
        for name in ("distributed", "distributed.client", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        where = str(self.scheduler_file) if self.scheduler_file else self.address
        if self.scheduler_file and not self.scheduler_file.is_file():
            raise UsageError(f"--scheduler-file {where}: there is no such file; `dask scheduler` writes it")
        asked = {"scheduler_file": where} if self.scheduler_file else {"address": where}
        connect: Any = Client
        try:
            client = connect(**asked, timeout=CONNECT_SECONDS, set_as_default=False, name="survival-benchmarks")
        except (OSError, ValueError, KeyError, TypeError) as error:
            cause = one_line(str(error) or type(error).__name__, _LONGEST_CAUSE)
            raise UsageError(f"no scheduler answers at {where}: {cause}") from None
        try:
            yield client
        finally:
            client.close(timeout=CONNECT_SECONDS)
