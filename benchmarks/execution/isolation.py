"""The runner's side of a cell's process: start it, hear from it, say how it ended."""

import json
import multiprocessing
import multiprocessing.forkserver
import multiprocessing.resource_tracker
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.execution.environment import environment
from benchmarks.execution.guard import Limits, guard
from benchmarks.execution.worker import REPORT
from benchmarks.types import Cell, Record

# How long a guard may take to kill what its cell has started before it is killed itself.
STOP_SECONDS = 5.0

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def start_forkserver(threads: int, preload: Iterable[str]) -> None:
    """Start the process that cells are forked from, with libraries loaded and threads limited before they load.

    Parameters
    ----------
    threads : int
        Threads of a cell.
    preload : iterable of str
        Modules to import once, instead of in every cell.
    """
    # One of an earlier run in this process has other libraries and threads. 2026-11-21: no public way to stop it.
    multiprocessing.forkserver._forkserver._stop()  # type: ignore[attr-defined]  # 2026-11-22: no public way
    limits = {name: str(threads) for name in THREAD_VARIABLES} | {"PYTHONHASHSEED": "0"}
    before = {name: os.environ.get(name) for name in limits}
    os.environ.update(limits)
    try:
        multiprocessing.set_forkserver_preload(["benchmarks.execution.guard", *preload])
        multiprocessing.resource_tracker.ensure_running()  # before the mask: its start ends with SIGINT unblocked
        with _interrupt_blocked():
            multiprocessing.forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@dataclass(frozen=True, slots=True)
class EpochReport:
    """A validation score that a running cell reported."""

    epoch: int
    value: float


class IsolatedCell:
    """A cell that runs in a process of its own.

    Parameters
    ----------
    cell : Cell
        What to run.
    folder : Path
        An empty folder for its files.
    limits : Limits
        Time and memory.
    """

    def __init__(self, cell: Cell, folder: Path, limits: Limits) -> None:
        self.cell = cell
        self.folder = folder
        self._worker: int | None = None
        self._verdict: dict[str, Any] | None = None
        context = multiprocessing.get_context("forkserver")
        self.channel, remote = context.Pipe(duplex=False)
        self._process = context.Process(target=guard, args=(cell, folder, limits, remote), name=cell.label)
        self._process.start()
        remote.close()

    @property
    def waitables(self) -> list[Connection | int]:
        """What becomes ready when there is something to hear."""
        return [self.channel, self._process.sentinel]

    def hear(self) -> list[EpochReport]:
        """Read the messages that have come; return the progress among them."""
        reports = []
        with suppress(EOFError, OSError):
            while self.channel.poll():
                message = json.loads(self.channel.recv_bytes())
                if "worker" in message:
                    self._worker = message["worker"]
                elif "status" in message:
                    self._verdict = message
                else:
                    reports.append(EpochReport(message["epoch"], message["value"]))
        return reports

    @property
    def ended(self) -> bool:
        """Whether the cell's process is gone."""
        return not self._process.is_alive()

    def record(self) -> Record:
        """Return what became of the ended cell; partial files of a failed one are removed but for its log."""
        self.hear()
        self._close()
        verdict = self._verdict
        if verdict is None:
            self._kill_worker()
            cause = f"the cell's process was killed ({_signal_name(self._process.exitcode)}) from outside"
            verdict = {"status": "failed", "cause": cause, "peak_memory": 0, "total": 0.0}
        report = self._report()
        if verdict["status"] == "exited":
            # No report: the method ended the process itself, with exit code 0.
            verdict |= report or {"status": "failed", "cause": "the process exited before it reported a result"}
        if verdict["status"] != "ok":
            for path in self.folder.glob("*.npz"):
                path.unlink()
        return Record(
            self.cell,
            verdict["status"],
            verdict["cause"],
            {**verdict.get("seconds", {}), "total": verdict["total"]},
            verdict["peak_memory"],
            environment(),
        )

    def stop(self) -> None:
        """Have the cell killed with all it started, whatever it does."""
        self._process.terminate()
        self._process.join(STOP_SECONDS)
        self._process.kill()
        self.hear()
        self._kill_worker()
        self._close()

    def _report(self) -> dict[str, Any] | None:
        path = self.folder / REPORT
        if not path.is_file():
            return None
        report: dict[str, Any] = json.loads(path.read_text())
        path.unlink()
        return report

    def _kill_worker(self) -> None:
        """Kill what a guard that was itself killed could not: the worker leads a process group of its own."""
        if self._worker is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._worker, signal.SIGKILL)

    def _close(self) -> None:
        self._process.join()
        self.channel.close()


@contextmanager
def interrupt_held_back() -> Iterator[None]:
    """Let a ^C wait until the end of the block: one that falls into the start of a cell leaves an unknown process.

    A handler, not a signal mask: a mask holds for one thread, the signal goes to any other, and Python then interrupts
    the main thread in spite of it.
    """
    usual = signal.getsignal(signal.SIGINT)
    # Python interrupts the main thread only; a handler that is not Python's own (None) does not raise.
    if usual is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    came = False

    def remember(*_: object) -> None:
        nonlocal came
        came = True

    signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _interrupt_blocked() -> Iterator[None]:
    """Start processes that never hear the terminal's ^C, nor do theirs: a mask is inherited, a handler is not."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _signal_name(exit_code: int | None) -> str:
    return signal.Signals(-exit_code).name if exit_code is not None and exit_code < 0 else f"exit code {exit_code}"
