"""A method is fitted, kept in a folder, and used on patients: the same bits, no network, no silent surprise."""

import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sksurv.datasets import load_whas500

from benchmarks.catalog.loading import load_dataset
from benchmarks.commandline.app import main
from benchmarks.execution.fold import fit_and_predict, prepare_fold
from benchmarks.execution.plan import Request, make_plan
from benchmarks.models.folder import ARRAYS, MODEL, STATE, load_model
from benchmarks.models.threads import limited_threads
from benchmarks.protocol.splits import whole_cohort_parts
from benchmarks.types.canonical import sha256_of_json


def done(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    captured = capsys.readouterr()
    assert exit_.value.code == code, captured.err
    if code:
        assert captured.err.startswith("error: ")
        assert captured.err.count("\n") == 1
        return captured.err
    return captured


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a Cox model of all patients of whas500."""
    folder = tmp_path_factory.mktemp("models") / "cox"
    with pytest.raises(SystemExit) as exit_:
        main(["fit", "--method", "cox_ph", "--dataset", "whas500", "--model", str(folder)])
    assert exit_.value.code == 0
    return folder


@pytest.fixture
def frame() -> pd.DataFrame:
    """Return the covariates of twenty patients, with identifiers."""
    covariates, _ = load_whas500()
    covariates = covariates.iloc[:20].reset_index(drop=True)
    covariates.insert(0, "patient", [f"P{row}" for row in range(20)])
    return covariates


def predicted(capsys, fitted: Path, frame: pd.DataFrame, tmp_path: Path, *more: str, code: int = 0) -> Any:
    path = tmp_path / "patients.csv"
    frame.to_csv(path, index=False)
    return done(capsys, "predict", "--model", str(fitted), "--input", str(path), *more, code=code)


def test_a_fold_predicts_what_its_cell_predicts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``fit --split`` on a fold, then ``predict`` in a fresh process: the bits that ``run`` stores of that fold."""
    model = tmp_path / "model"
    given = ["--method", "random_survival_forest", "--dataset", "whas500", "--set", "trees=5"]
    done(capsys, "fit", *given, "--split", "stratified", "--fold", "2", "--seed", "3", "--model", str(model))
    request = Request(
        methods="random_survival_forest", datasets="whas500", only_folds=[2], seed=3, settings=["trees=5"]
    )
    (planned,) = make_plan(request).cells
    (tmp_path / "work").mkdir()
    fold = prepare_fold(planned.cell, tmp_path / "work")
    with limited_threads(1):
        own = fit_and_predict(fold.method, fold.cohort, fold.split, fold.protocol.times, fold.context)
    prediction = own.predictions["test"]
    output = tmp_path / "said.csv"
    command = [sys.executable, "-m", "benchmarks", "predict", "--model", str(model), "--input", "whas500"]
    ran = subprocess.run([*command, "--output", str(output)], capture_output=True, text=True, timeout=240)
    assert ran.returncode == 0, ran.stderr
    found = {row["patient"]: row for row in rows_of(output.read_text())}
    ids = fold.cohort.patients.ids[fold.split.test].tolist()
    assert [float(found[one]["risk"]) for one in ids] == prediction.risk.tolist()
    assert prediction.survival is not None
    names = [f"survival@{time!r}" for time in prediction.times.tolist()]
    assert [[float(found[one][name]) for name in names] for one in ids] == prediction.survival.tolist()


NO_NETWORK = """
import socket, sys
def refuse(*_, **__):
    raise RuntimeError("something was to be fetched")
socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = refuse
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
from benchmarks.commandline.app import main
main(sys.argv[1:])
"""


def test_nothing_is_fetched_in_a_prediction(fitted: Path, frame, tmp_path: Path, command_line) -> None:
    """A language model that was trained from scratch is there, too: its tokenizer and weights are in the folder."""
    model = tmp_path / "writes"
    given = ["--method", "cox_text_generation", "--dataset", "whas500", "--model", str(model)]
    small = {"hidden": 16, "layers": 1, "heads": 2, "steps": 4, "evaluate_every": 2, "aug_rows": 0}
    settings = [part for key, value in small.items() for part in ("--set", f"{key}={value}")]
    ran = command_line("fit", *given, *settings)
    assert ran.returncode == 0, ran.stderr
    path = tmp_path / "patients.csv"
    frame.head(3).to_csv(path, index=False)
    for folder in (fitted, model):
        arguments = ["predict", "--model", str(folder), "--input", str(path), "--json"]
        asked = [sys.executable, "-c", NO_NETWORK, *arguments]
        said = subprocess.run(asked, capture_output=True, text=True, timeout=240)
        assert said.returncode == 0, said.stderr
        patients = json.loads(said.stdout)["patients"]
        assert [one["patient"] for one in patients] == ["P0", "P1", "P2"]
    assert all(isinstance(one["text"], str) for one in patients)


def test_curves_and_risks_are_given_at_the_times_asked_for(capsys, fitted, frame, tmp_path) -> None:
    text = predicted(capsys, fitted, frame, tmp_path, "--times", "365,30", "--horizons", "365,730").out
    rows = rows_of(text)
    assert list(rows[0]) == [
        "patient",
        "risk",
        "event_by@365.0",
        "event_by@730.0",
        "survival@30.0",
        "survival@365.0",
    ]
    assert len(rows) == 20
    for row in rows:
        assert float(row["event_by@365.0"]) == 1 - float(row["survival@365.0"])
    path = tmp_path / "said.json"
    predicted(capsys, fitted, frame, tmp_path, "--times", "365,30", "--output", str(path))
    said = json.loads(path.read_text())
    assert said["times"] == [30.0, 365.0]
    assert said["time_unit"] == "days"
    assert [one["survival"][1] for one in said["patients"]] == [float(row["survival@365.0"]) for row in rows]
    assert [one["risk"] for one in said["patients"]] == [float(row["risk"]) for row in rows]


def test_all_patients_are_cut_into_a_training_and_a_validation_part(capsys, fitted, tmp_path) -> None:
    cohort = load_dataset("whas500").cohort
    train, validation = whole_cohort_parts(cohort, seed=0)
    assert sorted([*train, *validation]) == list(range(500))
    assert len(validation) == 100
    assert json.loads((fitted / MODEL).read_text())["content"]["about"]["patients"] == 400
    model = tmp_path / "merged"
    given = ["--method", "cox_ph", "--dataset", "whas500", "--validation", "merge", "--model", str(model)]
    assert "all patients; 500 patients, 215 events" in done(capsys, "fit", *given).out


def test_columns_in_another_order_and_more_of_them_change_nothing(capsys, fitted, frame, tmp_path) -> None:
    plain = predicted(capsys, fitted, frame, tmp_path).out
    turned = frame[frame.columns[::-1]].assign(ward="north", note="x")
    captured = predicted(capsys, fitted, turned, tmp_path)
    assert captured.out == plain
    assert "clinical: 2 columns are not read by the model: " in captured.err


def test_levels_nobody_had_and_numbers_far_away_are_counted(capsys, fitted, frame, tmp_path) -> None:
    frame = frame.astype({"gender": object})
    frame.loc[:2, "gender"] = "9"
    captured = predicted(capsys, fitted, frame.assign(age=frame["age"] * 12), tmp_path)
    assert "gender: 3 patients have levels that no training patient had: '9'" in captured.err
    assert "age: 20 of 20 values are far from those of the training patients (98 % lie in" in captured.err
    assert "years); are they in the same unit?" in captured.err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="age"), "no column 'age'"),
        (lambda frame: frame.drop(columns="patient"), "it is the column of the identifiers; name it with --patient"),
        (lambda frame: frame.assign(age="old"), "'old'"),
        (lambda frame: frame.assign(patient="P1"), "stands in several rows"),
        (lambda frame: frame.iloc[:0], ""),
    ],
)
def test_a_table_that_does_not_fit_is_refused_in_one_line(capsys, fitted, frame, tmp_path, change, message) -> None:
    error = predicted(capsys, fitted, change(frame), tmp_path, code=2)
    assert "patients.csv" in error
    assert message in error


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--times", "x"], "--times x: expected numbers such as 365,730"),
        (["--times", "-1"], "time -1: the model predicts up to 2118 days"),
        (["--horizons", "99999"], "time 99999: the model predicts up to 2118 days"),
        (["--output", "x.txt"], "--output x.txt: a name that ends in .csv or .json"),
        (["--patient", "id"], "no column 'id'"),
    ],
)
def test_options_that_do_not_fit_are_refused(capsys, fitted, frame, tmp_path, more, message) -> None:
    assert message in predicted(capsys, fitted, frame, tmp_path, *more, code=2)


