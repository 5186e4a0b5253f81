"""What is stored of a prediction is enough to score it by group: outcome, strata, and who has which modality."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.storage.predictions import PREDICTIONS, TEXTS, read_predictions, write_predictions
from benchmarks.types import Cohort, Matrix, Outcome, Patients, Prediction, Split, Table

PRESENT = np.array([True, False, True, True, False, True])


def stored(folder: Path, *modalities: str) -> None:
    frame = pd.DataFrame({"age": [50.0, 60.0, 70.0, 55.0, 65.0, 45.0]})
    rna = Matrix(np.zeros((6, 2)), ("a", "b"), PRESENT)
    patients = Patients(np.array([*"abcdef"]), {"clinical": Table(frame), "rna": rna})
    cohort = Cohort(patients, Outcome(np.arange(1.0, 7.0), np.ones(6, bool)), "days").only(*modalities)
    rows = [np.array(part) for part in ([0, 1, 2], [3], [4, 5])]
    split = Split(repeat=0, fold=0, train=rows[0], validation=rows[1], test=rows[2])
    predictions = {
        part: Prediction(np.zeros(len(getattr(split, part))), np.array([1.0])) for part in ("test", "validation")
    }
    with (folder / PREDICTIONS).open("wb") as file, (folder / TEXTS).open("wb") as texts:
        write_predictions(file, texts, cohort, split, predictions)


def test_who_has_which_modality_is_read_as_it_was_written(tmp_path: Path) -> None:
    stored(tmp_path, "clinical", "rna")
    parts = read_predictions(tmp_path).parts
    assert {name: {m: p.tolist() for m, p in part.present.items()} for name, part in parts.items()} == {
        "test": {"clinical": [True, True], "rna": [False, True]},
        "validation": {"clinical": [True], "rna": [True]},
    }


def test_a_method_that_was_shown_nothing_has_no_presence_to_tell(tmp_path: Path) -> None:
    stored(tmp_path)
    assert read_predictions(tmp_path).parts["test"].present == {}


def test_a_file_that_does_not_tell_is_read_without_presence(tmp_path: Path) -> None:
    stored(tmp_path, "clinical", "rna")
    with np.load(tmp_path / PREDICTIONS) as arrays:
        kept = {name: arrays[name] for name in arrays if not name.endswith((".present", ".modalities"))}
    np.savez(tmp_path / PREDICTIONS, **kept)
    part = read_predictions(tmp_path).parts["test"]
    assert part.present is None
    assert part.ids.tolist() == ["e", "f"]
