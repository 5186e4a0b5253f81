"""Tables are read however spreadsheets and registries write them, and rows keep the numbers they have there."""

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hospital import PATIENTS, Hospital

HEADER, *ROWS = PATIENTS.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("patients.csv", b"\xef\xbb\xbf" + PATIENTS.encode()),
        ("patients.csv", PATIENTS.encode("utf-16")),
        ("patients.csv", PATIENTS.replace("\n", "\r\n").encode()),
        ("patients.csv", PATIENTS.replace("\n", "\r").encode()),
        ("PATIENTS.CSV", PATIENTS.encode()),
        ("patients.tsv", PATIENTS.replace(",", "\t").encode()),
        ("patients.TSV.GZ", gzip.compress(PATIENTS.replace(",", "\t").encode())),
        ("patients.csv", gzip.compress(PATIENTS.encode())),
        ("patients.csv", b"sep=;\r\n" + PATIENTS.replace(",", ";").encode()),
        ("patients.csv", b"\xef\xbb\xbfSEP=;\n" + PATIENTS.replace(",", ";").encode()),
        ("patients.csv", b"#id\tmonths\n# of 2020, four patients\n\n" + PATIENTS.encode()),
        ("patients.csv", (PATIENTS + "# four patients\n\n").encode()),
        ("patients.csv", "".join([HEADER, ROWS[0], "#, a comment\n", *ROWS[1:]]).encode()),
        ("patients.csv", "".join([HEADER.strip(), ",,\n", *(f"{row.strip()},, \n" for row in ROWS)]).encode()),
        ("patients.csv", PATIENTS.replace(",", " , ").encode()),
        ("patients.csv", PATIENTS.replace(",,", ", NA ,").encode()),
    ],
)
def test_the_same_patients_are_read_from(hospital: Hospital, name: str, content: bytes) -> None:
    as_usual = hospital.load().sha256
    (hospital.folder / name).write_bytes(content)
    hospital.replace("cohort.toml", "patients.csv", name)
    assert hospital.load().sha256 == as_usual


def test_a_cohort_file_may_begin_with_a_byte_order_mark(hospital: Hospital) -> None:
    as_usual = hospital.load().sha256
    hospital.write("cohort.toml", (hospital.folder / "cohort.toml").read_text(), encoding="utf-8-sig")
    assert hospital.load().sha256 == as_usual


def test_rows_are_numbered_as_in_the_file_with_comments_and_empty_rows(hospital: Hospital) -> None:
    hospital.write("patients.csv", f"# two\n# comments\n{HEADER}{ROWS[0]}# another\n\n{ROWS[1].replace('3,', '-3,')}")
    assert "column 'months': 1 time ('-3') is negative, in row 7 (patient '008')" in hospital.refused()
    hospital.write("patients.csv", f"# one\n{HEADER}{ROWS[0]}{ROWS[1].strip()},x\n")
    assert "patients.csv: row 4: 8 cells, the header has 7" in hospital.refused()


def test_identifiers_may_begin_with_a_number_sign(hospital: Hospital) -> None:
    hospital.write("patients.csv", HEADER + "".join(f"#{row}" for row in ROWS))
    assert hospital.cohort().patients.ids.tolist() == ["#007", "#008", "#009", "#010"]


def test_a_row_that_may_be_a_patient_or_a_comment_is_refused(hospital: Hospital) -> None:
    hospital.write("patients.csv", f"{HEADER}{ROWS[0]}#{ROWS[1]}{ROWS[2]}")
    assert "patients.csv: row 3 begins with # and has all cells, others begin otherwise" in hospital.refused()


def test_a_column_called_number_sign_is_a_header(hospital: Hospital) -> None:
    hospital.write("patients.csv", f"#,{HEADER}" + "".join(f"{k},{row}" for k, row in enumerate(ROWS)))
    assert list(hospital.cohort().patients.table().frame) == ["#", "age", "sex", "grade"]


