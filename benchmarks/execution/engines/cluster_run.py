"""The cells of one run on the workers of a cluster: who has which, what came back, what was lost and goes elsewhere."""

import queue
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import UsageError
from benchmarks.execution.cell_files import LOG
from benchmarks.execution.engine import Epoch, Notice, Result, Started
from benchmarks.execution.engines.cluster_worker import Order, Reply, run_order
from benchmarks.execution.engines.gpus import ANY_GPU
from benchmarks.execution.engines.guard import KEPT
from benchmarks.execution.engines.local import UnwantedError
from benchmarks.execution.environment import environment
from benchmarks.plain_text import one_line
from benchmarks.storage.predictions import PREDICTIONS, TEXTS
from benchmarks.tuning.trials import STUDY_FILES
from benchmarks.types import Cell, Record

# How many results are fetched at the same time. A fetched one is in memory until it is stored.
FETCHES = 4

# Seconds between two looks at which workers there are, and how long to wait for something to happen.
LOOK = 1.0
INTERVAL = 0.2

# How long others may take to come where all workers that are there have refused.
PATIENCE = 5.0

# The resource that workers declare: how many GPUs they have.
GPU = "GPU"

_FILES = frozenset({PREDICTIONS, TEXTS, LOG, *STUDY_FILES})
_LONGEST_CAUSE = 300


