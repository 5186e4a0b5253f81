"""Who gets which cell, and what becomes of cells that do not come back: without processes, with a client made up."""

import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.errors import UsageError
from benchmarks.execution.engine import Notice, Result, Started
from benchmarks.execution.engines import cluster_run
from benchmarks.execution.engines.cluster_run import ClusterRun
from benchmarks.execution.engines.cluster_worker import Order, Reply
from benchmarks.execution.engines.forkserver import Preload
from benchmarks.execution.plan import Request, make_plan
from benchmarks.storage.store import Store
from benchmarks.types import Cell, Record


@dataclass(eq=False)
class MadeUpFuture:
    key: str
    answer: Any = None
    callbacks: list[Callable[["MadeUpFuture"], None]] = field(default_factory=list)
    released: bool = False
    lock: Any = field(default_factory=threading.Lock)

    def add_done_callback(self, callback: Callable[["MadeUpFuture"], None]) -> None:
        with self.lock:
            self.callbacks.append(callback)
            if self.answer is not None:
                callback(self)

    def end(self, answer: Any) -> None:
        with self.lock:
            self.answer = answer
            for callback in self.callbacks:
                callback(self)

    def result(self) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def release(self) -> None:
        self.released = True

    def cancel(self) -> None:
        self.released = True


@dataclass
class MadeUpClient:
    """Has workers by address, and asks a function what becomes of an order on a worker: None leaves it running."""

    workers: dict[str, dict[str, Any]]
    becomes: Callable[[Order, str], Any]
    status: str = "running"
    submitted: list[tuple[str, dict[str, float] | None]] = field(default_factory=list)
    running: list[MadeUpFuture] = field(default_factory=list)

    def scheduler_info(self, n_workers: int) -> dict[str, Any]:
        assert n_workers == -1, "the scheduler tells of some workers only, unless asked for all"
        return {"workers": self.workers}

    def submit(self, function: Any, order: Order, *, key: str, workers: list[str], **options: Any) -> MadeUpFuture:
        assert options["allow_other_workers"] is False
        (worker,) = workers
        self.submitted.append((worker, options["resources"]))
        future = MadeUpFuture(key)
        answer = self.becomes(order, worker)
        if answer is not None:
            threading.Timer(0.01, future.end, [answer]).start()
        else:
            self.running.append(future)
        return future

    def cancel(self, futures: list[MadeUpFuture], *, force: bool) -> None:
        for future in futures:
            future.released = True


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in {"LOOK": 0.02, "INTERVAL": 0.01, "PATIENCE": 0.05}.items():
        monkeypatch.setattr(cluster_run, name, seconds)


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    return [planned.cell for planned in make_plan(Request(methods="kaplan_meier", datasets="whas500", folds=4)).cells]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "results")


def made(client: MadeUpClient, store: Store, **changes: Any) -> ClusterRun:
    def order(cell: Cell) -> Order:
        return Order(cell, "run", Preload(1, (), "[]"), {}, "0", 60.0, None, settings["cells_per_gpu"])

    settings = {"jobs": None, "retries": 1, "wait_seconds": 0.2, "cells_per_gpu": 1, **changes}
    return ClusterRun(client, order, store.work_folder, **settings)


def computed(order: Order, worker: str) -> Reply:
    return Reply(record=Record(order.cell, "ok", seconds={"total": 1.0}), files={"predictions.npz": b"some bytes"})


def workers(*threads: int, **resources: float) -> dict[str, dict[str, Any]]:
    return {f"tcp://w{n}": {"nthreads": each, "resources": dict(resources)} for n, each in enumerate(threads)}


def test_files_come_back_as_they_were_and_the_folder_is_gone_afterwards(cells: list[Cell], store: Store) -> None:
    client = MadeUpClient(workers(1, 1), computed)
    contents = [
        (event.record.cell.key, (event.files / "predictions.npz").read_bytes())
        for event in made(client, store).events(cells)
        if isinstance(event, Result)
    ]
    assert sorted(contents) == sorted((cell.key, b"some bytes") for cell in cells)
    assert list((store.root / "work").iterdir()) == []


def test_no_worker_has_more_cells_than_threads_and_the_emptiest_is_filled_first(
    cells: list[Cell], store: Store
) -> None:
    client = MadeUpClient(workers(1, 2), lambda order, worker: None)
    with closing(made(client, store).events(cells)) as events:
        assert [type(next(events)) for _ in range(3)] == [Started] * 3
        assert [worker for worker, _ in client.submitted] == ["tcp://w1", "tcp://w0", "tcp://w1"]
    assert all(future.released for future in client.running), "what runs is stopped with the generator"


def test_jobs_are_the_most_at_the_same_time(cells: list[Cell], store: Store) -> None:
    client = MadeUpClient(workers(8), lambda order, worker: None)
    with closing(made(client, store, jobs=2).events(cells)) as events:
        next(events), next(events)
        client.running[0].end(computed(client_order(cells[0]), ""))
        assert isinstance(next(events), Started)
    assert len(client.submitted) == 3


