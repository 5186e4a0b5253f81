"""Read the gzipped tables of the TCGA folder; whatever is wrong with one is named by file and patient."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from benchmarks.errors import UsageError
from benchmarks.plain_file import read_plain, unpacked
from benchmarks.types import Float32Array, FloatArray

from ..readers.damaged_files import told_in_one_line

PATIENT = "patient_id"
BARCODE = re.compile(r"TCGA-[A-Z0-9]{2}-[A-Z0-9]{4}")

# A row, such as one of nine thousand columns, must fit in a block; the reader's usual one is 1 MiB.
_BLOCK_BYTES = 1 << 22
# Methylation arrays have the most columns of what is measured of a patient: 485,577.
MOST_COLUMNS = 500_000
# Characters of a value that a message shows.
_LONGEST_TOLD = 100
_LONGEST_NAME = 1000


@dataclass(frozen=True, slots=True, eq=False)
class MolecularTable:
    """Numbers of some patients: ids (n,), column names (g,), values (n, g) float32 with NaN for a missing one."""

    path: Path
    ids: tuple[str, ...]
    names: tuple[str, ...]
    values: Float32Array


def read_strings(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return some columns of a table as they stand, every value a string and a missing one empty.

    Raises
    ------
    UsageError
        If the file is damaged or a column is missing; it names them.
    """
    content = _content(path)
    _require_columns(path, _header(path, content), columns)
    options = arrow_csv.ConvertOptions(
        include_columns=list(columns),
        column_types=dict.fromkeys(columns, pa.string()),
        strings_can_be_null=False,
    )
    table = _parse(path, content, options)
    with told_in_one_line(str(path), "not a valid table"):
        frame: pd.DataFrame = table.to_pandas()
    return frame


def read_molecular(
    path: Path, known: Collection[str], wanted: Collection[str], *, strangers: bool = False
) -> MolecularTable:
    """Return some rows of a table of a patient column and numbers.

    The identifiers of all rows are checked, the values of the wanted ones alone are parsed: of a table of ten thousand
    patients a cohort costs what its own rows cost.

    Parameters
    ----------
    path : Path
        The file.
    known : collection of str
        Every patient there is.
    wanted : collection of str
        The patients whose rows are returned, where the table has them.
    strangers : bool
        Whether the table may have patients who are not known, as tables made of all samples do. They are left out;
        their identifiers must be barcodes all the same.

    Raises
    ------
    UsageError
        If the file is damaged, a patient stands there twice or is unknown, a value is no finite number, a row has no
        value at all, or two patients have the same row; it names file and patient.
    """
    content = _content(path)
    header = _header(path, content)
    _require_columns(path, header, [PATIENT])
    everyone, content = _rows_of(content, header.index(PATIENT), wanted)
    require_unique(path, everyone)
    if strangers:
        require_barcodes(path, everyone)
    else:
        require_known(path, everyone, known)
    names = tuple(name for name in header if name != PATIENT)
    options = arrow_csv.ConvertOptions(
        column_types={PATIENT: pa.string(), **dict.fromkeys(names, pa.float32())},
    )
    try:
        table = _parse(path, content, options)
    except UsageError:
        raise _not_a_number(path, content, names) from None
    with told_in_one_line(str(path), "not a valid table"):
        ids = tuple(table.column(PATIENT).to_pylist())
        values = np.empty((len(ids), len(names)), dtype=np.float32)
        for place, name in enumerate(names):
            values[:, place] = table.column(name).to_numpy()
    _check_rows(path, ids, names, values)
    return MolecularTable(path, ids, names, values)


def numbers(path: Path, frame: pd.DataFrame, column: str) -> FloatArray:
    """Return a column of strings as float64, NaN where it is empty.

    Raises
    ------
    UsageError
        If a text is no finite number; it names file and patient.
    """
    found: FloatArray = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64)
    wrong = ~np.isfinite(found) & (frame[column] != "").to_numpy()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise UsageError(
            f"{path}: patient {frame[PATIENT].iloc[row]}: {column} is "
            f"{frame[column].iloc[row][:_LONGEST_TOLD]!r}, not a number"
        )
    return found


def require_unique(path: Path, ids: Sequence[str]) -> None:
    """Refuse a table in which a patient stands more than once."""
    repeated = sorted((patient, count) for patient, count in Counter(ids).items() if count > 1)
    if repeated:
        patient, count = repeated[0]
        raise UsageError(f"{path}: patient {patient[:_LONGEST_TOLD]} stands there {count} times")