@dataclass(frozen=True, slots=True)
class _Assigned:
    cell: Cell
    worker: str
    future: Any


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What a future gave: a reply, or the error in its place."""

    key: str
    reply: Reply | None = None
    error: BaseException | None = None


class ClusterRun:
    """Hands cells to workers, each by name, and knows at any time who has which.

    Parameters
    ----------
    client : distributed.Client
        Connected to the scheduler.
    order : callable
        Makes the order of a cell.
    jobs : int or None
        The most cells at the same time.
    retries : int
        How often a cell is run again whose worker was lost.
    wait_seconds : float
        How long to go on without any worker that takes cells.
    cells_per_gpu : int
        Cells that share a GPU.
    work_folder : callable
        Gives an empty folder for the cell of a key, removed at the end of a ``with`` block.
    may_start : callable or None
        Is asked with the key of a cell before it is handed out; a cell that may not start has no result.
    """

    def __init__(
        self,
        client: Any,
        order: Callable[[Cell], Order],
        work_folder: Callable[[str], AbstractContextManager[Path]],
        *,
        jobs: int | None,
        retries: int,
        wait_seconds: float,
        cells_per_gpu: int,
        may_start: Callable[[str], bool] | None = None,
    ) -> None:
        self._client = client
        self._order = order
        self._work_folder = work_folder
        self._jobs = jobs
        self._retries = retries
        self._wait_seconds = wait_seconds
        self._cells_per_gpu = cells_per_gpu
        self._may_start = may_start
        self._on_gpu = False
        self._waiting: deque[Cell] = deque()
        # By the key of their futures: all that are under way, those that a worker has in hand, is done with, sends.
        self._assigned: dict[str, _Assigned] = {}
        self._computing: set[str] = set()
        self._computed: deque[str] = deque()
        self._fetching: set[str] = set()
        self._workers: dict[str, int] = {}  # cells that each takes at once, by address
        self._looked = float("-inf")
        self._idle_since = time.monotonic()
        self._refusals: dict[str, str] = {}
        self._losses: Counter[str] = Counter()
        self._happened: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._pool = ThreadPoolExecutor(FETCHES, thread_name_prefix="fetch")

    def events(self, cells: Sequence[Cell]) -> Generator[Started | Epoch | Notice | Result]:
        """Yield what happens until there is a result of every cell: at least one, all of one device.

        Raises
        ------
        UsageError
            If the scheduler is lost, or no worker takes cells.
        """
        self._waiting.extend(cells)
        self._on_gpu = cells[0].device == ANY_GPU
        try:
            while self._waiting or self._assigned:
                yield from self._look()
                yield from self._hand_out()
                self._fetch()
                yield from self._arrived()
        finally:
            self._stop()

    def _stop(self) -> None:
        """Have the workers stop what they are computing."""
        if self._assigned and self._client.status == "running":
            self._client.cancel([assigned.future for assigned in self._assigned.values()], force=True)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _look(self) -> Iterator[Notice | Result]:
        """Look which workers there are now and then, and give the cells of lost ones to others."""
        self._require_scheduler()
        if time.monotonic() - self._looked < LOOK:
            return
        found = self._found_workers()
        self._looked = time.monotonic()
        self._workers = {worker: self._room(known) for worker, known in found.items()}
        for key in [key for key, assigned in self._assigned.items() if assigned.worker not in found]:
            yield from self._lost(key)
        if any(room and worker not in self._refusals for worker, room in self._workers.items()):
            self._idle_since = time.monotonic()
        elif not self._assigned:
            self._refuse_to_wait()

    def _require_scheduler(self) -> None:
        if self._client.status != "running":
            raise UsageError(
                "the scheduler is gone; finished cells are kept, the same command goes on with the rest once it is back"
            )

    def _found_workers(self) -> Mapping[str, Mapping[str, Any]]:
        try:
            known: Mapping[str, Mapping[str, Any]] = self._client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, TimeoutError, ValueError, AttributeError):  # a client that loses it has no scheduler any more
            self._client.status = "lost"
            self._require_scheduler()
            raise
        return known

    def _room(self, known: Mapping[str, Any]) -> int:
        """Return how many cells a worker takes at once."""
        threads = int(known["nthreads"])
        if not self._on_gpu:
            return threads
        return min(threads, int(known.get("resources", {}).get(GPU, 0) * self._cells_per_gpu))

    def _refuse_to_wait(self) -> None:
        """Give up where nobody takes cells: soon if all that are there have refused, else after a time."""
        waited = time.monotonic() - self._idle_since
        if self._workers and all(worker in self._refusals for worker in self._workers):
            if waited < PATIENCE:
                return
            told = dict.fromkeys(self._refusals[worker] for worker in self._workers)
            raise UsageError(f"no worker computes the cells as planned: {'; '.join(list(told)[:3])}")
        if self._workers and self._on_gpu:
            raise UsageError(
                f"--device {ANY_GPU}: no worker offers a GPU; start those that have one with --resources {GPU}=1"
            )
        if waited > self._wait_seconds:
            raise UsageError(
                f"no worker came within {self._wait_seconds:g} s; finished cells are kept, the same command goes on "
                "with the rest"
            )

    def _hand_out(self) -> Iterator[Started]:
        """Fill the workers, the emptiest first; results that wait to be fetched hold it back."""
        busy = Counter(self._assigned[key].worker for key in self._computing)
        free = {
            worker: room - busy[worker]
            for worker, room in self._workers.items()
            if worker not in self._refusals and room > busy[worker]
        }
        most = sum(self._workers.values())
        while self._waiting and free and len(self._computed) <= most:
            if self._jobs is not None and len(self._computing) >= self._jobs:
                return
            cell = self._waiting.popleft()
            if self._may_start is not None and not self._may_start(cell.key):
                continue
            worker = max(free, key=free.__getitem__)
            free[worker] -= 1
            if not free[worker]:
                del free[worker]
            self._submit(cell, worker)
            yield Started(cell)

    def _submit(self, cell: Cell, worker: str) -> None:
        future = self._client.submit(
            run_order,
            self._order(cell),
            key=f"cell-{cell.key}-{uuid.uuid4().hex[:8]}",
            workers=[worker],
            allow_other_workers=False,
            resources={GPU: 1 / self._cells_per_gpu} if self._on_gpu else None,
            pure=False,
            retries=0,
        )
        self._assigned[future.key] = _Assigned(cell, worker, future)
        self._computing.add(future.key)
        future.add_done_callback(lambda done: self._happened.put(done.key))

    def _fetch(self) -> None:
        while self._computed and len(self._fetching) < FETCHES:
            key = self._computed.popleft()
            if key in self._assigned:
                self._fetching.add(key)
                self._pool.submit(self._fetch_one, key, self._assigned[key].future)

    def _fetch_one(self, key: str, future: Any) -> None:
        try:
            self._happened.put(_Fetched(key, reply=future.result()))
        except BaseException as error:  # told to whoever hands out cells
            self._happened.put(_Fetched(key, error=error))

    def _arrived(self) -> Iterator[Notice | Result]:
        """Wait for something to happen, and deal with it; what comes of a lost worker is none of it."""
        try:
            happened = self._happened.get(timeout=INTERVAL)
        except queue.Empty:
            return
        if isinstance(happened, str):
            if happened in self._computing:
                self._computing.discard(happened)
                self._computed.append(happened)
            return
        self._fetching.discard(happened.key)
        if happened.key not in self._assigned:
            return
        if happened.error is not None:
            yield from self._failed(happened.key, happened.error)
            return
        assigned = self._assigned.pop(happened.key)
        assigned.future.release()
        if happened.reply.refused:
            yield from self._refused(assigned, happened.reply.refused)
            return
        yield from self._unpacked(assigned, happened.reply)

    def _failed(self, key: str, error: BaseException) -> Iterator[Notice | Result]:
        """Deal with an order that gave an error in place of a reply: its worker is lost, or cannot take any."""
        from distributed.scheduler import KilledWorker

        self._require_scheduler()
        if isinstance(error, KilledWorker | CancelledError | UnwantedError | OSError):
            yield from self._lost(key)
            return
        cause = one_line(f"{type(error).__name__}: {error}", _LONGEST_CAUSE)
        yield from self._refused(self._assigned.pop(key), f"{cause}; is the suite installed there as it is here?")

    def _refused(self, assigned: _Assigned, reason: str) -> Iterator[Notice]:
        """Give a cell to another worker, and no other cell to this one."""
        self._waiting.appendleft(assigned.cell)
        if assigned.worker not in self._refusals:
            self._refusals[assigned.worker] = f"worker {assigned.worker} on {reason}"
            yield Notice(f"worker {assigned.worker} is left out: {reason}")

    def _lost(self, key: str) -> Iterator[Notice | Result]:
        """Run the cell of a lost worker elsewhere, or record that it was lost too often."""
        assigned = self._assigned.pop(key)
        self._computing.discard(key)
        assigned.future.cancel()
        cell = assigned.cell
        self._losses[cell.key] += 1
        losses = self._losses[cell.key]
        if losses <= self._retries:
            self._waiting.appendleft(cell)
            yield Notice(
                f"worker {assigned.worker} was lost; {cell.label} runs again, retry {losses} of {self._retries}"
            )
            return
        cause = f"its worker was lost, {losses} time{'s' if losses > 1 else ''}; the last one was {assigned.worker}"
        record = Record(cell, "failed", cause=cause, seconds={"total": 0.0}, environment=environment())
        with self._work_folder(cell.key) as folder:
            yield Result(record, folder)

    def _unpacked(self, assigned: _Assigned, reply: Reply) -> Generator[Result]:
        """Write the files of a reply into a folder, and yield them as the result of the cell."""
        cell, record = assigned.cell, reply.record
        if record is None or record.cell.key != cell.key or not set(reply.files) <= _FILES:
            raise UsageError(f"worker {assigned.worker} sent something else than the result of {cell.label}")
        with self._work_folder(cell.key) as folder:
            kept = folder / KEPT
            kept.mkdir()
            for name, content in reply.files.items():
                (kept / name).write_bytes(content)
            yield Result(record, kept)