def test_a_cell_that_another_run_computes_is_not_handed_out(cells: list[Cell], store: Store) -> None:
    client = MadeUpClient(workers(1, 1), computed)
    run = made(client, store, may_start=lambda key: key != cells[1].key)
    done = [event.record.cell.fold for event in run.events(cells) if isinstance(event, Result)]
    assert sorted(done) == [0, 2, 3]
    assert len(client.submitted) == 3


def client_order(cell: Cell) -> Order:
    return Order(cell, "run", Preload(1, (), "[]"), {}, "0", 60.0, None)


def test_a_lost_worker_costs_a_retry_and_too_many_a_failed_row(cells: list[Cell], store: Store) -> None:
    def leave(order: Order, worker: str) -> Reply | None:
        if order.cell.fold != 0:
            return computed(order, worker)
        del client.workers[worker]
        client.workers[f"{worker}+"] = {"nthreads": 1}
        return None

    client = MadeUpClient(workers(1), leave)
    events = list(made(client, store, retries=2).events(cells))
    told = [event.text for event in events if isinstance(event, Notice)]
    assert [text.rpartition(", ")[2] for text in told] == ["retry 1 of 2", "retry 2 of 2"]
    records = {event.record.cell.fold: event.record for event in events if isinstance(event, Result)}
    assert [records[fold].status for fold in range(4)] == ["failed", "ok", "ok", "ok"]
    assert records[0].cause == "its worker was lost, 3 times; the last one was tcp://w0++"
    assert all(future.released for future in client.running)


def test_a_result_of_a_worker_that_was_given_up_is_not_counted_twice(cells: list[Cell], store: Store) -> None:
    orders = []

    def late(order: Order, worker: str) -> Reply | None:
        orders.append(order)
        if len(orders) > 1:
            client.running[0].end(computed(orders[0], worker))
            return computed(order, worker)
        client.workers = {"tcp://other": {"nthreads": 1}}
        return None

    client = MadeUpClient(workers(1), late)
    events = list(made(client, store).events(cells[:1]))
    assert [type(event) for event in events] == [Started, Notice, Started, Result]


def test_a_worker_that_refuses_is_named_once_and_gets_no_other_cell(cells: list[Cell], store: Store) -> None:
    def answer(order: Order, worker: str) -> Reply:
        return Reply(refused="node7: other code") if worker == "tcp://w0" else computed(order, worker)

    client = MadeUpClient(workers(1, 1), answer)
    told, done = [], 0
    for event in made(client, store).events(cells):
        if isinstance(event, Notice):
            told.append(event.text)
            before = len(client.submitted)
        done += isinstance(event, Result)
    assert told == ["worker tcp://w0 is left out: node7: other code"]
    assert all(worker == "tcp://w1" for worker, _ in client.submitted[before:])
    assert done == 4


@pytest.mark.parametrize(
    ("becomes", "there", "told"),
    [
        (lambda order, worker: Reply(refused="node7: other code"), workers(1, 1), "as planned: worker tcp://w"),
        (lambda order, worker: ModuleNotFoundError("No module named 'benchmarks'"), workers(1), "No module named"),
        (computed, {}, "no worker came within 0.2 s; finished cells are kept"),
    ],
)
def test_without_a_worker_that_computes_the_run_ends_in_one_line(
    cells: list[Cell], store: Store, becomes: Any, there: dict[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told) as ended:
        list(made(MadeUpClient(there, becomes), store).events(cells))
    assert "\n" not in str(ended.value)


def test_a_lost_scheduler_ends_the_run(cells: list[Cell], store: Store) -> None:
    def lose(order: Order, worker: str) -> None:
        client.status = "connecting"

    client = MadeUpClient(workers(1), lose)
    with pytest.raises(UsageError, match="the scheduler is gone"):
        list(made(client, store).events(cells))


@pytest.mark.parametrize(("cells_per_gpu", "share", "at_once"), [(1, 1.0, 2), (2, 0.5, 4)])
def test_gpus_are_resources_of_workers(
    cells: list[Cell], store: Store, cells_per_gpu: int, share: float, at_once: int
) -> None:
    on_gpu = [replace(cell, device="cuda") for cell in cells]
    client = MadeUpClient(workers(8, GPU=2), lambda order, worker: None)
    with closing(made(client, store, cells_per_gpu=cells_per_gpu).events(on_gpu)) as events:
        for _ in range(at_once):
            next(events)
    assert client.submitted == [("tcp://w0", {"GPU": share})] * at_once


def test_workers_without_gpus_are_refused(cells: list[Cell], store: Store) -> None:
    client = MadeUpClient(workers(8), computed)
    with pytest.raises(UsageError, match="no worker offers a GPU; start those that have one with --resources GPU=1"):
        list(made(client, store).events([replace(cell, device="cuda") for cell in cells]))


def test_results_wait_at_the_workers_while_the_consumer_is_slow(cells: list[Cell], store: Store) -> None:
    many = [replace(cell, seed=seed) for seed in range(50) for cell in cells]
    client = MadeUpClient(workers(2), computed)
    taken = 0
    for event in made(client, store).events(many):
        taken += isinstance(event, Result)
        # Two with the worker, as many computed and one, those that are being fetched.
        assert len(client.submitted) - taken <= 2 + 3 + cluster_run.FETCHES
    assert taken == 200