def test_a_cohort_file_needs_no_outcome(capsys, fitted, frame, tmp_path) -> None:
    plain = predicted(capsys, fitted, frame, tmp_path).out
    levels = [name for name in frame if frame[name].dtype.name == "category"]
    types = "\n".join(f'{name} = "categorical"' for name in levels)
    (tmp_path / "cohort.toml").write_text(
        f"""name = "today"
title = "Patients of today"
endpoint = "death"
time_unit = "days"
[table]
file = "patients.csv"
patient = "patient"
time = "days"
event = "dead"
[clinical.types]
{types}
"""
    )
    asked = ["predict", "--model", str(fitted), "--input", str(tmp_path / "cohort.toml")]
    assert done(capsys, *asked).out == plain


@pytest.fixture
def copied(fitted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fitted, tmp_path / "copied"))


def rewrite(folder: Path, **changes: Any) -> None:
    """Change what the card of a model says, under a checksum that holds."""
    content = json.loads((folder / MODEL).read_text())["content"] | changes
    (folder / MODEL).write_text(json.dumps({"content": content, "sha256": sha256_of_json(content)}))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / STATE).write_bytes((folder / STATE).read_bytes()[:-9]), "is damaged: its checksum"),
        (lambda folder: (folder / ARRAYS).write_bytes(b"x" * 50), "is damaged: its checksum does not match"),
        (lambda folder: (folder / ARRAYS).unlink(), "cannot be read: No such file"),
        (lambda folder: (folder / MODEL).unlink(), "has no model.json: it is no saved model"),
        (lambda folder: (folder / MODEL).write_text("["), "is damaged, or no model.json"),
        (lambda folder: rewrite(folder, format=0), "was saved in format 0, this is format 1: fit it again"),
        (lambda folder: rewrite(folder, code_sha256="0" * 64), "was saved by other code of cox_ph"),
        (lambda folder: rewrite(folder, libraries={"numpy": "1.0"}), "was saved with"),
        (lambda folder: rewrite(folder, method="cox_pg"), "is no method that is registered here"),
        (lambda folder: rewrite(folder, entry="os:system"), "not of methods.cox_ph.method:CoxPH"),
        (lambda folder: rewrite(folder, about={}), "does not say what its model reads"),
        (lambda folder: rewrite(folder, files={"../../etc": "0"}), "is damaged: its checksum does not match"),
    ],
)
def test_a_folder_of_another_version_or_damaged_is_refused(capsys, copied, frame, tmp_path, damage, message) -> None:
    damage(copied)
    error = predicted(capsys, copied, frame, tmp_path, code=2)
    assert message in error
    assert str(copied) in error


