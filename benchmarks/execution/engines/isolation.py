"""The runner's side of a cell's process: start it, read what it reports, say how it ended."""

import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks.execution.cell_files import fresh_folder, keep_log_of_killed
from benchmarks.execution.engine import Epoch, Limits, Result
from benchmarks.execution.engines.forkserver import without_main
from benchmarks.execution.engines.guard import KEPT, guard
from benchmarks.execution.environment import environment
from benchmarks.types import Cell, Record

# How long a guard may take to kill what its cell has started before it is killed itself.
STOP_SECONDS = 5.0

# What multiprocessing keeps of the processes that it has started is made for one thread.
BOOKKEEPING = threading.Lock()


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
    study : Path, optional
        Where the trials of a tuned cell outlive it.
    variables : mapping of str to str
        Variables of the environment that the cell's process is given.
    """

    def __init__(
        self,
        cell: Cell,
        folder: Path,
        limits: Limits,
        study: Path | None = None,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.cell = cell
        self.folder = folder
        self._worker: int | None = None
        self._verdict: dict[str, Any] | None = None
        context = multiprocessing.get_context("forkserver")
        self.channel, remote = context.Pipe(duplex=False)
        arguments = (cell, folder, limits, remote, study, dict(variables))
        self._process = context.Process(target=guard, args=arguments, name=cell.label)
        with BOOKKEEPING, without_main():
            self._process.start()
        remote.close()

    @property
    def waitables(self) -> list[Connection | int]:
        """What becomes ready when there is something to read."""
        return [self.channel, self._process.sentinel]

    def poll(self) -> list[Epoch]:
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
                    reports.append(Epoch(self.cell, message["epoch"], message["value"]))
        return reports

    @property
    def ended(self) -> bool:
        """Whether the cell's process is gone."""
        with BOOKKEEPING:
            return not self._process.is_alive()

    def result(self) -> Result:
        """Return what became of the ended cell; of a failed one the log and the files of its study are kept."""
        self.poll()
        self._close()
        verdict = self._verdict
        if verdict is None:
            self._kill_worker()
            cause = f"the cell's process was killed ({_signal_name(self._process.exitcode)}) from outside"
            verdict = {"status": "failed", "cause": cause, "peak_memory": 0, "total": 0.0}
            with suppress(OSError):  # the folder may be gone; the record tells what there is to tell
                keep_log_of_killed(self.folder, fresh_folder(self.folder / KEPT))
        self._worker = None  # its number may soon be another process's
        record = Record(
            self.cell,
            verdict["status"],
            cause=verdict["cause"],
            seconds={**verdict.get("seconds", {}), "total": verdict["total"]},
            peak_memory=verdict["peak_memory"],
            environment=environment(),
            warnings=verdict.get("warnings", {}),
            excluded=verdict.get("excluded", 0),
        )
        return Result(record, self.folder / KEPT)

    def stop(self) -> None:
        """Have the cell killed with all it started, whatever it does."""
        self._process.terminate()
        self._process.join(STOP_SECONDS)
        self._process.kill()
        self.poll()
        self._kill_worker()
        self._close()

    def _kill_worker(self) -> None:
        """Kill what a guard that was itself killed could not: the worker leads a process group of its own."""
        if self._worker is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._worker, signal.SIGKILL)

    def _close(self) -> None:
        self._process.join()
        self.channel.close()


def _signal_name(exit_code: int | None) -> str:
    return signal.Signals(-exit_code).name if exit_code is not None and exit_code < 0 else f"exit code {exit_code}"
