"""Cells that take long are run first, as finished cells of the same folder tell."""

from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from benchmarks.execution.engine import Epoch, Notice, Result, Started
from benchmarks.execution.expected_seconds import ExpectedSeconds
from benchmarks.execution.plan import Plan, Request, make_plan
from benchmarks.execution.runner import Finished, run
from benchmarks.storage.score_table import SCORES_FILE, score_table, update_score_file
from benchmarks.storage.store import Store
from benchmarks.types import Cell, Record


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(Request(methods="kaplan_meier,cox_ph,weibull_aft", datasets="whas500", folds=2))


def finished(cell: Cell, seconds: float) -> Record:
    return Record(cell, "ok", seconds={"fit": 0.1, "predict": 0.1, "total": seconds})


def of_method(plan: Plan, method: str) -> list[Cell]:
    return [planned.cell for planned in plan.cells if planned.cell.method == method]


def test_unknown_ones_come_first_then_the_longest_and_equals_stay_in_order(plan: Plan) -> None:
    cells = [planned.cell for planned in plan.cells]
    expected = ExpectedSeconds()
    assert expected.longest_first(cells) == cells
    expected.add(finished(of_method(plan, "kaplan_meier")[0], 1.0))
    expected.add(finished(of_method(plan, "cox_ph")[0], 2.0))
    expected.add(finished(of_method(plan, "cox_ph")[1], 6.0))
    expected.add(Record(of_method(plan, "weibull_aft")[0], "timeout", seconds={"total": 3600.0}))
    assert expected.of(of_method(plan, "cox_ph")[0]) == 4.0
    assert expected.of(of_method(plan, "weibull_aft")[0]) is None
    assert expected.mean() == 2.5
    assert expected.longest_first(cells) == [
        *of_method(plan, "weibull_aft"),
        *of_method(plan, "cox_ph"),
        *of_method(plan, "kaplan_meier"),
    ]


class Engine:
    """Says in which order it is given cells, and that none of them is finished."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.given: list[str] = []

    def map(self, cells: Sequence[Cell], /) -> Generator[Started | Epoch | Notice | Result]:
        self.given = [cell.method for cell in cells]
        self.folder.mkdir(exist_ok=True)
        for cell in cells:
            yield Result(Record(cell, "failed", seconds={"total": 0.0}), self.folder)


def test_a_run_learns_from_cells_of_other_seeds_that_the_score_file_lists(plan: Plan, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "results")
    other = make_plan(Request(methods="kaplan_meier,cox_ph", datasets="whas500", folds=2, seed=1))
    seconds = {"kaplan_meier": 1.0, "cox_ph": 5.0}
    records = [store.write(finished(planned.cell, seconds[planned.cell.method])) for planned in other.cells]
    update_score_file(store.root, score_table((record, None) for record in records))
    engine = Engine(tmp_path / "files")
    list(run(plan, store, engine))
    assert engine.given == ["weibull_aft"] * 2 + ["cox_ph"] * 2 + ["kaplan_meier"] * 2


def test_a_damaged_score_file_tells_nothing(plan: Plan, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "results")
    (store.root / SCORES_FILE).write_bytes(b"no table")
    expected = ExpectedSeconds()
    expected.add_from(store, [planned.cell for planned in plan.cells])
    assert expected.mean() is None


def test_a_skipped_cell_is_recorded_once(tmp_path: Path) -> None:
    skipped = make_plan(Request(methods="snn_omics", datasets="whas500", folds=2))
    store = Store.create(tmp_path / "results")
    first = [event.stored for event in run(skipped, store, Engine(tmp_path / "files")) if isinstance(event, Finished)]
    times = [path.stat().st_mtime_ns for path in store.cells.glob("*/cell.json")]
    again = [event.stored for event in run(skipped, store, Engine(tmp_path / "files")) if isinstance(event, Finished)]
    assert (first, again) == ([False, False], [True, True])
    assert [path.stat().st_mtime_ns for path in store.cells.glob("*/cell.json")] == times
