"""How the clinical table of TCGA is read. The rows are written here."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from benchmarks.datasets.readers.gene_sets import gene_sets
from benchmarks.datasets.tcga.clinical import clinical_table
from benchmarks.datasets.tcga.survival import BASELINE

from benchmarks.errors import UsageError


def _table(column: str, values: list[str], **others: list[str]) -> pd.DataFrame:
    n = len(values)
    blank = dict.fromkeys(BASELINE, [""] * n)
    named = {"patient_id": [f"patient {row}" for row in range(n)], "cancer": ["BLCA"] * n}
    return clinical_table(pd.DataFrame({**named, **blank, column: values, **others}), Path("folder"))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("Stage 0", 0.0),
        ("Stage I", 1.0),
        ("Stage IA", 1.0),
        ("Stage IB1", 1 + 1 / 3),
        ("Stage IB2", 1.5),
        ("Stage IIB", 2 + 1 / 3),
        ("Stage IIC", 2 + 2 / 3),
        ("Stage III", 3.0),
        ("Stage IVC", 4 + 2 / 3),
        ("IIa", 2.0),
        ("IVb", 4 + 1 / 3),
        ("IS", 1.0),
        ("Stage X", np.nan),
        ("I/II NOS", np.nan),
        ("[Discrepancy]", np.nan),
        ("", np.nan),
    ],
)
def test_a_stage_is_a_number_in_its_order(value: str, number: float) -> None:
    stage = _table("ajcc_pathologic_tumor_stage", [value, "Stage IIIB", "Stage IIIA"])["stage"]
    np.testing.assert_allclose(stage, [number, 3 + 1 / 3, 3.0])


def test_the_clinical_stage_stands_in_where_no_pathologic_one_is_known() -> None:
    stage = _table(
        "ajcc_pathologic_tumor_stage", ["Stage I", "[Not Available]", ""], clinical_stage=["Stage IV", "Stage II", ""]
    )["stage"]
    np.testing.assert_array_equal(stage, [1.0, 2.0, np.nan])


def test_grades_of_both_systems_are_numbers() -> None:
    grade = _table("histological_grade", ["G1", "G4", "Low Grade", "High Grade", "GX", "GB", "[Unknown]"])["grade"]
    np.testing.assert_array_equal(grade, [1, 4, 1, 3, np.nan, np.nan, np.nan])


def test_a_glioblastoma_is_of_grade_four_and_other_types_without_grade_have_none() -> None:
    grade = _table("histological_grade", ["[Not Available]", "", "G2"], cancer=["GBM", "BLCA", "LGG"])["grade"]
    np.testing.assert_array_equal(grade, [4.0, np.nan, 2.0])


def test_margin_residual_tumour_and_menopause_keep_their_order() -> None:
    table = _table(
        "margin_status",
        ["Negative", "Close", "Positive", ""],
        residual_tumor=["R0", "R1", "R2", "RX"],
        menopause_status=["Pre (<6 months)", "Peri (6-12 months)", "Post (prior)", "Indeterminate (neither)"],
    )
    for column in ("margin", "residual_tumor", "menopause"):
        np.testing.assert_array_equal(table[column], [0, 1, 2, np.nan])


def test_a_mixed_histology_is_the_same_in_any_order_of_its_parts() -> None:
    histology = _table("histological_type", ["Spindle|Epithelioid", "Epithelioid|Spindle", "Spindle", ""])["histology"]
    assert histology[0] == histology[1] == "Epithelioid + Spindle"
    assert histology.isna().tolist() == [False, False, False, True]


def test_age_and_sex_are_read_and_missing_ones_stay_missing() -> None:
    table = _table("age_at_initial_pathologic_diagnosis", ["61", "", "45"], gender=["MALE", "FEMALE", "[Unknown]"])
    np.testing.assert_array_equal(table["age"], [61, np.nan, 45])
    assert table["sex"][:2].tolist() == ["male", "female"]
    assert table["sex"].isna()[2]


def test_a_column_that_tells_nobody_apart_is_left_out() -> None:
    assert list(_table("gender", ["MALE", "MALE", ""], age_at_initial_pathologic_diagnosis=["50", "51", ""])) == ["age"]


@pytest.mark.parametrize("column", [name for name in BASELINE if name != "histological_type"])
def test_a_form_that_is_not_known_is_an_error_that_names_the_patient(column: str) -> None:
    with pytest.raises(UsageError, match=rf"patient patient 1: {column} is 'surprise', a form that is not known"):
        _table(column, ["", "surprise"])


def test_gene_sets_are_columns_of_symbols(tmp_path: Path) -> None:
    (tmp_path / "tcga").mkdir()
    path = tmp_path / "tcga" / "hallmark_pathways.csv"
    path.write_text("ONE,TWO\nAAA,BBB\nCCC,\n,BBB\n")
    assert gene_sets(tmp_path, "hallmark") == {"ONE": ("AAA", "CCC"), "TWO": ("BBB",)}
    for content, message in (
        ("ONE,TWO\nAAA,\n", "'TWO' has no gene"),
        ("A,A\nB,C\n", "'A' stands there twice"),
        ("", "empty"),
    ):
        path.write_text(content)
        with pytest.raises(UsageError, match=message):
            gene_sets(tmp_path, "hallmark")
    with pytest.raises(UsageError, match=r"gene_families\.csv is missing"):
        gene_sets(tmp_path, "families")
    with pytest.raises(UsageError, match="there are families, reactome, hallmark"):
        gene_sets(tmp_path, "mine")
