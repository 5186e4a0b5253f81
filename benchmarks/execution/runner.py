"""Run the cells of a plan side by side, and keep every result as soon as there is one."""

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import wait

from benchmarks.execution.environment import environment
from benchmarks.execution.guard import Limits
from benchmarks.execution.isolation import IsolatedCell, interrupt_held_back, start_forkserver
from benchmarks.execution.plan import Plan
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.types import Cell, Record


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
class Corrupted:
    """The stored files of a cell cannot be trusted; it is computed again."""

    cell: Cell
    problem: str


@dataclass(frozen=True, slots=True)
class Finished:
    """There is a record of a cell; ``stored`` if it was there before this run."""

    record: Record
    stored: bool


Event = Started | Epoch | Corrupted | Finished


def run(
    plan: Plan, store: Store, *, jobs: int, limits: Limits, force: bool = False, retry_failed: bool = False
) -> Generator[Event]:
    """Yield what happens until there is a record of every cell of the plan, stored ones first.

    Closing it stops the cells that are running; whoever may be interrupted closes it, with ``contextlib.closing``.

    Parameters
    ----------
    plan : Plan
        The cells.
    store : Store
        Where records are kept; a cell whose key is there is not run again.
    jobs : int
        How many cells run side by side.
    limits : Limits
        Time and memory of a cell.
    force : bool
        Run stored cells again.
    retry_failed : bool
        Run stored cells again that neither succeeded nor were skipped.
    """
    waiting: list[Cell] = []
    for planned in plan.cells:
        cell = planned.cell
        if planned.skipped:
            yield Finished(store.write(Record(cell, "skipped", planned.skipped, environment=environment())), False)
            continue
        if not force and store.has(cell.key):
            try:
                record = store.read(cell.key)
            except CorruptedCellError as error:
                yield Corrupted(cell, str(error))
            else:
                if not (retry_failed and record.status not in ("ok", "skipped")):
                    yield Finished(record, True)
                    continue
        waiting.append(cell)
    if waiting:
        yield from _run_side_by_side(waiting, plan, store, jobs, limits)


def _run_side_by_side(waiting: list[Cell], plan: Plan, store: Store, jobs: int, limits: Limits) -> Generator[Event]:
    start_forkserver(waiting[0].threads, plan.preload)
    running: dict[str, tuple[IsolatedCell, ExitStack]] = {}
    queue = iter(waiting)
    try:
        while True:
            while len(running) < jobs and (cell := next(queue, None)) is not None:
                with interrupt_held_back():
                    stack = ExitStack()
                    folder = stack.enter_context(store.work_folder(cell.key))
                    running[cell.key] = IsolatedCell(cell, folder, limits), stack
                yield Started(cell)
            if not running:
                return
            wait([waitable for isolated, _ in running.values() for waitable in isolated.waitables])
            for key, (isolated, stack) in list(running.items()):
                for report in isolated.hear():
                    yield Epoch(isolated.cell, report.epoch, report.value)
                if isolated.ended:
                    with interrupt_held_back():
                        del running[key]
                        with stack:
                            record = store.write(isolated.record(), isolated.folder)
                    yield Finished(record, False)
    finally:
        # Reached with cells still running if the consumer stops: an interrupt, or an error while showing progress.
        with interrupt_held_back():
            for isolated, stack in running.values():
                isolated.stop()
                stack.close()
