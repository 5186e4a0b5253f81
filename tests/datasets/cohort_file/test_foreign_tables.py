"""Tables and cohort files that somebody else made: one line, in seconds, whatever stands in them."""

import csv
import gzip
import json
import os
import time
import zlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.datasets.cohort_file import table_size
from hospital import COHORT, Hospital

MATRIX = '\n[modalities.rna]\nkind = "matrix"\nfile = "{file}"\n'


@pytest.fixture(autouse=True)
def _seconds():
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 60


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = " + "[" * 5000, "nested too deep"),
        ("n = " + "9" * 10_000, "cannot be read: Exceeds the limit"),
        ("a." * 3000 + "b = 1\n" + COHORT, "unknown key 'a'"),
        (COHORT.replace('"Ward 7"', f'"{"W" * 2**20}"'), "it is too long; 1,000 characters at most"),
        (COHORT.replace('"ward-7"', f'"{"w" * 2**20}"'), "letters, digits, - and _ only"),
        (COHORT + "#" * 2**23, "larger than 4.00 MiB"),
        (COHORT + '[format]\nencoding = "punycode"\n', "no table is written in it"),
        (COHORT + '[format]\nencoding = "rot13"\n', "is not a text encoding"),
        (COHORT + '[format]\nencoding = "klingon"\n', "unknown encoding"),
        (COHORT + f'[format]\nencoding = "{"u" * 2**20}"\n', "it must be the name of an encoding"),
        (COHORT + '[format]\nseparator = "\\u0000"\n', "patients.csv"),
        (COHORT + '[format]\nseparator = "\\u2028"\n', "patients.csv"),
        (COHORT.replace('["I", "II", "III"]', '["I", "II", "II", "III"]'), "a level stands twice"),
        (COHORT.replace('["I", "II", "III"]', f"[1, {'9' * 4000}]"), "grade"),
        (COHORT.replace('"patients.csv"', '"/dev/zero"'), "tables are .csv"),
        (COHORT.replace('"patients.csv"', '"a\\u0000b.csv"'), "no such file"),
    ],
)
def test_a_cohort_file(hospital: Hospital, text: str, problem: str) -> None:
    hospital.write("cohort.toml", text)
    told = hospital.refused()
    assert problem in told
    assert len(told) < 2000


def test_a_cohort_file_that_is_a_pipe(hospital: Hospital) -> None:
    (hospital.folder / "cohort.toml").unlink()
    os.mkfifo(hospital.folder / "cohort.toml")
    assert "named pipe" in hospital.refused()


@pytest.mark.parametrize("name", ["patients.csv", "patients.csv.gz", "patients.parquet"])
def test_a_table_that_is_a_pipe_or_a_folder(hospital: Hospital, name: str) -> None:
    hospital.replace("cohort.toml", "patients.csv", name)
    (hospital.folder / name).unlink(missing_ok=True)
    os.mkfifo(hospital.folder / name)
    assert name in hospital.refused()
    (hospital.folder / name).unlink()
    (hospital.folder / name).mkdir()
    assert name in hospital.refused()


@pytest.mark.parametrize("packed", [False, True])
def test_a_table_with_a_million_columns(hospital: Hospital, *, packed: bool) -> None:
    header = ",".join(["id", *(f"g{number}" for number in range(10**6))])
    text = f"{header}\n007{',1' * 10**6}\n".encode()
    name = "rna.csv.gz" if packed else "rna.csv"
    (hospital.folder / name).write_bytes(gzip.compress(text, 1) if packed else text)
    hospital.add(MATRIX.format(file=name))
    assert "1000001 columns, at most 500000 are read" in hospital.refused()


def test_covariates_of_many_columns_are_a_matrix(hospital: Hospital) -> None:
    names = [f"g{number}" for number in range(table_size.MOST_COVARIATES)]
    hospital.write("wide.csv", ",".join(["id", *names]) + f"\n007{',1' * len(names)}\n")
    hospital.add('\n[modalities.more]\nkind = "table"\nfile = "wide.csv"\n')
    assert 'are a modality of kind "matrix"' in hospital.refused()


