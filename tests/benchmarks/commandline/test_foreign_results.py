"""A results folder with damaged and foreign files: the verbs that read name them and leave them out."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from benchmarks.commandline.app import main
from benchmarks.storage.predictions import PREDICTIONS
from benchmarks.storage.score_table import SCORES_FILE
from benchmarks.storage.store import RECORD, SCORES, Store
from benchmarks.types.canonical import sha256_of_json

RUN = ("run", "--method", "kaplan_meier,cox_ph", "--dataset", "whas500", "--folds", "3")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    assert done(*RUN, "--results", str(folder)) == 0
    return folder


@pytest.fixture
def foreign(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of which two cells of one method are damaged, with much that is no cell beside them."""
    folder = tmp_path / "results"
    shutil.copytree(whole, folder)
    store = Store.open(folder)
    first, second = [key for key in store if store.read(key).cell.method == "kaplan_meier"][:2]
    forge_predictions(store, first)
    (store.folder(second) / RECORD).write_text("[" * 100_000)
    (store.folder(second) / SCORES).unlink()
    (store.folder(second) / SCORES).mkdir()
    (store.cells / "notes.txt").write_text("mine")
    (store.cells / "other").mkdir()
    (store.cells / "other" / RECORD).write_text('{"content": {"cell": []}, "sha256": ""}')
    (store.cells / "loop").symlink_to("loop")
    os.mkfifo(store.cells / "pipe")
    (folder / SCORES_FILE).write_text("mine")
    return folder


def forge_predictions(store: Store, key: str) -> None:
    """Put other arrays into a cell, under a checksum that holds."""
    folder = store.folder(key)
    np.savez(folder / PREDICTIONS, risk=np.arange(3.0))
    content = json.loads((folder / RECORD).read_text())["content"]
    content["files"][PREDICTIONS] = hashlib.sha256((folder / PREDICTIONS).read_bytes()).hexdigest()
    (folder / RECORD).write_text(json.dumps({"content": content, "sha256": sha256_of_json(content)}))


def done(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


def test_status_names_them(foreign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert done("status", "--results", str(foreign), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert sum(row["ok"] for row in told["cells"]) == 5
    assert len([row for row in told["problems"] if row["status"] == "corrupted"]) == 5


def test_score_and_the_board_leave_them_out(foreign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert done("score", "--results", str(foreign)) == 1
    captured = capsys.readouterr()
    assert "4 cells, 0 scored now, 6 damaged" in captured.out
    assert captured.err.count("left out: ") == 6
    assert done("leaderboard", "--results", str(foreign)) == 0
    captured = capsys.readouterr()
    assert captured.err.count("left out: ") == 5
    assert "holds no predictions: no " in captured.out
    assert "cox_ph" in captured.out


def test_show_says_it_in_one_line(foreign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store.open(foreign)
    for key in store:
        code = done("show", key, "--results", str(foreign))
        captured = capsys.readouterr()
        assert code == 0 or captured.err.count("\n") == 1


def damage_fold(folder: Path, fold: int, *, methods: tuple[str, ...] = ("kaplan_meier", "cox_ph")) -> None:
    """Cut the predictions of a fold; their scores stay."""
    store = Store.open(folder)
    for key in store:
        cell = store.read_record(key).cell
        if cell.fold == fold and cell.method in methods:
            path = store.folder(key) / PREDICTIONS
            path.write_bytes(path.read_bytes()[:-7])


def test_a_fold_of_which_all_predictions_are_damaged_is_missing_from_the_board(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "results"
    shutil.copytree(whole, folder)
    damage_fold(folder, 1)
    assert done("leaderboard", "--results", str(folder)) == 0
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert "whas500: repeat 0, fold 1 is left out: " in captured.err
    assert "- cox_ph, kaplan_meier: 1 of 3 cells failed: " in captured.out
    assert done("compare", "cox_ph", "kaplan_meier", "--results", str(folder)) == 2
    err = capsys.readouterr().err
    assert "fold 1 is left out" in err
    assert "has no dataset on which both" in err
    assert "Traceback" not in err


def test_the_damaged_fold_of_one_row_does_not_stop_a_comparison(
    whole: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "results"
    shutil.copytree(whole, folder)
    damage_fold(folder, 1, methods=("cox_ph",))
    assert done("leaderboard", "--results", str(folder)) == 0
    capsys.readouterr()
    assert done("compare", "cox_ph", "kaplan_meier", "--results", str(folder)) == 0
    captured = capsys.readouterr()
    assert "the gain is not taken apart: " in captured.err
    assert captured.err.count("\n") == 1
    assert "C" in captured.out
