"""Stored predictions count only if they are of the patients, outcomes, times and trials that the cell asks for."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.commandline.app import main
from benchmarks.execution.plan import Plan, Request, make_plan
from benchmarks.execution.stored_cell import read_stored_cell
from benchmarks.storage.predictions import PREDICTIONS
from benchmarks.storage.score_table import SCORES_FILE
from benchmarks.storage.store import RECORD, CorruptedCellError, Store
from benchmarks.tuning.trials import CHOSEN, TRIALS
from benchmarks.types import Cell, Tuning
from benchmarks.types.canonical import sha256_of_json

RUN = ("run", "--method", "cox_ph", "--dataset", "whas500", "--folds", "2")
TUNING = Tuning(trials=2)


@dataclass
class Kept:
    """A results folder, the plan it was made by, and one of its cells."""

    store: Store
    plan: Plan
    cell: Cell

    @property
    def folder(self) -> Path:
        return self.store.folder(self.cell.key)

    def read(self) -> None:
        read_stored_cell(self.store, self.cell, self.plan.patients)

    def rewrite(self, name: str, content: bytes) -> None:
        """Put a file into the cell, under a checksum that holds."""
        (self.folder / name).write_bytes(content)
        record = json.loads((self.folder / RECORD).read_text())["content"]
        record["files"][name] = hashlib.sha256(content).hexdigest()
        (self.folder / RECORD).write_text(json.dumps({"content": record, "sha256": sha256_of_json(record)}))

    def alter(self, change: Callable[[dict[str, np.ndarray]], object]) -> None:
        with np.load(self.folder / PREDICTIONS) as file:
            arrays = dict(file)
        change(arrays)
        np.savez(self.folder / PREDICTIONS, **arrays)
        self.rewrite(PREDICTIONS, (self.folder / PREDICTIONS).read_bytes())


def done(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    assert done(*RUN, "--results", str(folder)) == 0
    assert done(*RUN, "--fold", "0", "--tune", "2", "--results", str(folder)) == 0
    return folder


def kept(whole: Path, folder: Path, tuning: Tuning | None) -> Kept:
    shutil.copytree(whole, folder)
    plan = make_plan(Request(methods="cox_ph", datasets="whas500", folds=2, tuning=tuning))
    return Kept(Store.open(folder), plan, plan.cells[0].cell)


@pytest.fixture
def plain(whole: Path, tmp_path: Path) -> Kept:
    return kept(whole, tmp_path / "results", None)


@pytest.fixture
def tuned(whole: Path, tmp_path: Path) -> Kept:
    return kept(whole, tmp_path / "results", TUNING)


def test_what_the_cases_below_alter_is_read(plain: Kept) -> None:
    plain.read()
    plain.alter(lambda arrays: None)
    plain.read()


def test_a_tuned_cell_that_the_cases_below_alter_is_read(tuned: Kept) -> None:
    tuned.read()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            lambda a: a.update({"test.ids": a["test.ids"][::-1]}), "other patients in the test part", id="order"
        ),
        pytest.param(
            lambda a: a.update({"train.ids": np.array([f"{name}x" for name in a["train.ids"]])}),
            "other patients in the train part",
            id="train",
        ),
        pytest.param(
            lambda a: a.update({"test.time": a["test.time"] + 1}), "other outcomes of the test part", id="time"
        ),
        pytest.param(
            lambda a: a.update({"validation.event": ~a["validation.event"]}),
            "other outcomes of the validation part",
            id="event",
        ),
        pytest.param(lambda a: a.update({"test@.times": a["test@.times"] * 2}), "at other times", id="grid"),
        pytest.param(lambda a: a.update({"test@.risk": a["test@.risk"][:-1]}), "holds no predictions", id="shape"),
        pytest.param(
            lambda a: [a.pop(name) for name in list(a) if name.startswith("validation")],
            "of the parts test, not of test, validation",
            id="parts",
        ),
    ],
)
def test_forged_predictions_are_a_damaged_cell(
    plain: Kept, change: Callable[[dict[str, np.ndarray]], object], told: str
) -> None:
    plain.alter(change)
    with pytest.raises(CorruptedCellError, match=told) as error:
        plain.read()
    assert plain.cell.key in str(error.value)
    assert "\n" not in str(error.value)


def line(**changed: object) -> bytes:
    trial = {"number": 0, "state": "complete", "settings": {}, "values": [0.5], "cause": "", "reported": []}
    return json.dumps({**trial, **changed}).encode() + b"\n"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (TRIALS, b"", "holds no trial"),
        (TRIALS, b"[" * 100_000, "another form"),
        (TRIALS, b"\xff\n", "another form"),
        (TRIALS, line(number=3), "does not follow"),
        (TRIALS, line(values=[]), "has values if it is complete"),
        (TRIALS, line(values=["0.5"]), "values.0"),
        (TRIALS, line(state="good"), "state"),
        (TRIALS, line(more=1), "more"),
        (TRIALS, line(settings={"penalty": [1]}), "settings.penalty"),
        (TRIALS, line(reported=[[1, 2, 3]]), "reported.0"),
        (TRIALS, line(number="9" * 5000), "number"),
        (CHOSEN, b"{}", "chosen"),
        (CHOSEN, b'{"chosen": 7, "settings": {}, "tuning": {}}', "no complete one of 2"),
        (CHOSEN, b'{"chosen": 0, "settings": {"penalty": 1}, "tuning": {}}', "other settings than trial 0"),
        (CHOSEN, b"\x00", "another form"),
    ],
)
def test_a_study_of_another_form_is_a_damaged_cell(tuned: Kept, name: str, content: bytes, told: str) -> None:
    tuned.rewrite(name, content)
    with pytest.raises(CorruptedCellError, match=told) as error:
        tuned.read()
    assert str(tuned.folder / name) in str(error.value)
    assert "\n" not in str(error.value)


def test_the_study_of_another_tuning_is_a_damaged_cell(tuned: Kept) -> None:
    chosen = json.loads((tuned.folder / CHOSEN).read_text())
    chosen["tuning"]["objective"] = "ibs"
    tuned.rewrite(CHOSEN, json.dumps(chosen).encode())
    with pytest.raises(CorruptedCellError, match="another tuning"):
        tuned.read()


def test_run_computes_them_again_and_ends_as_before(plain: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    before = (plain.store.root / SCORES_FILE).read_bytes()
    plain.alter(
        lambda arrays: arrays.update({"test@.risk": arrays["test@.risk"], "test.ids": arrays["test.ids"][::-1]})
    )
    assert done(*RUN, "--results", str(plain.store.root)) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert f"{PREDICTIONS} holds other patients in the test part than the cell is of; computing cox_ph on" in told
    plain.read()
    assert (plain.store.root / SCORES_FILE).read_bytes() == before
