"""Reading of a submission's file: a CSV table, or an ``npz`` file of arrays."""

import csv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.errors import UsageError, hint
from benchmarks.plain_text import one_line
from benchmarks.storage.arrays_file import read_arrays
from benchmarks.submission.rows import TEST, SubmittedRows
from benchmarks.types import FloatArray, IntArray, StringArray

# Begins the name of a CSV column of survival probabilities: ``survival@365`` has them at time 365.
AT = "survival@"
COLUMNS = ("patient", "fold", "repeat", "part", "risk")
ARRAYS = (*COLUMNS, "times", "survival")

_MOST_BYTES = 2**30
_LARGEST = 10**6


def read_submission(path: Path) -> SubmittedRows:
    """Read a ``.csv`` or ``.npz`` file of predictions.

    A CSV file has a row per patient and fold: ``patient``, ``fold``, and ``risk`` or columns ``survival@TIME`` or both;
    ``repeat`` (0 if absent) and ``part`` (test if absent) where needed. An ``npz`` file has arrays of these names, and
    ``times`` (T,) with ``survival`` (m, T) in place of the columns of probabilities.

    Raises
    ------
    UsageError
        If it is no such file; where a row is wrong, the message names it and its patient.
    """
    if path.suffix not in (".csv", ".npz"):
        raise UsageError(f"{path}: predictions are read from a .csv or .npz file")
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file")
    rows = _of_csv(path) if path.suffix == ".csv" else _of_npz(path)
    if not len(rows):
        raise UsageError(f"{path}: there is no prediction in it")
    return rows


def _of_csv(path: Path) -> SubmittedRows:
    if path.stat().st_size > _MOST_BYTES:
        raise UsageError(f"{path}: larger than the {_MOST_BYTES // 2**20} MiB that are read; give an .npz file")
    lines = _cells(path)
    names = next(lines, (0, []))[1]
    curves = _check_header(path, names)
    place = {name: names.index(name) for name in names}
    grid = _times_of([name.removeprefix(AT) for name in curves], path) if curves else None
    wanted = [place[name] for name in curves]
    patients, repeats, folds, parts, risks, survival, numbers = [], [], [], [], [], [], []
    for number, cells in lines:
        patient = cells[place["patient"]].strip() if len(cells) > place["patient"] else ""
        line = _Line(path.name, number, patient)
        if len(cells) != len(names):
            raise line.refuse(f"{len(cells)} cells, the header has {len(names)}")
        patients.append(patient)
        folds.append(line.whole("fold", cells[place["fold"]]))
        repeats.append(line.whole("repeat", cells[place["repeat"]]) if "repeat" in place else 0)
        parts.append(cells[place["part"]].strip() if "part" in place else TEST)
        if "risk" in place:
            risks.append(line.number("risk", cells[place["risk"]]))
        survival.append([line.number(names[column], cells[column]) for column in wanted])
        numbers.append(number)
    return SubmittedRows(
        source=path.name,
        patients=np.array(patients, dtype=np.str_),
        repeats=np.array(repeats, dtype=np.int64),
        folds=np.array(folds, dtype=np.int64),
        parts=np.array(parts, dtype=np.str_),
        risk=np.array(risks, dtype=np.float64) if "risk" in place else None,
        times=grid,
        survival=np.array(survival, dtype=np.float64) if curves else None,
        rows=np.array(numbers, dtype=np.int64),
    )


class _Line:
    """A row of a CSV file, for its errors."""

    def __init__(self, source: str, number: int, patient: str) -> None:
        self._where = f"{source}: row {number}, patient {one_line(patient, 60)!r}"

    def refuse(self, problem: str) -> UsageError:
        return UsageError(f"{self._where}: {problem}")

    def whole(self, name: str, text: str) -> int:
        text = text.strip()
        if not (text.isascii() and text.isdecimal() and len(text) < 7):
            raise self.refuse(f"{name} {one_line(text, 40)!r}: expected a whole number from 0 on")
        return int(text)

    def number(self, name: str, text: str) -> float:
        try:
            if "_" in text:  # 1_000 is a number in Python alone
                raise ValueError
            return float(text)
        except ValueError:
            told = f"{one_line(text, 40)!r} is no number" if text.strip() else "the value is missing"
            raise self.refuse(f"{one_line(name, 60)}: {told}") from None


