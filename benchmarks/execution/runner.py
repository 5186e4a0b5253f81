"""Run the cells of a plan, and keep every result as soon as there is one."""

from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass

from benchmarks.execution.claims import Claims
from benchmarks.execution.engine import Engine, Epoch, Notice, Result, Started
from benchmarks.execution.environment import environment
from benchmarks.execution.expected_seconds import ExpectedSeconds
from benchmarks.execution.interrupts import interrupt_held_back
from benchmarks.execution.plan import Plan
from benchmarks.execution.stored_cell import read_stored_cell
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.types import Cell, Record


@dataclass(frozen=True, slots=True)
class Corrupted:
    """The stored files of a cell cannot be trusted; it is computed again."""

    cell: Cell
    problem: str


@dataclass(frozen=True, slots=True)
class Awaited:
    """Another run computes a cell; this one waits for it."""

    cell: Cell


@dataclass(frozen=True, slots=True)
class Finished:
    """There is a record of a cell; ``stored`` if it was there before this run."""

    record: Record
    stored: bool


Event = Started | Epoch | Notice | Corrupted | Awaited | Finished


def run(
    plan: Plan,
    store: Store,
    engine: Engine,
    *,
    force: bool = False,
    retry_failed: bool = False,
    claims: Claims | None = None,
) -> Generator[Event]:
    """Yield what happens until there is a record of every cell of the plan: stored ones first, then longest ones.

    Closing it stops the cells that are running; whoever may be interrupted closes it, with ``contextlib.closing``.

    Parameters
    ----------
    plan : Plan
        The cells.
    store : Store
        Where records are kept; a cell whose key is there is not run again.
    engine : Engine
        Computes the cells.
    force : bool
        Run stored cells again.
    retry_failed : bool
        Run stored cells again that neither succeeded nor were skipped.
    claims : Claims, optional
        Those that the engine asks (``LocalEngine.may_start``), where other runs may write into the same folder: what
        one of them computes is waited for and not computed here. None: nobody else writes into it.
    """
    if claims is not None:
        claims.plan([planned.cell for planned in plan.cells])
    waiting: list[Cell] = []
    expected = ExpectedSeconds()
    for planned in plan.cells:
        cell = planned.cell
        if planned.skipped:
            yield _skipped(cell, planned.skipped, store)
            continue
        if not force and store.has(cell.key):
            try:
                record = read_stored_cell(store, cell, plan.patients)
            except CorruptedCellError as error:
                yield Corrupted(cell, str(error))
            else:
                expected.add(record)
                if not (retry_failed and record.status not in ("ok", "skipped")):
                    yield Finished(record, True)
                    continue
        waiting.append(cell)
    if force:
        for cell in waiting:
            store.forget_study(cell.key)
    expected.add_from(store, waiting)
    ordered = expected.longest_first(waiting)
    if claims is None:
        yield from _computed(ordered, store, engine, None)
        return
    with claims.all_given_free():
        done: set[str] = set()
        for event in _computed(ordered, store, engine, claims):
            if isinstance(event, Finished):
                done.add(event.record.cell.key)
            yield event
        for cell in ordered:
            if cell.key not in done:
                yield Awaited(cell)
                yield from _awaited(cell, plan, store, engine, claims)


def _computed(cells: Sequence[Cell], store: Store, engine: Engine, claims: Claims | None) -> Generator[Event]:
    """Yield what happens until every cell that may start is stored."""
    with closing(engine.map(cells)) as events:
        for event in events:
            if isinstance(event, Result):
                with interrupt_held_back():
                    record = store.write(event.record, event.files)
                    # One that was stopped or killed goes on with the trials that it has made.
                    if record.status == "ok":
                        store.forget_study(record.cell.key)
                    if claims is not None:
                        claims.give_free(record.cell.key)
                yield Finished(record, False)
            else:
                yield event


def _awaited(cell: Cell, plan: Plan, store: Store, engine: Engine, claims: Claims) -> Generator[Event]:
    """Yield the record of a cell that another run was computing; if that has not stored it, compute it."""
    while True:
        if not claims.wait_for(cell.key):
            try:
                yield Finished(read_stored_cell(store, cell, plan.patients), True)
            except CorruptedCellError as error:
                yield Corrupted(cell, str(error))
                claims.plan([cell])
            else:
                return
        for event in _computed([cell], store, engine, claims):
            yield event
            if isinstance(event, Finished):
                return


def _skipped(cell: Cell, cause: str, store: Store) -> Finished:
    """Record that a cell is skipped, if that is not recorded yet."""
    with suppress(CorruptedCellError):
        if store.has(cell.key):
            record = store.read_record(cell.key)
            if (record.status, record.cause) == ("skipped", cause):
                return Finished(record, True)
    return Finished(store.write(Record(cell, "skipped", cause=cause, environment=environment())), False)
