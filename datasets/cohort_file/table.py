"""Read tables of a hospital, and say in which row and column a value is wrong.

Rows are numbered as a spreadsheet shows them: the header is row 1, the first patient row 2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError, hint
from benchmarks.types import BoolArray, FloatArray

from .description import ColumnType, Format, Level
from .reading import read_file

# A column of words nearly all different is a name or a comment, not a covariate.
MOST_LEVELS = 50


@dataclass(frozen=True, slots=True, eq=False)
class SheetColumn:
    """One column: its values (NaN or None = missing), with what is needed to name a cell."""

    file: str
    name: str
    values: "pd.Series[Any]"
    rows: "np.ndarray[Any, np.dtype[np.int64]]"

    def refuse(self, position: int, problem: str) -> UsageError:
        """Return the error that names the cell."""
        return UsageError(f"{self.file}: row {self.rows[position]}, column {self.name!r}: {problem}")

    def present(self) -> BoolArray:
        """Return which values are not missing."""
        return np.asarray(self.values.notna())

    def required(self) -> "SheetColumn":
        """Return the column itself if no value is missing."""
        gaps = np.flatnonzero(~self.present())
        if gaps.size:
            raise self.refuse(int(gaps[0]), "the value is missing")
        return self

    def numbers(self, decimal: str) -> FloatArray:
        """Return the values as float64, NaN where missing."""
        if pd.api.types.is_numeric_dtype(self.values.dtype) or pd.api.types.is_bool_dtype(self.values.dtype):
            numbers = self.values.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            texts = self.values.astype("string").str.strip()
            if decimal != ".":
                texts = texts.str.replace(decimal, ".", regex=False)
            numbers = pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        wrong = np.flatnonzero((np.isnan(numbers) | np.isinf(numbers)) & self.present())
        if wrong.size:
            position = int(wrong[0])
            raise self.refuse(position, f"{str(self.values.iloc[position])!r} is not a number")
        return numbers

    def texts(self) -> "pd.Series[Any]":
        """Return the values as text without blanks around them; a whole number is written without a point."""
        if pd.api.types.is_float_dtype(self.values.dtype):
            return self.values.map(lambda value: None if pd.isna(value) else level_text(value)).astype("string")
        return self.values.astype("string").str.strip()


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A table with one row per patient.

    Parameters
    ----------
    file : str
        Its name, for errors.
    frame : DataFrame, shape (m, c)
        Cells; rows that are empty throughout are left out.
    rows : array of int, shape (m,)
        Row numbers as a spreadsheet shows them.
    """

    file: str
    frame: pd.DataFrame
    rows: "np.ndarray[Any, np.dtype[np.int64]]"

    def column(self, name: str) -> SheetColumn:
        """Return a column, or say which there are."""
        if name not in self.frame:
            raise UsageError(f"{self.file}: no column {name!r}; {hint(name, [str(c) for c in self.frame.columns])}")
        return SheetColumn(self.file, name, self.frame[name], self.rows)

    def block(self, names: Sequence[str], decimal: str) -> FloatArray:
        """Return many columns of numbers at once, shape (m, len(names)), NaN where missing."""
        frame = self.frame[list(names)]
        if all(pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes):
            values = frame.to_numpy(dtype=np.float64, na_value=np.nan)
            if not np.isinf(values).any():
                return values
        # One column after the other, to name the cell that is no number.
        return np.stack([self.column(name).numbers(decimal) for name in names], axis=1)

    def patients(self, name: str) -> list[str]:
        """Return the patients' identifiers, each once."""
        column = self.column(name).required()
        ids = column.texts()
        again = np.flatnonzero(ids.duplicated())
        if again.size:
            position = int(again[0])
            first = int(np.flatnonzero(ids == ids.iloc[position])[0])
            raise column.refuse(position, f"patient {ids.iloc[position]!r} stands in row {self.rows[first]} already")
        return [str(value) for value in ids]


def read_words(path: Path, written: Format) -> Sheet:
    """Read a table of covariates: the cells of a CSV file stay as they are written."""
    return Sheet(path.name, *read_file(path, written, str))


