"""The process that cells are forked from: libraries imported, threads limited, the datasets of the run read once."""

import json
import multiprocessing
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import os
import signal
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from benchmarks.catalog.registry import dataset_card
from benchmarks.errors import UsageError
from benchmarks.execution.interrupts import interrupt_blocked
from benchmarks.execution.shared_data import requests_of
from benchmarks.types import Cell

# 2026-11-22: there is no public way to stop it, or to learn its number.
_SERVER: Any = multiprocessing.forkserver._forkserver

# Names the datasets for `held_datasets`, as JSON.
HELD_DATASETS = "BENCHMARKS_HELD_DATASETS"

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)

# A thread that waits for others sleeps. By default it spins, and on a busy machine takes the core from the very thread
# that it waits for. Sums do not depend on it.
WAITING_VARIABLES = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "0",  # GNU OpenMP: turns before it sleeps
    "KMP_BLOCKTIME": "0",  # OpenMP of Intel and LLVM, and MKL: milliseconds before it sleeps
    "OPENBLAS_THREAD_TIMEOUT": "4",  # binary logarithm of the turns; 4 is the least
}


@dataclass(frozen=True, slots=True)
class Preload:
    """What the process that cells are forked from has before it forks the first one.

    Parameters
    ----------
    threads : int
        Of a cell; set before the libraries are loaded.
    modules : tuple of str
        To import.
    datasets : str
        Requests of the datasets to hold, as JSON.
    """

    threads: int
    modules: tuple[str, ...]
    datasets: str

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> "Preload":
        """Return what some cells need: at least one, all of one number of threads."""
        requests = [asdict(request) for request in requests_of(cells)]
        return cls(cells[0].threads, tuple(_modules(cells)), json.dumps(requests))


@contextmanager
def cells_forkserver(cells: Sequence[Cell]) -> Iterator[None]:
    """Have processes of multiprocessing's context ``forkserver`` forked from one that is prepared for some cells.

    It has the modules of their methods and datasets imported and holds the datasets. At the end of the block it is
    gone, and the memory of the datasets with it.

    Parameters
    ----------
    cells : sequence of Cell
        At least one; of one number of threads, which is set before the libraries are loaded.

    Raises
    ------
    UsageError
        If the process ends while it reads the datasets.
    """
    with forkserver_with(Preload.of(cells)):
        yield


@contextmanager
def forkserver_with(preload: Preload, variables: Mapping[str, str] = MappingProxyType({})) -> Iterator[None]:
    """Do what ``cells_forkserver`` does, with what may have been asked for on another machine.

    Parameters
    ----------
    preload : Preload
        What cells need.
    variables : mapping of str to str
        Variables of the environment that the process and those forked from it have beside those of this one.
    """
    _SERVER._stop()  # one that was started for other purposes has other libraries, threads and datasets
    variables = {**variables, **{name: str(preload.threads) for name in THREAD_VARIABLES}, **WAITING_VARIABLES}
    variables |= {"PYTHONHASHSEED": "0", HELD_DATASETS: preload.datasets}
    try:
        with _environment(variables):
            multiprocessing.set_forkserver_preload(list(preload.modules))
            multiprocessing.resource_tracker.ensure_running()  # before the mask: its start ends with SIGINT unblocked
            with interrupt_blocked():
                multiprocessing.forkserver.ensure_running()
        _wait_until_ready()
        yield
    finally:
        _SERVER._stop()


@contextmanager
def without_main() -> Iterator[None]:
    """Start processes that do not import the main script: they need nothing of it, and it may be slow to import."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = types.ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _modules(cells: Sequence[Cell]) -> list[str]:
    """Return what to import: the guard, this suite's modules of the cells, and last what reads their datasets."""
    modules = {cell.entry.partition(":")[0] for cell in cells}
    modules |= {dataset_card(request.name).entry.partition(":")[0] for request in requests_of(cells)}
    own = sorted(name for name in modules if name.startswith(("methods.", "benchmarks.")))
    return ["benchmarks.execution.engines.guard", *own, "benchmarks.execution.engines.held_datasets"]


def _wait_until_ready() -> None:
    """Wait for a process that does nothing: it is forked as soon as everything is read."""
    process = multiprocessing.get_context("forkserver").Process(target=os.getpid)
    try:
        with without_main():
            process.start()
    except BaseException as error:
        # It may still be reading, for an interrupt say, and would first read to the end.
        os.kill(_SERVER._forkserver_pid, signal.SIGKILL)
        if isinstance(error, EOFError | OSError):
            raise UsageError(
                "the process that reads the datasets ended before it had read them: killed, or out of memory"
            ) from None
        raise
    process.join()


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
