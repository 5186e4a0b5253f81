"""Folders of results are merged by key: nothing is lost, doubled, or decided silently."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from benchmarks.execution.plan import Request, make_plan
from benchmarks.scoring.merging import merge
from benchmarks.scoring.scorer import Scorer
from benchmarks.storage.store import PREDICTIONS, SCORES, Store
from benchmarks.types import Cell, Record

SECONDS = {"fit": 1.0, "predict": 0.1, "total": 1.2}


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    return [planned.cell for planned in make_plan(Request(methods="kaplan_meier", datasets="whas500", folds=3)).cells]


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Store]:
    def make(name: str, *records: Record, number: float = 0.5) -> Store:
        """Return a results folder in which finished cells have predicted a number."""
        store = Store.create(tmp_path / name)
        for record in records:
            files = tmp_path / "files"
            files.mkdir()
            (files / "log.txt").write_text(f"by {name}")
            if record.status == "ok":
                content = BytesIO()
                np.savez(content, number=np.array(number))
                (files / PREDICTIONS).write_bytes(content.getvalue())
            store.write(record, files)
            shutil.rmtree(files)
        return store

    return make


def merged(target: Store, *sources: Store) -> dict[str, tuple[str, str]]:
    records = {key: target.read(key) for key in target}
    found = {result.key: (result.outcome, result.problem) for result in merge(target, sources, records)}
    assert {key: target.read(key) for key in target} == records
    assert list((target.root / "work").iterdir()) == []
    return found


def ok(cell: Cell, seconds: float = 1.2) -> Record:
    return Record(cell, "ok", seconds={**SECONDS, "total": seconds})


def test_cells_of_all_folders_are_copied_byte_by_byte(cells: list[Cell], folder) -> None:
    a, b, target = folder("a", ok(cells[0])), folder("b", ok(cells[1]), Record(cells[2], "timeout")), folder("target")
    found = merged(target, a, b)
    assert {outcome for outcome, _ in found.values()} == {"copied"}
    for source in (a, b):
        for path in source.cells.rglob("*.*"):
            assert (target.cells / path.relative_to(source.cells)).read_bytes() == path.read_bytes()
    assert list(a) == [cells[0].key], "sources are left as they are"


def test_merged_again_nothing_is_copied(cells: list[Cell], folder) -> None:
    a, target = folder("a", ok(cells[0])), folder("target")
    merged(target, a)
    assert merged(target, a) == {cells[0].key: ("there", "")}


def test_the_same_result_computed_twice_is_no_clash(cells: list[Cell], folder) -> None:
    a, b, target = folder("a", ok(cells[0])), folder("b", ok(cells[0], seconds=9.0)), folder("target")
    assert merged(target, a, b) == {cells[0].key: ("there", "")}
    assert target.read(cells[0].key).seconds["total"] == 1.2


def test_other_predictions_of_one_key_are_named_and_the_first_stay(cells: list[Cell], folder) -> None:
    a, b, target = folder("a", ok(cells[0])), folder("b", ok(cells[0]), number=0.6), folder("target")
    outcome, problem = merged(target, a, b)[cells[0].key]
    assert outcome == "clash"
    assert problem.startswith(f"{cells[0].key} (kaplan_meier on whas500, repeat 0, fold 0) in {b.root} has other")
    assert target.read(cells[0].key).files == a.read(cells[0].key).files


@pytest.mark.parametrize("status", ["failed", "timeout", "out_of_memory", "skipped"])
def test_a_finished_cell_stays_whichever_comes_first(cells: list[Cell], folder, status) -> None:
    good, bad = folder("good", ok(cells[0])), folder("bad", Record(cells[0], status))
    for number, order in enumerate([(good, bad), (bad, good)]):
        target = folder(f"target{number}")
        merged(target, *order)
        assert target.read(cells[0].key) == good.read(cells[0].key)


def test_a_damaged_cell_is_named_and_left_out(cells: list[Cell], folder) -> None:
    a, target = folder("a", ok(cells[0]), ok(cells[1])), folder("target")
    path = a.folder(cells[0].key) / PREDICTIONS
    path.write_bytes(path.read_bytes()[:-1])
    found = merged(target, a)
    assert found[cells[0].key] == (
        "damaged",
        f"{path} differs from what was written: its checksum does not match",
    )
    assert list(target) == [cells[1].key]


def test_scores_follow_and_are_not_computed_again(command_line, tmp_path: Path) -> None:
    run = ("run", "--method", "kaplan_meier,cox_ph", "--dataset", "whas500", "--folds", "2")
    assert command_line(*run, "--results", str(tmp_path / "whole")).returncode == 0
    for number in "12":
        done = command_line(*run, "--shard", f"{number}/2", "--results", str(tmp_path / number))
        assert done.returncode == 0, done.stderr
        assert "2 of 4 cells" in done.stderr
    target = tmp_path / "merged"
    done = command_line(
        "results", "merge", str(tmp_path / "1"), str(tmp_path / "2"), "--results", str(target), "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["copied"] == json.loads(done.stdout)["cells"] == 4
    assert (target / "scores.parquet").read_bytes() == (tmp_path / "whole/scores.parquet").read_bytes()
    store = Store.open(target)
    for key in store:
        assert (store.folder(key) / SCORES).read_bytes() == (tmp_path / "whole/cells" / key / SCORES).read_bytes()
    scorer = Scorer(store)
    for key in store:
        scorer.scores_and_influence(store.read(key))
    assert scorer.computed == 0


def test_clashes_and_wrong_folders_are_told_in_one_line(
    command_line, cells: list[Cell], folder, tmp_path: Path
) -> None:
    a, b = folder("a", replace(ok(cells[0]), status="failed")), folder("b", Record(cells[0], "failed"))
    target = ("--results", str(tmp_path / "target"))
    done = command_line("results", "merge", str(a.root), str(b.root), *target)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("1 cells copied, 0 in place of a failed one, 1 there already, 0 clashes, 0 damaged;")

    done = command_line("results", "merge", str(tmp_path / "nothing"), *target)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "nothing is no results folder" in done.stderr

    done = command_line("results", "merge", str(tmp_path / "target"), *target)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "is the folder that is merged into" in done.stderr
