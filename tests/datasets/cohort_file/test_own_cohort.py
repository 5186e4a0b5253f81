"""A hospital describes its cohort in a TOML file."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
from hospital import PATIENTS, Hospital


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


def test_facts_are_read_off_the_reports(hospital: Hospital) -> None:
    hospital.write("reports.csv", "case,report\n010,Tumor size: 2 cm. No perineural invasion.\n008,pT3 pN1\n")
    hospital.add(
        """
[modalities.text]
kind = "text"
file = "reports.csv"
patient = "case"
column = "report"

[modalities.facts]
kind = "facts"
of = "text"
"""
    )
    facts = hospital.cohort().patients.table("facts")
    assert facts.present.tolist() == [False, True, False, True]
    np.testing.assert_array_equal(facts.frame["pt"], [np.nan, 3.0, np.nan, np.nan])
    np.testing.assert_allclose(facts.frame["size"], [np.nan, np.nan, np.nan, np.log(2)], rtol=1e-6)
    assert facts.frame["perineural"][3] == -1
    assert hospital.card().modalities == ("clinical", "text", "facts")


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
    assert (
        "slides.csv: column 'file': 1 file ('scan-b.npy') is not in slides, in row 2 (patient '009')"
        in hospital.refused()
    )


def test_a_slide_of_two_possible_patients_is_refused(hospital: Hospital) -> None:
    hospital.write("patients.csv", PATIENTS.replace("008,", "007_1,"))
    (hospital.folder / "slides").mkdir()
    np.save(hospital.folder / "slides" / "007_1_2.npy", np.ones((3, 8), dtype=np.float32))
    hospital.add('\n[modalities.wsi]\nkind = "bags"\nfolder = "slides"\n')
    assert "slides/007_1_2.npy: may belong to patient '007' or '007_1'" in hospital.refused()


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


def test_columns_may_name_groups_to_leave_out_one_at_a_time(hospital: Hospital) -> None:
    hospital.replace("cohort.toml", 'event = "', 'groups = ["sex"]\nevent = "')
    hospital.write("patients.csv", PATIENTS)
    cohort = hospital.cohort()
    assert cohort.groups["sex"].tolist() == cohort.patients.table().frame["sex"].tolist()
    hospital.replace("cohort.toml", 'groups = ["sex"]', 'groups = ["ward"]')
    assert "ward" in hospital.refused()