def test_numbers_that_mean_missing_do_so_however_they_are_written(hospital: Hospital) -> None:
    hospital.replace("patients.csv", "dead,61", "dead,-9.0")
    hospital.add("\n[format]\nmissing = [-9]\n")
    assert hospital.cohort().patients.table().frame["age"].isna().tolist() == [True, True, False, False]


def test_an_index_that_pandas_stored_is_a_column(hospital: Hospital) -> None:
    as_usual = hospital.load().sha256
    frame = pd.read_csv(hospital.folder / "patients.csv", dtype={"id": str}).set_index("id")
    frame.to_parquet(hospital.folder / "patients.parquet")
    hospital.replace("cohort.toml", "patients.csv", "patients.parquet")
    assert hospital.load().sha256 == as_usual


def test_a_parquet_file_keeps_types_that_a_table_can_hold(hospital: Hospital) -> None:
    as_usual = hospital.load().sha256
    frame = pd.read_csv(hospital.folder / "patients.csv", dtype={"id": str})
    frame["sex"] = frame["sex"].astype("category")
    table = pa.Table.from_pandas(frame)
    months = table.column("months").cast(pa.decimal128(10, 3))
    pq.write_table(table.set_column(1, "months", months), hospital.folder / "patients.PARQUET")
    hospital.replace("cohort.toml", "patients.csv", "patients.PARQUET")
    assert hospital.load().sha256 == as_usual


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([[1.0], [2.0], [3.0], []], "column 'age' holds list<element: double> values; a table holds numbers and words"),
        ([b"a", b"b", b"c", b"d"], "column 'age' holds binary values"),
        ([{"a": 1}] * 4, "column 'age' holds struct<a: int64> values"),
    ],
)
def test_a_parquet_column_of_no_single_values_is_refused(hospital: Hospital, values: object, message: str) -> None:
    frame = pd.read_csv(hospital.folder / "patients.csv", dtype={"id": str})
    frame["age"] = values
    frame.to_parquet(hospital.folder / "patients.parquet")
    hospital.replace("cohort.toml", "patients.csv", "patients.parquet")
    assert message in hospital.refused()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 and so on", "patients.csv: is an Excel workbook; save it as CSV"),
        (b"PAR1 and so on", "patients.csv: is a Parquet file; its name must end in .parquet"),
        (b"id,months\n\0\0", "patients.csv: is no text: it holds zero bytes"),
        (b"\x1f\x8b and so on", "patients.csv: cannot be read as a table: "),
        (b"id;months\n1;2\n", "only one column is found; is it separated by ';'? say so under [format]"),
        (b"id\tmonths\n1\t2\n", "only one column is found; is it separated by '\\t'?"),
        (b",,months\n1,2,3\n", "patients.csv: columns 1, 2 have no name; name them in the header"),
        (b'id,months\n1,"2\n', "patients.csv: cannot be read as a table: Error tokenizing data. C error: EOF inside"),
    ],
)
def test_what_is_no_table_is_told(hospital: Hospital, content: bytes, message: str) -> None:
    (hospital.folder / "patients.csv").write_bytes(content)
    assert message in hospital.refused()


def test_a_separator_that_the_file_and_the_cohort_file_say_differently_is_told(hospital: Hospital) -> None:
    hospital.write("patients.csv", "sep=;\n" + PATIENTS.replace(",", ";"))
    hospital.add('\n[format]\nseparator = "|"\n')
    assert "patients.csv: its first line says sep=;, [format] says separator = '|'" in hospital.refused()


def test_a_name_of_a_file_that_none_can_have_is_told(hospital: Hospital) -> None:
    hospital.replace("cohort.toml", '"patients.csv"', f'"{"x" * 300}.csv"')
    assert "is no name of a file: " in hospital.refused()


def test_a_broken_parquet_file_is_told(hospital: Hospital, tmp_path: Path) -> None:
    (tmp_path / "patients.parquet").write_bytes(b"PAR1 and so on")
    hospital.replace("cohort.toml", "patients.csv", "patients.parquet")
    assert "patients.parquet: cannot be read as a table: " in hospital.refused()
