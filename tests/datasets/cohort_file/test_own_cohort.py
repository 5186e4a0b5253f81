"""A hospital describes its cohort in a TOML file; what does not fit is told by file, row and column."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest

from benchmarks.catalog import registry
from benchmarks.catalog.cards import DatasetCard
from benchmarks.catalog.loading import LoadedDataset, load_dataset
from benchmarks.errors import UsageError
from benchmarks.types import Cohort

PATIENTS = """id,months,status,age,sex,grade,note
007,12.5,dead,61,f,II,a
008,3,alive,,m,I,b
009,40,dead,55,f,III,c
010,7.25,alive,70,m,,d
"""

COHORT = """
name = "ward-7"
title = "Ward 7"
endpoint = "death"
time_unit = "months"

[table]
file = "patients.csv"
patient = "id"
time = "months"
event = "status"
event_values = ["dead"]
censored_values = ["alive"]

[clinical]
leave_out = ["note"]
types = { grade = ["I", "II", "III"] }
"""


class Hospital:
    """A folder with a cohort file and its data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("patients.csv", PATIENTS)
        self.write("cohort.toml", COHORT)

    def write(self, name: str, text: str, encoding: str = "utf-8") -> None:
        (self.folder / name).write_text(text, encoding=encoding)

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def add(self, text: str) -> None:
        self.write("cohort.toml", (self.folder / "cohort.toml").read_text() + text)

    def register(self) -> str:
        return registry.register_cohort_file(self.folder / "cohort.toml")

    def load(self) -> LoadedDataset:
        return load_dataset(self.register())

    def cohort(self) -> Cohort:
        return self.load().cohort

    def card(self) -> DatasetCard:
        return registry.dataset_card(self.register())

    def refused(self) -> str:
        with pytest.raises(UsageError) as caught:
            self.load()
        message = str(caught.value)
        assert "\n" not in message
        return message


@pytest.fixture
def hospital(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hospital]:
    monkeypatch.setenv(registry.COHORT_FILES, "")
    registry.dataset_cards.cache_clear()
    yield Hospital(tmp_path)
    registry.dataset_cards.cache_clear()


def test_the_table_becomes_a_cohort(hospital: Hospital) -> None:
    cohort = hospital.cohort()
    assert cohort.patients.ids.tolist() == ["007", "008", "009", "010"]
    assert cohort.outcome.time.tolist() == [12.5, 3.0, 40.0, 7.25]
    assert cohort.outcome.event.tolist() == [True, False, True, False]
    assert cohort.time_unit == "months"
    frame = cohort.patients.table().frame
    assert list(frame) == ["age", "sex", "grade"]
    assert frame["age"].isna().tolist() == [False, True, False, False]
    assert frame["sex"].cat.categories.tolist() == ["f", "m"]
    assert frame["grade"].cat.ordered
    assert frame["grade"].cat.codes.tolist() == [1, 0, 2, -1]


def test_the_card_says_what_the_file_says(hospital: Hospital) -> None:
    card = hospital.card()
    assert (card.name, card.title, card.endpoint, card.modalities) == ("ward-7", "Ward 7", "death", ("clinical",))
    assert card.options == {}


def test_a_parquet_table_gives_the_same_cohort(hospital: Hospital) -> None:
    of_csv = hospital.load().sha256
    frame = pd.read_csv(hospital.folder / "patients.csv", dtype={"id": str})
    frame.to_parquet(hospital.folder / "patients.parquet")
    hospital.replace("cohort.toml", "patients.csv", "patients.parquet")
    assert hospital.load().sha256 == of_csv


def test_german_spreadsheets_are_read(hospital: Hospital) -> None:
    of_csv = hospital.load().sha256
    text = PATIENTS.replace(",", ";").replace("12.5", "12,5").replace("7.25", "7,25")
    hospital.write("patients.csv", text.replace(";a\n", ";Größe\n"), encoding="latin-1")
    assert "is not written in utf-8-sig; say how under [format]" in hospital.refused()
    hospital.add('\n[format]\nseparator = ";"\ndecimal = ","\nencoding = "latin-1"\n')
    assert hospital.load().sha256 == of_csv