def _cells(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each row that has some; the header is row 1."""
    number = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, cells in enumerate(csv.reader(file, strict=True), start=1):
                if any(cell.strip() for cell in cells):
                    yield number, cells
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name}: no UTF-8 text behind row {number}: byte {error.start}") from None
    except csv.Error as error:
        raise UsageError(f"{path.name}: no CSV behind row {number}: {error}") from None


def _check_header(path: Path, names: list[str]) -> list[str]:
    """Return the columns of curves, in their order, of a header that can be read."""
    names[:] = [name.strip() for name in names]
    if len(names) == 1 and ";" in names[0]:
        raise UsageError(f"{path.name}: the columns are parted by ';': write a CSV file with commas and decimal points")
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"{path.name}: column {one_line(name, 60)!r} stands twice")
        if name not in COLUMNS and not name.startswith(AT):
            raise UsageError(f"{path.name}: unknown column {one_line(name, 60)!r}; {hint(name, COLUMNS)}, or {AT}TIME")
    curves = [name for name in names if name.startswith(AT)]
    _require(path, names, has_curves=bool(curves))
    return curves


def _require(path: Path, names: Sequence[str], *, has_curves: bool) -> None:
    for name in ("patient", "fold"):
        if name not in names:
            raise UsageError(f"{path.name}: {name!r} is missing: a row needs its patient and its fold")
    if "risk" not in names and not has_curves:
        raise UsageError(f"{path.name}: neither risk nor survival is there: one of them is needed")


def _times_of(texts: Sequence[str], path: Path) -> FloatArray:
    times = []
    for text in texts:
        try:
            times.append(float(text))
        except ValueError:
            raise UsageError(f"{path.name}: column {AT}{one_line(text, 40)}: no time stands behind the @") from None
    return _checked_times(np.array(times, dtype=np.float64), path)


def _checked_times(times: FloatArray, path: Path) -> FloatArray:
    if times.ndim != 1 or not times.size or not np.isfinite(times).all() or times[0] < 0:
        raise UsageError(f"{path.name}: the times of the curves must be finite numbers from 0 on")
    falls = np.flatnonzero(np.diff(times) <= 0)
    if falls.size:
        first, second = times[falls[0]], times[falls[0] + 1]
        raise UsageError(f"{path.name}: the times of the curves must increase: {second:g} stands behind {first:g}")
    return times


def _of_npz(path: Path) -> SubmittedRows:
    try:
        arrays = read_arrays(path)
    except (ValueError, zipfile.BadZipFile, OSError, EOFError) as error:
        told = one_line(str(error), 200)
        raise UsageError(f"{path.name}: no arrays of np.savez (uncompressed, without objects): {told}") from None
    for name in arrays:
        if name not in ARRAYS:
            raise UsageError(f"{path.name}: unknown array {one_line(name, 60)!r}; {hint(name, ARRAYS)}")
    if ("times" in arrays) != ("survival" in arrays):
        raise UsageError(f"{path.name}: times and survival belong together: one of them is missing")
    _require(path, list(arrays), has_curves="survival" in arrays)
    named = np.atleast_1d(arrays["patient"])
    if named.dtype.kind not in "Uiu":
        raise UsageError(f"{path.name}: patient is of type {named.dtype}, expected texts or whole numbers")
    m = len(named)
    patients = np.array([str(one) for one in named.tolist()], dtype=np.str_)
    return SubmittedRows(
        source=path.name,
        patients=_vector(path, "patient", patients, m),
        repeats=_whole(path, arrays, "repeat", m),
        folds=_whole(path, arrays, "fold", m),
        parts=_parts(path, arrays, m),
        risk=_numbers(path, arrays, "risk", (m,)) if "risk" in arrays else None,
        times=_checked_times(_numbers(path, arrays, "times", None), path) if "times" in arrays else None,
        survival=_numbers(path, arrays, "survival", (m, arrays["times"].size)) if "survival" in arrays else None,
        rows=np.arange(m),
        counted="row (from 0)",
    )


def _vector(path: Path, name: str, array: np.ndarray[Any, Any], m: int) -> Any:
    if array.shape != (m,):
        raise UsageError(f"{path.name}: {name} has shape {array.shape}, expected ({m},): a value for each patient")
    return array


def _whole(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]], name: str, m: int) -> IntArray:
    array = arrays.get(name, np.zeros(m, dtype=np.int64))
    if array.dtype.kind not in "iu":
        raise UsageError(f"{path.name}: {name} is of type {array.dtype}, expected whole numbers")
    if array.size and not 0 <= int(array.min()) <= int(array.max()) < _LARGEST:
        raise UsageError(f"{path.name}: {name} must hold whole numbers from 0 on, below {_LARGEST}")
    numbers: IntArray = _vector(path, name, array, m).astype(np.int64)
    return numbers


def _parts(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]], m: int) -> StringArray:
    array = arrays.get("part", np.full(m, TEST))
    if array.dtype.kind != "U":
        raise UsageError(f"{path.name}: part is of type {array.dtype}, expected texts: test or validation")
    parts: StringArray = _vector(path, "part", array, m)
    return parts


def _numbers(
    path: Path, arrays: Mapping[str, np.ndarray[Any, Any]], name: str, shape: tuple[int, ...] | None
) -> FloatArray:
    array = arrays[name]
    if array.dtype.kind not in "fiu":
        raise UsageError(f"{path.name}: {name} is of type {array.dtype}, expected numbers")
    if shape is not None and array.shape != shape:
        raise UsageError(f"{path.name}: {name} has shape {array.shape}, expected {shape}")
    return array.astype(np.float64)