def test_a_cell_of_many_megabytes(hospital: Hospital, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_size, "LONGEST_CELL", 2**20)
    hospital.replace("patients.csv", ",f,III,c", f",f,III,{'c' * (2**20 + 1)}")
    assert "row 4, column 'note': a text of 1048577 characters, at most 1048576 are read" in hospital.refused()
    hospital.write("patients.csv", '"' + "x" * 2**20 + '"' + ",a\n1,2\n")
    usual = csv.field_size_limit(2**17)  # a library may have raised it in this process
    try:
        assert "field larger than field limit" in hospital.refused()
    finally:
        csv.field_size_limit(usual)


@pytest.mark.parametrize("digits", ["9" * 10_000, "1e" + "9" * 400, "-" + "9" * 5000])
def test_numbers_of_ten_thousand_digits(hospital: Hospital, digits: str) -> None:
    hospital.replace("patients.csv", "12.5", digits)
    assert "column 'months'" in hospital.refused()
    hospital.write("rna.csv", f"id,tp53\n007,{digits}\n008,1\n")
    hospital.replace("patients.csv", digits, "12.5")
    hospital.add(MATRIX.format(file="rna.csv"))
    assert "rna.csv" in hospital.refused()


def test_a_packed_table_with_an_error_in_its_stream(hospital: Hospital) -> None:
    packed = bytearray(gzip.compress(b"id,tp53\n" + b"007,1\n" * 1000))
    packed[20:24] = b"\xff\xff\xff\xff"
    with pytest.raises((zlib.error, OSError, EOFError)):
        gzip.decompress(bytes(packed))
    (hospital.folder / "rna.csv.gz").write_bytes(packed)
    hospital.add(MATRIX.format(file="rna.csv.gz"))
    assert "rna.csv.gz: cannot be read as a table" in hospital.refused()


def test_levels_that_stand_twice_in_a_parquet_file_are_one(hospital: Hospital) -> None:
    levels = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0]), pa.array(["a", "a", "b"]), safe=False)
    table = pa.table({"id": ["007", "008", "009", "010"], "level": levels})
    pq.write_table(table, hospital.folder / "more.parquet")
    hospital.add('\n[modalities.more]\nkind = "table"\nfile = "more.parquet"\n')
    frame = hospital.cohort().patients.modalities["more"].frame
    assert frame["level"].tolist() == ["a", "a", "b", "a"]


@pytest.mark.parametrize(
    ("column", "refused"),
    [
        (pa.array([[1, 2], [3]]), True),
        (pa.array([{"x": 1}, {"x": 2}]), True),
        (pa.array([b"\xff", b"\xfe"]), True),
        (pa.array([1, 2], pa.duration("ns")), True),
        (pa.array(["a", "b"]), True),
        (pa.array([2**63, 1], pa.uint64()), False),
        (pa.array([1, 2], pa.decimal128(30, 2)), False),
    ],
)
def test_foreign_types_of_a_parquet_file(hospital: Hospital, column: pa.Array, *, refused: bool) -> None:
    pq.write_table(pa.table({"id": ["007", "008"], "x": column}), hospital.folder / "rna.parquet")
    hospital.add(MATRIX.format(file="rna.parquet"))
    if refused:
        assert "rna.parquet" in hospital.refused()
    else:
        assert np.isfinite(hospital.cohort().patients.modalities["rna"].values).any()


def test_names_that_are_no_text(hospital: Hospital) -> None:
    frame = pd.DataFrame([["007", 1.0]], columns=["id", json.dumps({"a": 1})])
    frame.to_parquet(hospital.folder / "rna.parquet")
    hospital.add(MATRIX.format(file="rna.parquet"))
    assert hospital.cohort().patients.modalities["rna"].names == ('{"a": 1}',)