def test_numbers_may_stand_for_the_event_however_they_are_written(hospital: Hospital) -> None:
    hospital.write("patients.csv", PATIENTS.replace("dead", "1.0").replace("alive", "0"))
    hospital.replace("cohort.toml", 'event_values = ["dead"]', "event_values = [1]")
    hospital.replace("cohort.toml", 'censored_values = ["alive"]', "censored_values = [0]")
    assert hospital.cohort().outcome.event.tolist() == [True, False, True, False]


def test_columns_can_be_named_instead_of_left_out(hospital: Hospital) -> None:
    hospital.replace("cohort.toml", 'leave_out = ["note"]\n', 'columns = ["age", "grade"]\n')
    assert list(hospital.cohort().patients.table().frame) == ["age", "grade"]


def test_folds_and_strata(hospital: Hospital) -> None:
    rows = PATIENTS.splitlines()
    with_folds = [f"{rows[0]},fold,site"] + [
        f"{row},{fold},{site}" for row, fold, site in zip(rows[1:], ["1", "2", "", "1"], "xxyy", strict=True)
    ]
    hospital.write("patients.csv", "\n".join(with_folds))
    hospital.replace("cohort.toml", 'event = "status"', 'event = "status"\nfolds = "fold"\nstrata = "site"')
    cohort = hospital.cohort()
    assert cohort.published_fold is not None
    assert cohort.published_fold.tolist() == [0, 1, -1, 0]
    assert cohort.strata is not None
    assert cohort.strata.tolist() == ["x", "x", "y", "y"]
    assert "fold" not in cohort.patients.table().frame


def test_modalities_are_joined_by_patient_and_missing_ones_are_masked(hospital: Hospital) -> None:
    hospital.write("rna.csv", "id,TP53,EGFR\n009,1.5,\n007,2,3\n")
    hospital.write("reports.csv", "case,report\n010,A tumour.\n008,Another one.\n")
    hospital.write("blood.csv", "id,crp,group\n007,4,0+\n")
    (hospital.folder / "slides").mkdir()
    for name, patches in (("007_1.npy", 3), ("007_2.npy", 2), ("010.npy", 4)):
        np.save(hospital.folder / "slides" / name, np.ones((patches, 8), dtype=np.float32))
    hospital.add(
        """
[modalities.rna]
kind = "matrix"
file = "rna.csv"

[modalities.text]
kind = "text"
file = "reports.csv"
patient = "case"
column = "report"

[modalities.blood]
kind = "table"
file = "blood.csv"
types = { group = "categorical" }

[modalities.wsi]
kind = "bags"
folder = "slides"
"""
    )
    patients = hospital.cohort().patients
    rna = patients.matrix("rna")
    assert rna.names == ("TP53", "EGFR")
    assert rna.present.tolist() == [True, False, True, False]
    assert rna.values[0].tolist() == [2.0, 3.0]
    assert rna.values[2, 0] == 1.5
    assert np.isnan(rna.values[2, 1])
    assert np.isnan(rna.values[1]).all()
    assert patients.texts().texts == ("", "Another one.", "", "A tumour.")
    assert patients.table("blood").present.tolist() == [True, False, False, False]
    assert patients.table("blood").frame["crp"].tolist()[0] == 4.0
    assert patients.bags("wsi").present.tolist() == [True, False, False, True]
    assert patients.bags("wsi")[0].shape == (5, 8)


def test_slides_may_be_listed(hospital: Hospital) -> None:
    (hospital.folder / "slides").mkdir()
    np.save(hospital.folder / "slides" / "scan-a.npy", np.ones((3, 8), dtype=np.float32))
    hospital.write("slides.csv", "id,file\n009,scan-a.npy\n")
    hospital.add('\n[modalities.wsi]\nkind = "bags"\nfolder = "slides"\nslides = "slides.csv"\n')
    assert hospital.cohort().patients.bags("wsi").present.tolist() == [False, False, True, False]
    hospital.write("slides.csv", "id,file\n009,scan-b.npy\n")
    assert "slides.csv: row 2, column 'file': no such file in slides: 'scan-b.npy'" in hospital.refused()


