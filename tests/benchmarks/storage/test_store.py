"""Results are written whole or not at all, and trusted only if their checksums hold."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from benchmarks.errors import UsageError
from benchmarks.execution.plan import Request, make_plan
from benchmarks.storage.store import RECORD, CorruptedCellError, Store
from benchmarks.types import LAYOUT, MAIN, Cell, Record, Tuning
from benchmarks.types.canonical import sha256_of_json
from benchmarks.types.score import CellScores, Score


@pytest.fixture(scope="module")
def cell() -> Cell:
    return make_plan(Request(methods="kaplan_meier", datasets="whas500", folds=2)).cells[0].cell


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "results")


def written(store: Store, cell: Cell) -> Record:
    with store.work_folder(cell.key) as folder:
        np.savez(folder / "predictions.npz", risk=np.arange(3.0))
        return store.write(Record(cell, "ok", seconds={"fit": 0.5, "predict": 0.1, "total": 1.0}), folder)


def test_what_is_read_is_what_was_written(store: Store, cell: Cell) -> None:
    record = written(store, cell)
    assert store.read(cell.key) == record
    assert list(store) == [cell.key]
    assert set(record.files) == {"predictions.npz"}


def test_the_tuning_of_a_cell_is_kept_with_it(store: Store, cell: Cell) -> None:
    assert cell.tuning == {}
    tuned = replace(cell, tuning=Tuning(trials=20, objective="ibs").as_mapping())
    assert tuned.key != cell.key
    assert store.read(written(store, tuned).cell.key).cell == tuned


def test_results_of_an_older_layout_are_refused(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps({"layout": LAYOUT - 1, "suite": "any"}))
    with pytest.raises(UsageError, match=f"results of layout {LAYOUT - 1}, this version writes layout {LAYOUT}"):
        Store.open(tmp_path)


def test_the_work_folder_is_gone_afterwards(store: Store, cell: Cell) -> None:
    written(store, cell)
    assert list((store.root / "work").iterdir()) == []
    assert [path.name for path in store.cells.iterdir()] == [cell.key]


def test_a_second_write_replaces_the_first(store: Store, cell: Cell) -> None:
    written(store, cell)
    store.write(Record(cell, "failed", cause="by hand"))
    assert store.read(cell.key).status == "failed"
    assert not (store.folder(cell.key) / "predictions.npz").exists()


@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
@pytest.mark.parametrize("name", [RECORD, "predictions.npz"])
def test_damage_is_found(store: Store, cell: Cell, name: str, damage: str) -> None:
    written(store, cell)
    path = store.folder(cell.key) / name
    content = bytearray(path.read_bytes())
    if damage == "remove":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(CorruptedCellError, match=name):
        store.read(cell.key)


def test_a_record_edited_by_hand_is_found(store: Store, cell: Cell) -> None:
    written(store, cell)
    path = store.folder(cell.key) / RECORD
    envelope = json.loads(path.read_text())
    envelope["content"]["seconds"]["total"] = 0.1
    path.write_text(json.dumps(envelope))
    with pytest.raises(CorruptedCellError, match="checksum does not match"):
        store.read(cell.key)


def test_a_cell_under_a_wrong_key_is_found(store: Store, cell: Cell) -> None:
    written(store, cell)
    store.folder(cell.key).rename(store.folder("0" * 16))
    with pytest.raises(CorruptedCellError, match="record of another cell"):
        store.read("0" * 16)


def test_leftovers_of_a_dead_runner_are_cleared_and_those_of_a_living_one_kept(store: Store, cell: Cell) -> None:
    written(store, cell)
    dead, alive = 2**22 + 1, 1
    (store.root / "work" / f"{dead}-abc").mkdir()
    (store.root / "work" / f"{alive}-abc").mkdir()
    (store.cells / f".new-{cell.key}-{dead}").mkdir()
    # Died between moving the old version away and moving the new one in: the old one is the best there is.
    store.folder(cell.key).rename(store.cells / f".old-{cell.key}-{dead}")
    again = Store.create(store.root)
    assert [path.name for path in (again.root / "work").iterdir()] == [f"{alive}-abc"]
    assert again.read(cell.key).status == "ok"


def test_a_marker_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text("{")
    with pytest.raises(UsageError, match="unreadable"):
        Store.open(tmp_path)


SCORES_OF_ONE = CellScores(
    protocol="one",
    predictions="a",
    influence="b",
    variants={MAIN: {"test": {"ibs": Score.of(0.2, 0.01, (0.1, 0.3)), "c_td": Score.undefined("no comparable pair")}}},
)


def test_scores_of_another_protocol_are_not_taken(store: Store, cell: Cell) -> None:
    written(store, cell)
    store.write_scores(cell.key, SCORES_OF_ONE)
    assert store.read_scores(cell.key, "one") == SCORES_OF_ONE
    assert store.read_scores(cell.key, "two") is None


def test_damaged_scores_are_not_taken(store: Store, cell: Cell) -> None:
    written(store, cell)
    store.write_scores(cell.key, SCORES_OF_ONE)
    path = store.folder(cell.key) / "scores.json"
    path.write_text(path.read_text().replace("one", "two"))
    assert store.read_scores(cell.key, "two") is None


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"protocol": "one", "variants": {}},
        {**SCORES_OF_ONE.as_json(), "variants": {MAIN: {"test": {"ibs": 0.2}}}},
        {**SCORES_OF_ONE.as_json(), "variants": {MAIN: {"test": {"ibs": {"status": "fine", "value": 0.2}}}}},
        {**SCORES_OF_ONE.as_json(), "variants": {MAIN: {"test": {"ibs": {"status": "defined", "value": None}}}}},
    ],
)
def test_scores_of_another_form_are_not_taken(store: Store, cell: Cell, content: object) -> None:
    written(store, cell)
    envelope = {"content": content, "sha256": sha256_of_json(content)}
    (store.folder(cell.key) / "scores.json").write_text(json.dumps(envelope))
    assert store.read_scores(cell.key, "one") is None


@pytest.mark.parametrize(("status", "value"), [("defined", None), ("defined", float("nan")), ("undefined", 0.5)])
def test_a_score_has_a_finite_value_or_none(status: Literal["defined", "undefined"], value: float | None) -> None:
    with pytest.raises(ValueError, match="value"):
        Score(status=status, value=value)