def require_known(path: Path, ids: Sequence[str], known: Collection[str]) -> None:
    """Refuse a table with a patient whom the clinical table does not have."""
    for patient in ids:
        if patient not in known:
            raise UsageError(f"{path}: patient {patient[:_LONGEST_TOLD]} is not in the clinical table")


def require_barcodes(path: Path, ids: Sequence[str]) -> None:
    """Refuse a table whose patients are not named by the first twelve characters of a TCGA barcode."""
    for patient in ids:
        if BARCODE.fullmatch(patient) is None:
            raise UsageError(f"{path}: patient {patient[:_LONGEST_TOLD]!r} is no TCGA patient (TCGA-XX-XXXX)")


def _content(path: Path) -> bytes:
    with told_in_one_line(str(path), "damaged, get it again"):
        content = read_plain(path)
        if not content.startswith(b"\x1f\x8b"):
            raise ValueError("not a gzipped file")
        return unpacked(content)


def _header(path: Path, content: bytes) -> list[str]:
    first = content[: content.find(b"\n") + 1 or len(content)].decode("utf-8", errors="replace")
    with told_in_one_line(str(path), "not a valid table"):
        header = next(csv.reader(io.StringIO(first)), [])
    if len(header) > MOST_COLUMNS:
        raise UsageError(f"{path}: {len(header)} columns, at most {MOST_COLUMNS} are read")
    if long := [place for place, name in enumerate(header) if len(name) > _LONGEST_NAME]:
        raise UsageError(f"{path}: the name of column {long[0] + 1} is longer than {_LONGEST_NAME} characters")
    if doubled := [name for name, count in Counter(header).items() if count > 1]:
        raise UsageError(f"{path}: column {doubled[0][:100]!r} stands there twice")
    return header


def _rows_of(content: bytes, place: int, wanted: Collection[str]) -> tuple[list[str], bytes]:
    """Return the patients of all rows of a table of numbers, and the table with the rows of the wanted ones alone."""
    head, *lines = content.split(b"\n")
    lines = [line for line in lines if line.strip()]
    fields = [line.split(b",", place + 1) for line in lines]
    everyone = [
        (row[place] if len(row) > place else b"").strip(b'"\r').decode("utf-8", errors="replace") for row in fields
    ]
    chosen = [line for line, patient in zip(lines, everyone, strict=True) if patient in wanted]
    return everyone, b"\n".join([head, *chosen, b""])


def _require_columns(path: Path, header: Collection[str], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in header]
    if missing:
        raise UsageError(f"{path}: column {', '.join(map(repr, missing))} is missing")


def _parse(path: Path, content: bytes, options: arrow_csv.ConvertOptions) -> pa.Table:
    with told_in_one_line(str(path), "not a valid table"):
        return arrow_csv.read_csv(
            pa.BufferReader(content),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=options,
        )


def _not_a_number(path: Path, content: bytes, names: Sequence[str]) -> UsageError:
    """Return the error that names the first value that is no number, found by a second, slower reading."""
    columns = [PATIENT, *names]
    options = arrow_csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.string()))
    try:
        table = _parse(path, content, options)
        with told_in_one_line(str(path), "not a valid table"):
            frame = table.to_pandas()[columns]
    except UsageError as error:
        return error
    for name in names:
        bad = pd.to_numeric(frame[name], errors="coerce").isna() & frame[name].notna() & (frame[name] != "")
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            told = frame[name][row][:_LONGEST_TOLD]
            return UsageError(f"{path}: patient {frame[PATIENT][row]}: {name} is {told!r}, not a number")
    return UsageError(f"{path}: a value is no number")


def _check_rows(path: Path, ids: Sequence[str], names: Sequence[str], values: Float32Array) -> None:
    infinite = np.argwhere(np.isinf(values))
    if len(infinite):
        row, column = infinite[0]
        raise UsageError(f"{path}: patient {ids[row]}: {names[column]} is infinite")
    empty = np.flatnonzero(np.isnan(values).all(axis=1))
    if empty.size:
        raise UsageError(f"{path}: patient {ids[empty[0]]}: every value is missing; leave the patient out of the file")
    # Two patients may well have the same flags or counts, never the same measurements.
    measured = np.flatnonzero((values != np.rint(values)).any(axis=1))
    first: dict[bytes, str] = {}
    for row in measured.tolist():
        twin = first.setdefault(values[row].tobytes(), ids[row])
        if twin != ids[row]:
            raise UsageError(
                f"{path}: patients {twin} and {ids[row]} have the same values throughout: one of them twice?"
            )