def read_numbers(path: Path, patient: str, written: Format) -> Sheet:
    """Read a table of many numbers: columns that hold nothing else come as floats."""
    return Sheet(path.name, *read_file(path, written, {patient: str}))


def level_text(value: Level) -> str:
    """Return a level as text: 1, 1.0, "1" and "1.0" are the same level."""
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() else str(number)


def events(column: SheetColumn, event_values: Sequence[Level], censored_values: Sequence[Level]) -> BoolArray:
    """Return who had the event; a value that is in neither list is an error."""
    of_event = {level_text(value) for value in event_values}
    of_censored = {level_text(value) for value in censored_values}
    both = of_event & of_censored
    if both:
        raise UsageError(f"column {column.name!r}: {sorted(both)[0]!r} is in event_values and in censored_values")
    found = [level_text(value) for value in column.required().texts()]
    for position, value in enumerate(found):
        if value not in of_event | of_censored:
            raise column.refuse(
                position,
                f"{value!r} is neither in event_values ({', '.join(sorted(of_event))}) nor in censored_values "
                f"({', '.join(sorted(of_censored))})",
            )
    return np.array([value in of_event for value in found])


def times(column: SheetColumn, decimal: str) -> FloatArray:
    """Return the observed times, all greater than 0."""
    numbers = column.required().numbers(decimal)
    wrong = np.flatnonzero(numbers <= 0)
    if wrong.size:
        position = int(wrong[0])
        raise column.refuse(position, f"the time is {numbers[position]:g}, it must be greater than 0")
    return numbers


def covariates(sheet: Sheet, names: Sequence[str], types: Mapping[str, ColumnType], decimal: str) -> pd.DataFrame:
    """Return typed columns: float64, categorical, or ordered categorical where levels are given."""
    for name in types:
        if name not in names:
            raise UsageError(f"{sheet.file}: a type is given for {name!r}, which is no covariate; {hint(name, names)}")
    columns: dict[str, Any] = {}
    for name in names:
        column = sheet.column(name)
        if not column.present().any():
            raise UsageError(f"{sheet.file}: column {name!r} is empty; leave it out with leave_out")
        columns[name] = _typed(column, types.get(name), decimal)
    return pd.DataFrame(columns)


def _typed(column: SheetColumn, kind: ColumnType | None, decimal: str) -> "np.ndarray[Any, Any] | pd.Categorical":
    if kind is None:
        kind = _evident_type(column, decimal)
    if kind == "numeric":
        return column.numbers(decimal)
    texts = column.texts()
    if kind == "categorical":
        return pd.Categorical(texts.astype(object), sorted(texts.dropna().unique()))
    levels = [level_text(level) for level in kind]
    found = [None if pd.isna(value) else level_text(value) for value in texts]
    for position, value in enumerate(found):
        if value is not None and value not in levels:
            raise column.refuse(position, f"{value!r} is none of the levels {' < '.join(levels)}")
    return pd.Categorical(found, levels, ordered=True)


def _evident_type(column: SheetColumn, decimal: str) -> ColumnType:
    """Return numeric if all values are numbers, categorical if none is; what is mixed has to be declared."""
    texts = column.texts().dropna()
    if decimal != ".":
        texts = texts.str.replace(decimal, ".", regex=False)
    is_number = pd.to_numeric(texts, errors="coerce").notna()
    if is_number.all():
        return "numeric"
    if is_number.any():
        position = int(is_number.index[~is_number][0])
        raise column.refuse(
            position,
            f"{str(column.values.iloc[position])!r} is not a number, as {int(is_number.sum())} others are; mark such "
            f"values as missing under [format], or declare the column categorical under types",
        )
    n_levels = texts.nunique()
    if n_levels > MOST_LEVELS or (n_levels > 10 and n_levels > len(texts) / 2):
        raise UsageError(
            f"{column.file}: column {column.name!r} has {n_levels} different words, which looks like a name, a date "
            "or a comment; leave it out with leave_out, or declare it categorical under types"
        )
    return "categorical"
