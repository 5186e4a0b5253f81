"""The process around a cell's process: it enforces the limits and leaves nothing behind.

The runner starts a guard for each cell; the guard forks the worker and waits for it to end, for a limit to be passed,
or for the runner to die. Whatever happens, it then kills every process the worker has started. On Linux it adopts the
worker's orphans, so that a process that detached itself is found as well, and the worker dies with its guard.

What the worker says and leaves behind is not trusted, since the method may have said it. The guard checks it when the
worker is gone, and tells the runner what became of the cell.
"""

import ctypes
import json
import multiprocessing
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import psutil

from benchmarks.byte_size import written_size
from benchmarks.execution.cell_files import CellFiles, fresh_folder, keep_study
from benchmarks.execution.engine import Limits
from benchmarks.execution.report import LONGEST_CAUSE, Inbox, Reports
from benchmarks.execution.shared_data import held_size
from benchmarks.execution.stored_cell import check_files
from benchmarks.execution.worker import STUDY, work
from benchmarks.plain_text import one_line
from benchmarks.types import Cell

INTERVAL = 0.1

# In the folder of a cell: the files that are kept of it.
KEPT = "kept"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def guard(
    cell: Cell,
    folder: Path,
    limits: Limits,
    channel: Connection,
    study: Path | None = None,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Run a cell in a child of this process and send the verdict; target of a process of the runner.

    Messages are JSON: ``{"worker": pid}`` first, ``{"epoch": e, "value": v}`` while it trains, and at the end
    ``{"status": ..., "cause": ..., "seconds": ..., "warnings": ..., "excluded": ..., "peak_memory": bytes}``. The files
    of the cell then lie in ``KEPT``. ``variables`` are added to the environment of the cell's process.
    """
    os.setsid()  # the terminal's ^C is the runner's business
    _control(_PR_SET_CHILD_SUBREAPER, 1)
    woken, wake = os.pipe()
    for descriptor in (woken, wake):
        os.set_blocking(descriptor, False)
    # The pipe first: a signal that came between the two would be lost.
    signal.set_wakeup_fd(wake)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)  # seen through the wake-up pipe
    folder = folder.resolve()  # a method may change the working directory
    files = CellFiles.made_in(folder)
    reading, writing = os.pipe()
    start = time.monotonic()
    own = os.getpid()
    worker = os.fork()
    if worker == 0:
        channel.close()
        os.close(reading)
        os.environ.update(variables)
        _become_worker(cell, folder, files, start + limits.seconds, Reports(writing), own, study)
    os.close(writing)
    _send(channel, {"worker": worker})
    inbox = Inbox(reading)
    verdict = _watch(worker, limits, woken, start, inbox, files, channel)
    _kill_descendants(worker)
    if verdict["status"] == "exited":
        inbox.read()
        verdict |= _reported(inbox)
    _send(channel, verdict | _kept(cell, verdict, folder, files))


def _reported(inbox: Inbox) -> dict[str, Any]:
    """Return how a worker that ended by itself says that the cell ended."""
    if inbox.problem:
        cause = one_line(f"what the cell's process reported is damaged: {inbox.problem}", LONGEST_CAUSE)
    elif inbox.report is None:
        # The method ended the process itself, with exit code 0.
        cause = "the process exited before it reported a result"
    else:
        report = inbox.report.model_dump()
        return {**report, "cause": one_line(report["cause"], LONGEST_CAUSE)}
    return {"status": "failed", "cause": cause}


def _kept(cell: Cell, verdict: dict[str, Any], folder: Path, files: CellFiles) -> dict[str, Any]:
    """Put the files that are kept into ``KEPT``; return what this changes in the verdict."""
    try:
        target = fresh_folder(folder / KEPT)
        files.keep_log(target)
        if cell.tuning:
            keep_study(folder / STUDY, target)
        if verdict["status"] != "ok":
            return {}
        files.keep_predictions(target)
        check_files(cell, target, None)
    except Exception as error:  # whatever a method may have written, or done to the folder, it is its cell that fails
        with suppress(OSError):
            files.keep_log(fresh_folder(folder / KEPT))
        cause = f"what the cell left behind cannot be kept: {type(error).__name__}: {error}"
        return {"status": "failed", "cause": one_line(cause, LONGEST_CAUSE)}
    return {}


def _become_worker(
    cell: Cell,
    folder: Path,
    files: CellFiles,
    deadline: float,
    reports: Reports,
    guard_process: int,
    study: Path | None,
) -> NoReturn:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    os.setpgid(0, 0)
    _control(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != guard_process:
        os._exit(1)  # the guard died before the kernel was told to take its worker along
    code = 1
    try:
        reports.end(work(cell, folder, files, deadline, reports.progress, study))
        code = 0
    except OSError:
        os.write(2, b"the report could not be sent: the method closed files that it had not opened\n")
    finally:
        os._exit(code)


def _watch(
    worker: int, limits: Limits, woken: int, start: float, inbox: Inbox, files: CellFiles, channel: Connection
) -> dict[str, Any]:
    """Wait for the end of the worker, a limit, or the death of the runner; return the verdict."""
    runner = multiprocessing.parent_process()
    assert runner is not None
    peak = 0
    while True:
        messages = [inbox.descriptor] if inbox.open else []
        ready, _, _ = select.select([woken, runner.sentinel, *messages], [], [], INTERVAL)
        signals = os.read(woken, 4096) if woken in ready else b""
        if runner.sentinel in ready or signal.SIGTERM in signals:
            _kill_descendants(worker)
            os._exit(1)
        for progress in inbox.read():
            _send(channel, progress.model_dump())
        files.cap_log()
        code = _reap(worker)
        now = time.monotonic()
        if code is not None:
            usage = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            peak = max(peak, usage * (1 if sys.platform == "darwin" else 1024) - held_size())
            return _verdict(*_ending(code), peak, now - start)
        used = tree_memory(worker)
        peak = max(peak, used)
        if used > limits.memory:
            cause = f"memory limit of {written_size(limits.memory)} passed: the process tree held {written_size(used)}"
            return _verdict("out_of_memory", cause, peak, now - start)
        if now - start > limits.seconds:
            return _verdict("timeout", f"time limit of {limits.seconds:g} s passed", peak, now - start)


def _verdict(status: str, cause: str, peak: int, total: float) -> dict[str, Any]:
    timed = {"seconds": {}, "warnings": {}, "excluded": 0}
    return {"status": status, "cause": cause, **timed, "peak_memory": peak, "total": total}


def _ending(code: int) -> tuple[str, str]:
    """Return status and cause of a worker that ended with an exit code (negative: by a signal)."""
    if code == 0:
        return "exited", ""
    if code > 0:
        return "failed", f"the process exited with code {code} before it reported a result"
    name = signal.Signals(-code).name
    if -code == signal.SIGKILL:
        return "failed", f"killed by {name}: by somebody, or by the system for lack of memory"
    return "failed", f"crashed by {name}; the log shows where"


def _reap(worker: int) -> int | None:
    """Collect all dead children, adopted ones too; return the worker's exit code if it is among them."""
    code = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if pid == 0:
            return code
        if pid == worker:
            code = os.waitstatus_to_exitcode(status)


def tree_memory(worker: int) -> int:
    """Return the resident bytes of all descendants of this process, without the datasets that it holds.

    Those are shared by all cells of the run and belong to none. Pages that other processes share are counted in each.
    """
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            resident = process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
        total += max(0, resident - held_size()) if process.pid == worker else resident
    return total


def _kill_descendants(worker: int) -> None:
    """Kill until no descendant is left; a process that forks faster than it is killed is caught by repetition."""
    while True:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(worker, signal.SIGKILL)
        descendants = psutil.Process().children(recursive=True)
        if not descendants:
            return
        for process in descendants:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        _reap(worker)
        time.sleep(0.002)


@contextmanager
def die_with_parent(number: int) -> Iterator[None]:
    """Have the kernel send this process a signal if its parent dies during the block; Linux only."""
    _control(_PR_SET_PDEATHSIG, number)
    try:
        yield
    finally:
        _control(_PR_SET_PDEATHSIG, 0)


def _control(option: int, value: int) -> None:
    """Call Linux's prctl; elsewhere there is none, and process groups must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _send(channel: Connection, message: dict[str, Any]) -> None:
    try:
        channel.send_bytes(json.dumps(message).encode())
    except (BrokenPipeError, OSError):
        # The runner is gone; the guard sees it on its sentinel.
        return
