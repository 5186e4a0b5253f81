"""What a Dask worker does with a cell: the same as the local engine, and the files come back as bytes."""

import multiprocessing
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psutil

from benchmarks.catalog.code_checksum import code_identity
from benchmarks.catalog.registry import COHORT_FILES, DATA_ROOT
from benchmarks.errors import UsageError
from benchmarks.execution.engine import Limits
from benchmarks.execution.engines.cluster_host import ClusterHost
from benchmarks.execution.engines.forkserver import Preload
from benchmarks.execution.engines.gpus import ANY_GPU, Gpus, visible_gpus
from benchmarks.execution.engines.local import execute
from benchmarks.types import Cell, Record

# Of the memory that Dask gives a worker for each of its threads.
SHARE_OF_MEMORY = 0.8


@dataclass(frozen=True, slots=True)
class Order:
    """What a worker is asked to do.

    Parameters
    ----------
    cell : Cell
        To compute.
    run : str
        Names the run: what is held for its cells is dropped at the first cell of another one.
    preload : Preload
        What all cells of the run need.
    variables : mapping of str to str
        Of the planning machine: its cohort files, and its data root, which a worker's own goes before.
    suite_sha256 : str
        Checksum of the code of the suite that is planned and stored with.
    seconds : float
        Time limit.
    memory : int or None
        Memory limit in bytes; None takes the share of the worker's memory that is one thread's.
    cells_per_gpu : int
        Cells that share a GPU.
    """

    cell: Cell
    run: str
    preload: Preload
    variables: Mapping[str, str]
    suite_sha256: str
    seconds: float
    memory: int | None
    cells_per_gpu: int = 1


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of an order.

    Parameters
    ----------
    refused : str
        Why this worker does not compute the cell; names the machine. Empty if it has.
    record : Record or None
        How the cell ended.
    files : mapping of str to bytes
        Its files by name.
    """

    refused: str = ""
    record: Record | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


@cache
def suite_checksum() -> str:
    """Return the checksum of the suite's code as this process has it, or nearly: it is made once."""
    return code_identity(f"{__name__}:run_order").sha256


def run_order(order: Order) -> Reply:
    """Compute a cell in a process of its own under its limits; runs in a thread of a Dask worker.

    Raises
    ------
    UnwantedError
        If the order was cancelled meanwhile, its driver is gone, or the worker is closing.
    """
    from distributed import get_worker

    worker = get_worker()
    try:
        return _run(order, worker, _wanted_by(worker))
    except UsageError as error:
        return _refused(str(error))


_HOST = ClusterHost()
_GPUS: dict[int, Gpus] = {}


def _run(order: Order, worker: Any, wanted: Callable[[], bool]) -> Reply:
    if multiprocessing.current_process().daemon:
        return _refused(
            "it may not start processes: set distributed.worker.daemon to false, by the variable "
            "DASK_DISTRIBUTED__WORKER__DAEMON=False, where workers are started"
        )
    if suite_checksum() != order.suite_sha256:
        return _refused("the suite's own code differs from the planning machine's; update it, and restart the worker")
    cell = order.cell
    own = {name: value for name, value in order.variables.items() if name == COHORT_FILES or name not in os.environ}
    with _HOST.serving(order.run, order.preload, own):
        if reason := _HOST.refusal(cell):
            return _refused(reason)
        limits = Limits(order.seconds, order.memory or _memory_of_a_cell(worker))
        work = Path(tempfile.mkdtemp(prefix="cell-", dir=worker.local_directory))
        folder = work / cell.key
        folder.mkdir()
        try:
            with ExitStack() as stack:
                gpu = stack.enter_context(_gpus(order.cells_per_gpu).taken()) if cell.device == ANY_GPU else {}
                result = execute(cell, folder, limits, variables=gpu, wanted=wanted)
            return Reply(record=result.record, files=_contents(result.files))
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.is_dir() else {}


def _wanted_by(worker: Any) -> Callable[[], bool]:
    """Return what tells whether the scheduler still wants the task of this thread.

    A running task is not stopped by Dask: one that was cancelled, by hand or because its client is gone, only changes
    its state.
    """
    key = worker.get_current_task()

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing" and worker.status.name in ("running", "paused")

    return wanted


def _memory_of_a_cell(worker: Any) -> int:
    limit = worker.memory_manager.memory_limit or psutil.virtual_memory().total
    return int(SHARE_OF_MEMORY * limit / worker.state.nthreads)


def _gpus(cells_per_gpu: int) -> Gpus:
    if cells_per_gpu not in _GPUS:
        _GPUS[cells_per_gpu] = Gpus(visible_gpus(), cells_per_gpu)
    return _GPUS[cells_per_gpu]


def _refused(reason: str) -> Reply:
    return Reply(refused=f"{socket.gethostname()}: {reason}")


def planned_variables() -> dict[str, str]:
    """Return the variables of this machine that tell workers where cohort files and patient data are."""
    return {name: os.environ[name] for name in (COHORT_FILES, DATA_ROOT) if name in os.environ}