def test_a_slide_of_two_possible_patients_is_refused(hospital: Hospital) -> None:
    hospital.write("patients.csv", PATIENTS.replace("008,", "007_1,"))
    (hospital.folder / "slides").mkdir()
    np.save(hospital.folder / "slides" / "007_1_2.npy", np.ones((3, 8), dtype=np.float32))
    hospital.add('\n[modalities.wsi]\nkind = "bags"\nfolder = "slides"\n')
    assert "slides/007_1_2.npy: may belong to patient '007' or '007_1'" in hospital.refused()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("008,", "007,", "patients.csv: row 3, column 'id': patient '007' stands in row 2 already"),
        ("008,3", ",3", "patients.csv: row 3, column 'id': the value is missing"),
        ("40,dead", ",dead", "patients.csv: row 4, column 'months': the value is missing"),
        ("61,f,II,a", "61,f,II,a,b", "patients.csv: row 2 has more cells than the header"),
        ("55,f,III,c", "55,f,III,c,d", "Expected 7 fields in line 4, saw 8"),
        (PATIENTS, "", "patients.csv: cannot be read as a table: No columns to parse"),
        (PATIENTS[PATIENTS.index("007") :], "", "patients.csv: holds no patient"),
        ("40,dead", "-4,dead", "patients.csv: row 4, column 'months': the time is -4, it must be greater than 0"),
        ("40,dead", "0,dead", "row 4, column 'months': the time is 0"),
        ("40,dead", "forty,dead", "row 4, column 'months': 'forty' is not a number"),
        ("40,dead", "inf,dead", "row 4, column 'months': 'inf' is not a number"),
        (
            "40,dead",
            "40,lost",
            "row 4, column 'status': 'lost' is neither in event_values (dead) nor in censored_values (alive)",
        ),
        ("55,f", "unknown,f", "row 4, column 'age': 'unknown' is not a number, as 2 others are"),
        ("f,III", "f,IV", "row 4, column 'grade': 'IV' is none of the levels I < II < III"),
        ("age,sex", "age,age", "patients.csv: row 1: the column name 'age' stands twice"),
        ("id,months", "id,month", "patients.csv: no column 'months'; did you mean month?"),
        ("\n008,3,alive", "\n\n008,-1,alive", "row 4, column 'months': the time is -1"),
    ],
)
def test_a_wrong_value_is_told_by_file_row_and_column(hospital: Hospital, old: str, new: str, message: str) -> None:
    hospital.replace("patients.csv", old, new)
    assert message in hospital.refused()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Ward 7"', "", "the key 'title' is missing"),
        ('title = "Ward 7"', 'titel = "Ward 7"', "unknown key 'titel'; did you mean title"),
        (
            'time_unit = "months"',
            'time_unit = "months"\nhorizont = 60',
            "unknown key 'horizont'; did you mean horizon",
        ),
        ('time = "months"', 'tme = "months"', "[table]: unknown key 'tme'; did you mean time"),
        ('event = "status"', 'event = "status"\nstratum = "x"', "[table]: unknown key 'stratum'; did you mean strata"),
        ('time_unit = "months"', 'time_unit = "weeks"', "time_unit = 'weeks': input should be 'days', 'months' or 'y"),
        ('name = "ward-7"', 'name = "ward 7"', "name = 'ward 7': letters, digits, - and _ only"),
        ('name = "ward-7"', 'name = "gbsg2"', "two datasets are called 'gbsg2'"),
        ('file = "patients.csv"', 'file = "patient.csv"', "patient.csv: no such file in"),
        ('file = "patients.csv"', 'file = "patients.xlsx"', "patients.xlsx: tables are .csv"),
        ('leave_out = ["note"]', 'leave_out = ["notes"]', "patients.csv: no column 'notes'; did you mean note"),
        ('leave_out = ["note"]', 'columns = ["months"]', "'months' cannot be a covariate"),
        ('types = { grade = ["I", "II", "III"] }', 'types = { stage = "numeric" }', "a type is given for 'stage'"),
        ('censored_values = ["alive"]', 'censored_values = ["dead", "alive"]', "'dead' is in event_values and in"),
        ("[table]", "[table", "not valid TOML"),
    ],
)
def test_a_wrong_key_is_told_with_a_hint(hospital: Hospital, old: str, new: str, message: str) -> None:
    hospital.replace("cohort.toml", old, new)
    assert message in hospital.refused()


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ('kind = "matrix"\nfile = "rna.csv"', "rna.csv: row 3, column 'TP53': 'high' is not a number"),
        ('kind = "matrix"\nfile = "doubled.csv"', "doubled.csv: row 3, column 'id': patient '007' stands in row 2"),
        ('kind = "matrix"\nfile = "strange.csv"', "strange.csv: row 2, column 'id': patient '99' is not in the table"),
        ('kind = "matrix"\nfile = "none.csv"', "none.csv: no such file"),
        ('kind = "matrix"\nfile = "rna.csv"\npatient = "case"', "rna.csv: no column 'case'"),
        ('kind = "text"\nfile = "rna.csv"', "[modalities.x]: the key 'column' is missing"),
        ('kind = "video"\nfile = "rna.csv"', "[modalities.x]: kind = 'video': it must be table, matrix, text or"),
        ('file = "rna.csv"', "[modalities.x]: the key 'kind' is missing: table, matrix, text or bags"),
        ('kind = "bags"\nfolder = "slides"', "slides: no such folder"),
        (
            'kind = "bags"\nfolder = "s"\ncolour = 1',
            "[modalities.x]: unknown key 'colour'; did you mean column or folder?",
        ),
    ],
)
def test_a_wrong_modality_is_told(hospital: Hospital, part: str, message: str) -> None:
    hospital.write("rna.csv", "id,TP53\n007,1\n008,high\n")
    hospital.write("doubled.csv", "id,TP53\n007,1\n007,2\n")
    hospital.write("strange.csv", "id,TP53\n99,1\n")
    hospital.add(f"\n[modalities.x]\n{part}\n")
    assert message in hospital.refused()


