"""Patients of today are read as a cohort file describes them, without their outcome."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.datasets.cohort_file.new_patients import patients_of_cohort_file, patients_of_table
from hospital import Hospital

from benchmarks.errors import UsageError

MODALITIES = """
[modalities.rna]
kind = "matrix"
file = "rna.csv"

[modalities.text]
kind = "text"
file = "reports.csv"
column = "report"

[modalities.facts]
kind = "facts"
of = "text"
"""


def without(text: str, *names: str) -> str:
    lines = [line.split(",") for line in text.strip().splitlines()]
    kept = [place for place, name in enumerate(lines[0]) if name not in names]
    return "".join(",".join(line[place] for place in kept) + "\n" for line in lines)


@pytest.fixture
def full(hospital: Hospital) -> Hospital:
    hospital.add(MODALITIES)
    hospital.write("rna.csv", "id,TP53,EGFR\n007,1.5,2\n009,0.5,\n")
    hospital.write("reports.csv", "id,report\n008,Tumour of 3 cm. Two of ten nodes positive.\n010,No tumour.\n")
    return hospital


def test_they_are_those_of_the_cohort_with_an_outcome(full: Hospital) -> None:
    cohort = full.cohort()
    full.write("patients.csv", without((full.folder / "patients.csv").read_text(), "months", "status"))
    found = patients_of_cohort_file(full.folder / "cohort.toml")
    assert found.ids.tolist() == cohort.patients.ids.tolist() == ["007", "008", "009", "010"]
    assert set(found.modalities) == set(cohort.patients.modalities)
    for name in ("clinical", "facts"):
        pd.testing.assert_frame_equal(found.table(name).frame, cohort.patients.table(name).frame)
    np.testing.assert_array_equal(found.matrix("rna").values, cohort.patients.matrix("rna").values)
    assert found.texts().texts == cohort.patients.texts().texts
    for name, modality in found.modalities.items():
        assert modality.present.tolist() == cohort.patients.modalities[name].present.tolist()


def test_one_patient_may_lack_a_value(hospital: Hospital) -> None:
    hospital.write("patients.csv", "id,age,sex,grade,note\n012,,f,,x\n")
    frame = patients_of_cohort_file(hospital.folder / "cohort.toml").table().frame
    assert list(frame) == ["age", "sex", "grade"]
    assert frame["age"].isna().all()
    assert frame["grade"].isna().all()


def test_a_level_that_is_not_described_and_a_column_that_is_not_there_are_told(hospital: Hospital) -> None:
    hospital.write("patients.csv", "id,age,sex,grade,note\n012,50,f,IV,x\n")
    with pytest.raises(UsageError, match=r"'IV'.*none of the levels I < II < III.*row 2 \(patient '012'\)"):
        patients_of_cohort_file(hospital.folder / "cohort.toml")
    hospital.write("patients.csv", "age,sex,grade,note\n50,f,I,x\n")
    with pytest.raises(UsageError, match="no column 'id'"):
        patients_of_cohort_file(hospital.folder / "cohort.toml")


def test_a_table_has_the_columns_asked_for_and_the_others_by_name(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("who,age,sex,ward\n1,50,f,3\n2,,m,4\n")
    patients = patients_of_table(tmp_path / "p.csv", "who", {"age": True, "sex": False})
    frame = patients.table().frame
    assert patients.ids.tolist() == ["1", "2"]
    assert list(frame) == ["age", "sex", "ward"]
    assert frame["age"].tolist()[0] == 50
    assert patients.table().categorical == ["sex", "ward"]
