"""Patients are brought to what a model reads: by name, in its order; what cannot be is one line."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.errors import UsageError
from benchmarks.models.conforming import Notes, conform
from benchmarks.models.reads import about_of, reads_of
from benchmarks.types import Bags, Cohort, Described, Matrix, Outcome, Patients, Table, Texts

IDS = np.array(["a", "b", "c"])


def people(**modalities: object) -> Patients:
    frame = pd.DataFrame({"age": [50.0, 60.0, 70.0], "grade": pd.Categorical(["I", "II", "I"], ["II", "I"])})
    known = {
        "clinical": Table(frame, described={"age": Described("age", "years")}),
        "rna": Matrix(np.arange(6.0).reshape(3, 2), ("TP53", "EGFR")),
        "text": Texts(("one", "", "three")),
        "wsi": Bags([np.ones((2, 4), dtype=np.float32)] * 3, 4),
    }
    return Patients(IDS, {**known, **modalities})


@pytest.fixture
def reads() -> dict:
    return reads_of(Cohort(people(), Outcome(np.ones(3), np.ones(3)), "days"))


def test_columns_come_in_the_order_of_the_training(reads) -> None:
    frame = pd.DataFrame({"grade": ["I", "I", "II"], "ward": ["x", "y", "z"], "age": [1.0, 2.0, np.nan]})
    genes = Matrix(np.arange(9.0).reshape(3, 3), ("EGFR", "MYC", "TP53"))
    notes = Notes()
    found = conform(people(clinical=Table(frame), rna=genes), reads, "new", notes)
    assert list(found.table().frame) == ["age", "grade"]
    assert list(found.table().frame["grade"].cat.categories) == ["II", "I"]
    assert found.matrix("rna").values.tolist() == [[2.0, 0.0], [5.0, 3.0], [8.0, 6.0]]
    assert notes.lines[-1] == "clinical: 1 column is not read by the model: 'ward'"


def test_what_a_model_reads_is_kept_as_json(reads) -> None:
    about = {
        "config": {},
        "dataset": "x",
        "endpoint": "death",
        "time_unit": "days",
        "data_sha256": "",
        "fitted_on": "",
        "patients": 3,
        "events": 3,
        "seed": 0,
        "times": [0.0, 1.0],
        "modalities": {name: one.model_dump() for name, one in reads.items()},
    }
    assert about_of(about).modalities == reads


@pytest.mark.parametrize(
    ("modality", "held", "message"),
    [
        ("rna", Matrix(np.ones((3, 1)), ("TP53",)), "rna: the model reads column 'EGFR', not there"),
        ("rna", Texts(("a", "b", "c")), "rna is of kind texts, the model reads matrix"),
        ("wsi", Bags([np.ones((2, 5), dtype=np.float32)] * 3, 5), "vectors of wsi have 5 numbers, the model reads 4"),
        ("clinical", Table(pd.DataFrame({"age": [1.0, 2, 3]})), "clinical: the model reads column 'grade', not there"),
        (
            "clinical",
            Table(pd.DataFrame({"age": ["old"] * 3, "grade": ["I"] * 3})),
            "column 'age' must be numbers, as in training; it has 'old'",
        ),
        (
            "clinical",
            Table(
                pd.DataFrame({"age": [600.0] * 3, "grade": ["I"] * 3}), described={"age": Described("age", "months")}
            ),
            "column 'age' is in months, the model was fitted on years",
        ),
    ],
)
def test_what_does_not_fit_is_refused(reads, modality, held, message) -> None:
    with pytest.raises(UsageError, match=f"new: {message}"):
        conform(people(**{modality: held}), reads, "new", Notes())


def test_a_modality_that_is_not_there_is_refused(reads) -> None:
    with pytest.raises(UsageError, match="the model reads rna, which is not there"):
        conform(people().only("clinical", "text", "wsi"), reads, "new", Notes())


def test_numbers_and_levels_that_are_unusual_are_counted(reads) -> None:
    frame = pd.DataFrame({"age": [55.0, 660.0, np.nan], "grade": ["I", "IV", "V"]})
    notes = Notes()
    conform(people(clinical=Table(frame)), reads, "new", notes)
    assert notes.lines == [
        "age: 1 of 2 values are far from those of the training patients (98 % lie in 50.2 to 69.8 years); "
        "are they in the same unit?",
        "grade: 2 patients have levels that no training patient had: 'IV', 'V'",
    ]


def test_a_level_written_as_a_number_is_the_level(reads) -> None:
    frame = pd.DataFrame({"sex": pd.Categorical(["1", "2", "1"])})
    of_sex = reads_of(Cohort(people(clinical=Table(frame)).only("clinical"), Outcome(np.ones(3), np.ones(3)), "days"))
    numbers = Table(pd.DataFrame({"sex": [2.0, 1.0, np.nan]}))
    found = conform(Patients(IDS, {"clinical": numbers}), of_sex, "new", Notes()).table().frame["sex"]
    assert found.astype(object).tolist()[:2] == ["2", "1"]
    assert found.isna().tolist() == [False, False, True]