def test_a_column_of_names_is_not_taken_for_a_covariate(hospital: Hospital) -> None:
    rows = [f"{k:03d},{k + 1},{'dead' if k % 2 else 'alive'},60,f,I,patient {k}" for k in range(30)]
    hospital.write("patients.csv", "\n".join([PATIENTS.splitlines()[0], *rows]))
    hospital.replace("cohort.toml", 'leave_out = ["note"]\n', "")
    assert "column 'note' has 30 different words, which looks like a name" in hospital.refused()


def test_the_stated_size_is_checked(hospital: Hospital) -> None:
    hospital.replace("cohort.toml", 'time_unit = "months"', 'time_unit = "months"\nn = 5\nevents = 2')
    assert "loaded 4 patients with 2 events, the card says 5 with 2" in hospital.refused()


def test_a_missing_cohort_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"`python -m benchmarks data init FILE.csv` drafts one"):
        registry.register_cohort_file(tmp_path / "cohort.toml")


def test_it_runs_in_processes_and_resumes_from_another_folder(
    command_line: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    rows = [
        f"P{k:02d},{rng.exponential(20):.2f}1,{'dead' if k % 2 else 'alive'},{rng.integers(40, 80)},f,I,n"
        for k in range(60)
    ]
    results = tmp_path / "results"
    for place in ("here", "elsewhere"):
        (tmp_path / place).mkdir()
        Hospital(tmp_path / place).write("patients.csv", "\n".join([PATIENTS.splitlines()[0], *rows]))
    run = ["run", "--method", "kaplan_meier", "--folds", "2", "--results", str(results), "--json", "--dataset"]
    done = command_line(*run, str(tmp_path / "here" / "cohort.toml"))
    assert done.returncode == 0, done.stderr
    assert {cell["status"] for cell in json.loads(done.stdout)["cells"].values()} == {"ok"}
    planned = command_line(*run, str(tmp_path / "elsewhere" / "cohort.toml"), "--dry-run")
    assert [cell["state"] for cell in json.loads(planned.stdout)["cells"]] == ["stored", "stored"]
    assert len(list((results / "cells").iterdir())) == 2
    for stored in results.rglob("*.json"):
        assert str(tmp_path) not in stored.read_text(), f"{stored.name} holds a path"
