"""Boards, pages and exports name no patient, no path and no user, whatever stands in the results folder."""

import getpass
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from benchmarks.commandline.app import main
from benchmarks.passed_on import without_patients
from benchmarks.storage.store import RECORD, Store
from benchmarks.types.canonical import sha256_of_json
from leaderboards.figures.style import save

PATIENTS = [f"ward-{number:03d}x" for number in range(90)]
COHORT = """
name = "ward"
title = "Ward"
endpoint = "death"
time_unit = "months"
[table]
file = "patients.csv"
patient = "id"
time = "months"
event = "dead"
"""


def done(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    assert isinstance(exit_.value.code, int)
    return exit_.value.code


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with results of a ward, in which failures and settings tell of paths, a user and a patient."""
    folder = tmp_path_factory.mktemp("private") / "home" / "ada-l" / "ward"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    time, age = random.exponential(20, 90) + 0.1, random.normal(60, 9, 90)
    table = {"id": PATIENTS, "months": time.round(2), "dead": random.integers(0, 2, 90), "age": age.round(1)}
    pd.DataFrame(table).to_csv(folder / "patients.csv", index=False)
    (folder / "cohort.toml").write_text(COHORT)
    run = ["run", "--method", "kaplan_meier,cox_ph,coxnet", "--dataset", str(folder / "cohort.toml"), "--folds", "2"]
    assert done(*run, "--results", str(folder / "results")) == 0
    store = Store.open(folder / "results")
    for key in store:
        path = store.folder(key) / RECORD
        content = json.loads(path.read_text())["content"]
        if content["cell"]["method"] == "coxnet":
            content |= {
                "status": "failed",
                "cause": f"ValueError: patient 'ward-007x': no row in {folder}/patients.csv of {folder}",
                "warnings": {f"UserWarning: patients ward-003x and ward-004x are alike, see {folder}/log": 1},
            }
            path.write_text(json.dumps({"content": content, "sha256": sha256_of_json(content)}))
    return folder


@pytest.mark.parametrize("form", ["md", "html", "csv", "tex", "json", "parquet"])
def test_no_form_of_the_boards(folder: Path, tmp_path: Path, form: str) -> None:
    written = tmp_path / f"board.{form}"
    results = ("--results", str(folder / "results"), "--dataset", str(folder / "cohort.toml"))
    assert done("leaderboard", *results, "--format", form, "--output", str(written)) == 0
    text = pd.read_parquet(written).to_csv() if form == "parquet" else written.read_text()
    assert "coxnet" in text
    assert_nothing_private(text, folder)


def test_no_comparison(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = ("--results", str(folder / "results"), "--dataset", str(folder / "cohort.toml"))
    capsys.readouterr()
    assert done("compare", "cox_ph", "kaplan_meier", *results, "--json") == 0
    assert_nothing_private(capsys.readouterr().out, folder)


def test_no_published_board(folder: Path, tmp_path: Path) -> None:
    results = ("--results", str(folder / "results"), "--dataset", str(folder / "cohort.toml"))
    page = tmp_path / "page.md"
    assert done("leaderboard", *results, "--publish", str(tmp_path / "reference"), "--output", str(page)) == 0
    written = [path.read_text() for path in (page, *(tmp_path / "reference").rglob("*.json"))]
    assert len(written) > 1
    for text in written:
        assert "coxnet" in text
        assert_nothing_private(text, folder)


def test_no_figure(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    def save_and_read(figure: Figure, where: Path, name: str) -> list[Path]:
        paths = save(figure, where, name)
        written.extend(text.get_text() for text in figure.findobj(Text))
        written.extend(path.name for path in paths)
        # Beside its drawing a file has the text that programs keep in it: who made it, when and where.
        written.extend(path.read_bytes().decode("latin-1") for path in paths)
        return paths

    monkeypatch.setattr("leaderboards.figures.drawing.save", save_and_read)
    results = ("--results", str(folder / "results"), "--dataset", str(folder / "cohort.toml"))
    assert done("leaderboard", *results, "--figures", str(tmp_path / "figures")) == 0
    assert any("kaplan_meier" in text for text in written)
    for text in written:
        assert_nothing_private(text, folder)


def assert_nothing_private(text: str, folder: Path) -> None:
    assert [patient for patient in PATIENTS if patient in text] == []
    for private in (str(folder), str(folder.parent), "ada-l", f"/{getpass.getuser()}/"):
        assert private not in text


def test_the_page_names_every_file_of_a_results_folder(folder: Path, root: Path) -> None:
    page = (root / "docs" / "results_folder.md").read_text()
    names = {path.name for path in (folder / "results").rglob("*") if path.is_file()}
    assert {"cell.json", "predictions.npz", "scores.parquet", "log.txt"} <= names
    assert [name for name in sorted(names) if f"{name}`" not in page] == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("patient 'a b': is nan", "patient …: is nan"),
        ("patients '1' and '2' share all", "patients … share all"),
        ("/d/x.csv: patient TCGA-ZZ-1: bad", "…/x.csv: patient …: bad"),
        ("the patients of the test part", "the patients of the test part"),
        ("50 patients in 5 folds", "50 patients in 5 folds"),
        ("model=hf:/home/ada/models/bert@ab12", "model=hf:…/bert@ab12"),
    ],
)
def test_a_text_that_is_passed_on(text: str, left: str) -> None:
    assert without_patients(text) == left
