"""``models``: what is on this machine, and vectors of a dataset's texts, computed once."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from tiny_checkpoints import TEXTS, make_checkpoint

from benchmarks.commandline.app import main
from benchmarks.encoders.cache import CACHE
from benchmarks.encoders.model_folder import fetched_folder
from benchmarks.types import Cohort, Outcome, Patients, Table, Texts

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> str:
    """Make every dataset one of four patients, three of whom have a note."""
    modalities = {
        "clinical": Table(pd.DataFrame({"age": [50.0, 60.0, 70.0, 55.0]})),
        "text": Texts((*TEXTS[:3], "not there"), np.array([True, True, True, False])),
    }
    patients = Patients(np.array(["a", "b", "c", "d"]), modalities)
    cohort = Cohort(patients, Outcome(np.array([1.0, 2, 3, 4]), np.array([True, False, True, True])), "days")
    monkeypatch.setattr("benchmarks.commandline.data.app.load_named", lambda *_: (SimpleNamespace(cohort=cohort), {}))
    return "drawn"


def test_the_list_says_what_is_there_and_what_is_damaged(run: Run) -> None:
    folder = fetched_folder("minilm")
    folder.mkdir(parents=True)
    (folder / "checksums.json").write_text('{"files": {"config.json": "0"}}')

    code, out, _ = run("models", "list", "--json")

    states = {row["model"]: row["state"] for row in json.loads(out)}
    assert code == 0
    assert states["smollm2-135m"] == "not fetched"
    assert "config.json is missing" in states["minilm"]
    assert "minilm" in run("models", "list")[1]


def test_vectors_are_computed_once(run: Run, notes: str, tmp_path: Path) -> None:
    model = f"hf:{make_checkpoint(tmp_path / 'tiny-bert', 'encoder')}"

    first = run("models", "embed", model, "--dataset", notes, "--first", "2")
    second = run("models", "embed", model, "--dataset", notes)

    assert "2 texts computed" in first[1]
    assert "of 3 texts; 1 texts computed" in second[1]
    assert "0 texts computed" in run("models", "embed", model, "--dataset", notes)[1]


def test_a_dataset_without_such_texts_is_told(run: Run, notes: str, tmp_path: Path) -> None:
    model = f"hf:{make_checkpoint(tmp_path / 'tiny-bert', 'encoder')}"
    code, _, err = run("models", "embed", model, "--dataset", notes, "--modality", "letters")
    assert code == 2
    assert "has no texts 'letters'; its texts are: text" in err


def test_a_model_that_was_not_fetched_is_told_with_the_command(run: Run, notes: str) -> None:
    code, _, err = run("models", "embed", "minilm", "--dataset", notes)
    assert code == 2
    assert "python -m benchmarks models fetch minilm" in err


def test_an_unknown_name_is_told(run: Run) -> None:
    code, _, err = run("models", "fetch", "minlm")
    assert code == 2
    assert "did you mean minilm?" in err
