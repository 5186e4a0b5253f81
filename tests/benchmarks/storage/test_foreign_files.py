"""A results folder may come from anybody: what does not fit is a damaged cell with its cause, and never an error."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.errors import UsageError
from benchmarks.execution.plan import Request, make_plan
from benchmarks.storage.arrays_file import read_arrays
from benchmarks.storage.predictions import PREDICTIONS, read_predictions
from benchmarks.storage.score_table import SCORES_FILE, score_table, update_score_file
from benchmarks.storage.store import INFLUENCE, MARKER, RECORD, SCORES, CorruptedCellError, Store
from benchmarks.types import Cell, Record
from benchmarks.types.canonical import sha256_of_json
from benchmarks.types.cell import key_of
from benchmarks.types.score import CellScores


@pytest.fixture(scope="module")
def cell() -> Cell:
    return make_plan(Request(methods="kaplan_meier", datasets="whas500", folds=2)).cells[0].cell


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.create(tmp_path / "results")


def content(cell: Cell) -> dict[str, Any]:
    record = Record(cell, "ok", seconds={"fit": 0.5, "predict": 0.1, "total": 1.0}, files={PREDICTIONS: "0" * 64})
    return record.as_json()


def put(store: Store, values: Any, key: str = "") -> str:
    """Write a record whose checksum holds, under the key that its cell has."""
    key = key or key_of(values["cell"])
    store.folder(key).mkdir()
    (store.folder(key) / RECORD).write_text(json.dumps({"content": values, "sha256": sha256_of_json(values)}))
    return key


def test_the_record_that_the_cases_below_alter_is_read(store: Store, cell: Cell) -> None:
    assert store.read_record(put(store, content(cell))).cell == cell


@pytest.mark.parametrize(
    "alter",
    [
        pytest.param(lambda values: values.update(more=1), id="unknown key"),
        pytest.param(lambda values: values["cell"].update(more=1), id="unknown key of the cell"),
        pytest.param(lambda values: values.pop("status"), id="missing key"),
        pytest.param(lambda values: values["cell"].pop("fold"), id="missing key of the cell"),
        pytest.param(lambda values: values.update(status="fine"), id="no status"),
        pytest.param(lambda values: values.update(seconds=[1]), id="list for a mapping"),
        pytest.param(lambda values: values.update(seconds={"fit": "1"}), id="text for a number"),
        pytest.param(lambda values: values.update(seconds={"fit": 1.0}), id="ok without total"),
        pytest.param(lambda values: values.update(warnings={"a": 1.5}), id="fraction for a count"),
        pytest.param(lambda values: values.update(peak_memory=2**80), id="beyond 64 bits"),
        pytest.param(lambda values: values.update(files={"../" + RECORD: "0" * 64}), id="file elsewhere"),
        pytest.param(lambda values: values.update(files={PREDICTIONS: "short"}), id="no checksum"),
        pytest.param(lambda values: values.update(cause="\ud800"), id="half a character"),
        pytest.param(lambda values: values["cell"].update(fold=7), id="no such fold"),
        pytest.param(lambda values: values["cell"].update(fold="0"), id="text for a fold"),
        pytest.param(lambda values: values["cell"].update(modalities="clinical"), id="text for a list"),
        pytest.param(lambda values: values["cell"].update(tuning={"trials": 3}), id="half a tuning"),
        pytest.param(lambda values: values["cell"].update(extra_data={"dataset": "tcga"}), id="half of extra data"),
    ],
)
def test_a_record_of_another_form_is_a_damaged_cell(
    store: Store, cell: Cell, alter: Callable[[dict[str, Any]], object]
) -> None:
    values = json.loads(json.dumps(content(cell)))
    alter(values)
    key = put(store, values)
    with pytest.raises(CorruptedCellError, match=RECORD):
        store.read(key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"text"',
        "[" * 100_000,
        '{"content": null, "sha256": ""}',
        '{"content": {"cell": NaN}, "sha256": ""}',
        '{"content": {"cell": 1e400}, "sha256": ""}',
        *(
            json.dumps({"content": values, "sha256": sha256_of_json(values)})
            for values in (1, [], {}, {"cell": 3}, {"cell": {}})
        ),
        f'{{"content": {"9" * 5000}, "sha256": ""}}',
    ],
    ids=lambda text: text[:30],
)
def test_json_of_another_form_is_a_damaged_cell(store: Store, text: str) -> None:
    store.folder("a" * 16).mkdir()
    (store.folder("a" * 16) / RECORD).write_text(text)
    with pytest.raises(CorruptedCellError, match=RECORD):
        store.read("a" * 16)


def test_folders_links_and_pipes_where_files_should_be(store: Store, cell: Cell) -> None:
    (store.cells / "notes.txt").write_text("mine")
    (store.cells / "loop").symlink_to(store.cells / "loop")
    (store.cells / "folder" / RECORD).mkdir(parents=True)
    (store.cells / "endless").mkdir()
    (store.cells / "endless" / RECORD).symlink_to("/dev/zero")
    (store.cells / "pipe").mkdir()
    os.mkfifo(store.cells / "pipe" / RECORD)
    for key in store:
        with pytest.raises(CorruptedCellError, match=key):
            store.read(key)


@pytest.mark.parametrize("what", ["file", "link", "folder"])
def test_whatever_has_the_name_of_a_cell_makes_place_for_it(
    store: Store, cell: Cell, what: str, tmp_path: Path
) -> None:
    path = store.folder(cell.key)
    if what == "file":
        path.write_text("mine")
    elif what == "link":
        (tmp_path / "elsewhere").mkdir()
        path.symlink_to(tmp_path / "elsewhere")
    else:
        (path / RECORD).mkdir(parents=True)
    store.write(Record(cell, "failed", cause="by hand"))
    assert store.read(cell.key).cause == "by hand"
    assert what != "link" or (tmp_path / "elsewhere").is_dir()


def test_folders_in_place_of_scores_make_place_for_them(store: Store, cell: Cell) -> None:
    store.write(Record(cell, "failed", cause="by hand"))
    for name in (SCORES, INFLUENCE):
        (store.folder(cell.key) / name).mkdir()
    assert store.read_scores(cell.key, "one") is None
    assert store.read_influence(cell.key, "0" * 64) is None
    scores = CellScores(protocol="one", predictions="a", influence=store.write_influence(cell.key, b"x"), variants={})
    store.write_scores(cell.key, scores)
    assert store.read_scores(cell.key, "one") == scores
    assert store.read_influence(cell.key, scores.influence) == b"x"


def npz(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


def prediction_arrays() -> dict[str, np.ndarray]:
    ids = np.array(["a", "b"])
    time, event = np.array([1.0, 2.0]), np.array([True, False])
    patients = {"ids": ids, "time": time, "event": event}
    of = {f"{part}.{name}": values for part in ("train", "test") for name, values in patients.items()}
    return {**of, "test@.risk": np.zeros(2), "test@.times": np.array([0.0, 1.0]), "test@.survival": np.ones((2, 2))}


def test_the_predictions_that_the_cases_below_alter_are_read(tmp_path: Path) -> None:
    npz(tmp_path / PREDICTIONS, **prediction_arrays())
    assert read_predictions(tmp_path).parts["test"].ids.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        *((name, None) for name in prediction_arrays() if name != "test@.survival"),
        ("test.ids", np.array([1, 2])),
        ("test.ids", np.array(["a"])),
        ("test.time", np.array([1.0, np.nan])),
        ("test.time", np.array(["x", "y"])),
        ("test.event", np.array([0, 7])),
        ("test@.risk", np.zeros(3)),
        ("test@.risk", np.array([np.inf, 0.0])),
        ("test@.risk", np.array([{}, {}], dtype=object)),
        ("test@.survival", np.full((2, 2), 3.0)),
        ("test@.survival", np.ones((2, 5))),
        ("test@.diagnostic.share", np.array([1.0, 2.0])),
        ("test@.state.all", np.ones(2)),
        ("test@.parseable", np.ones(3, bool)),
        ("test.strata", np.array(["a"])),
    ],
)
def test_predictions_of_another_form_are_damaged(tmp_path: Path, name: str, values: np.ndarray | None) -> None:
    arrays = prediction_arrays()
    arrays.pop(name, None)
    if values is not None:
        arrays[name] = values
    npz(tmp_path / PREDICTIONS, **arrays)
    with pytest.raises(CorruptedCellError, match="holds no predictions"):
        read_predictions(tmp_path)


def test_an_array_that_declares_petabytes_is_refused_before_anything_is_allocated(tmp_path: Path) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000000), }"
    header += b" " * (117 - len(header)) + b"\n"
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(ValueError, match="takes 8000000000000000 bytes, 0 are there"):
        read_arrays(tmp_path / "a.npz")


def test_an_archive_that_unfolds_beyond_its_size_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", x=np.zeros(2**16))
    with pytest.raises(ValueError, match="more than it has"):
        read_arrays(tmp_path / "a.npz")


@pytest.mark.parametrize("damage", ["text", "cut", "folder", "other table"])
def test_a_damaged_table_of_scores_is_told_and_written_anew(tmp_path: Path, cell: Cell, damage: str) -> None:
    table = score_table([(Record(cell, "failed", cause="by hand"), None)])
    path = update_score_file(tmp_path, table)
    whole = path.read_bytes()
    if damage == "text":
        path.write_text("mine")
    elif damage == "cut":
        path.write_bytes(whole[:-20])
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        table[["key"]].to_parquet(path)
    told: list[str] = []
    update_score_file(tmp_path, table, warn=told.append)
    assert len(told) == 1
    assert SCORES_FILE in told[0]
    assert path.read_bytes() == whole


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "1", '{"layout": 1e999}', '{"layout": NaN}'])
def test_a_marker_of_another_form_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / MARKER).write_text(text)
    with pytest.raises(UsageError):
        Store.open(tmp_path)


def test_what_was_not_made_by_a_run_is_never_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "work" / "thesis").mkdir(parents=True)
    (tmp_path / "cells" / ".new-ideas").mkdir(parents=True)
    Store.create(tmp_path)
    assert (tmp_path / "work" / "thesis").is_dir()
    assert (tmp_path / "cells" / ".new-ideas").is_dir()


def test_a_link_in_place_of_the_work_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "999999999-a").mkdir(parents=True)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "work").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="work is a link"):
        Store.create(tmp_path / "results")
    assert (tmp_path / "elsewhere" / "999999999-a").is_dir()


def test_files_that_are_gone_before_they_are_stored_make_a_failed_row(store: Store, cell: Cell) -> None:
    ok = Record(cell, "ok", seconds={"fit": 0.5, "predict": 0.1, "total": 1.0})
    store.write(ok, store.root / "work" / "gone")
    assert store.read(cell.key).status == "failed"
    assert "deleted before they were stored" in store.read(cell.key).cause