def test_a_forged_state_is_refused_in_one_line(capsys, copied, frame, tmp_path) -> None:
    """With checksums that hold: anybody can make those."""
    forged = json.dumps({"root": {"at": 0}, "objects": [{"kind": "instance", "class": "os:Popen", "attributes": {}}]})
    (copied / STATE).write_text(forged)
    files = json.loads((copied / MODEL).read_text())["content"]["files"]
    rewrite(copied, files=files | {STATE: hashlib.sha256(forged.encode()).hexdigest()})
    error = predicted(capsys, copied, frame, tmp_path, code=2)
    assert "holds no model of cox_ph: a class that no saved model may have: os:Popen" in error


def test_a_folder_with_something_in_it_is_not_written_to(capsys, copied) -> None:
    given = ["fit", "--method", "cox_ph", "--dataset", "whas500", "--model", str(copied)]
    assert "the folder is not empty" in done(capsys, *given, code=2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--method", "cox_ph,coxnet", "--dataset", "whas500"], "one method on one dataset"),
        (["--method", "abmil", "--dataset", "whas500"], "abmil cannot be fitted on whas500: needs"),
        (["--method", "cox_ph", "--dataset", "whas500", "--fold", "9"], "--fold 9"),
        (["--method", "cox_ph", "--dataset", "whas500", "--repeat", "1"], "--repeat 1: repeats are those of"),
    ],
)
def test_what_cannot_be_fitted_is_refused(capsys, tmp_path, given, message) -> None:
    assert message in done(capsys, "fit", *given, "--model", str(tmp_path / "m"), code=2)
    assert not (tmp_path / "m").exists()


def test_a_model_holds_no_pickle(fitted: Path) -> None:
    assert sorted(path.name for path in fitted.iterdir()) == [ARRAYS, MODEL, STATE]
    assert not any(b"\x80\x04" in path.read_bytes()[:4] for path in fitted.iterdir())
    assert np.isfinite(load_model(fitted).about["times"][-1])
