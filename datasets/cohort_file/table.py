"""A table of a hospital as it was read, with what is needed to name a cell: file, row, column and patient."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError, hint
from benchmarks.types import BoolArray, FloatArray, IntArray

from .description import Format, Level
from .problems import Report, quoted, told_values
from .reading import read_file

# Stands for an identifier where every row is another patient and no column says who.
ROW_NUMBER = "(row number)"


@dataclass(frozen=True, slots=True, eq=False)
class SheetColumn:
    """One column: its values (NaN or None = missing), with what is needed to name a cell.

    ``patients`` are the identifiers of its rows, where they are known.
    """

    file: str
    name: str
    values: "pd.Series[Any]"
    rows: IntArray
    patients: "pd.Series[Any] | None" = None

    def refuse(self, position: int, problem: str) -> UsageError:
        """Return the error that names the cell."""
        return UsageError(f"{self.file}: row {self.rows[position]}, column {self.name!r}: {problem}")

    def report(
        self, report: Report, wrong: BoolArray, noun: str, one: str, many: str, *, shown: bool = True, advice: str = ""
    ) -> None:
        """Report the cells that are wrong, if there are any.

        Parameters
        ----------
        report : Report
            Where they go.
        wrong : array of bool, shape (m,)
            Which cells.
        noun : str
            What the cells hold, such as "value".
        one, many : str
            What is wrong, said of one cell and of several: "is missing", "are missing".
        shown : bool
            Whether the values are told.
        advice : str
            What is to be done.
        """
        found = np.flatnonzero(wrong)
        if not found.size:
            return
        values = f" ({told_values(self.values.iloc[found])})" if shown else ""
        what = f"1 {noun}{values} {one}" if len(found) == 1 else f"{len(found)} {noun}s{values} {many}"
        where = f"{'in' if len(found) == 1 else 'first in'} row {self.rows[found[0]]}{self._patient(int(found[0]))}"
        text = f"column {quoted(self.name)}: {what}, {where}"
        report.add(self.file, f"{text}; {advice}" if advice else text, len(found))

    def _patient(self, position: int) -> str:
        who = None if self.patients is None else self.patients.iloc[position]
        return "" if who is None or pd.isna(who) else f" (patient {quoted(str(who))})"

    def present(self) -> BoolArray:
        """Return which values are not missing."""
        return np.asarray(self.values.notna())

    def required(self) -> "SheetColumn":
        """Return the column itself if no value is missing."""
        gaps = np.flatnonzero(~self.present())
        if gaps.size:
            raise self.refuse(int(gaps[0]), "the value is missing")
        return self

    def numbers(self, decimal: str, report: Report) -> FloatArray:
        """Return the values as float64, NaN where missing; what is no finite number is reported."""
        numbers = self.parsed(decimal)
        wrong = ~np.isfinite(numbers) & self.present()
        self.report(report, wrong, "value", "is not a number", "are not numbers")
        return np.where(wrong, np.nan, numbers)

    def parsed(self, decimal: str) -> FloatArray:
        """Return the values as float64, NaN where they are missing or not numbers."""
        if pd.api.types.is_numeric_dtype(self.values.dtype) or pd.api.types.is_bool_dtype(self.values.dtype):
            return self.values.to_numpy(dtype=np.float64, na_value=np.nan)
        texts = self.values.astype("string").str.strip()
        if decimal != ".":
            # A point parts thousands there.
            texts = texts.str.replace(".", "?", regex=False).str.replace(decimal, ".", regex=False)
        return pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)

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
    patient : str or None
        Column of the identifiers, which problems name.
    """

    file: str
    frame: pd.DataFrame
    rows: IntArray
    patient: str | None = None

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.frame.columns]

    def column(self, name: str) -> SheetColumn:
        """Return a column, or say which there are."""
        if name not in self.frame:
            raise UsageError(f"{self.file}: {self.lacks(name)}")
        patients = None if self.patient in (None, name) else self.frame.get(self.patient)
        return SheetColumn(self.file, name, self.frame[name], self.rows, patients)

    def lacks(self, name: str) -> str:
        """Say that there is no such column, and which there are."""
        return f"no column {quoted(name)}; {hint(name, self.columns)}"

    def take(self, kept: BoolArray) -> "Sheet":
        """Return some rows."""
        return Sheet(self.file, self.frame[kept].reset_index(drop=True), self.rows[kept], self.patient)

    def numbered(self) -> "Sheet":
        """Return the table with its row numbers as a column of identifiers."""
        numbers = pd.Series(self.rows, index=self.frame.index).astype(str)
        return Sheet(self.file, self.frame.assign(**{ROW_NUMBER: numbers}), self.rows, self.patient)

    def block(self, names: Sequence[str], decimal: str, report: Report) -> FloatArray:
        """Return many columns of numbers at once, shape (m, len(names)), NaN where missing."""
        frame = self.frame[list(names)]
        if all(pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes):
            values = frame.to_numpy(dtype=np.float64, na_value=np.nan)
            if not np.isinf(values).any():
                return values
        # One column after the other, to name the cells that are no number.
        return np.stack([self.column(name).numbers(decimal, report) for name in names], axis=1)

    def patients(self, name: str, report: Report) -> "pd.Series[Any]":
        """Return the patients' identifiers, missing where they are; missing and repeated ones are reported."""
        column = self.column(name)
        column.report(report, ~column.present(), "identifier", "is missing", "are missing", shown=False)
        ids = column.texts()
        again = ids.duplicated() & ids.notna()
        repeated = ids[again]
        if len(repeated):
            first = np.flatnonzero(ids.fillna("") == repeated.iloc[0])[:2]
            who = "1 patient stands" if repeated.nunique() == 1 else f"{repeated.nunique()} patients stand"
            report.add(
                self.file,
                f"column {quoted(name)}: {who} in several rows, {'' if repeated.nunique() == 1 else 'first '}"
                f"{quoted(repeated.iloc[0])} in rows {self.rows[first[0]]} and {self.rows[first[1]]}",
                len(repeated),
            )
        return ids


def read_words(path: Path, written: Format, patient: str | None = None) -> Sheet:
    """Read a table of covariates: the cells of a CSV file stay as they are written."""
    return Sheet(path.name, *read_file(path, written, str), patient)


def read_numbers(path: Path, patient: str, written: Format) -> Sheet:
    """Read a table of many numbers: columns that hold nothing else come as floats."""
    return Sheet(path.name, *read_file(path, written, {patient: str}), patient)


def level_text(value: Level) -> str:
    """Return a level as text: 1, 1.0, "1" and "1.0" are the same level."""
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        return text
    if "_" in text:  # 1_000 is a number in Python alone
        return text
    return str(int(number)) if number.is_integer() else str(number)
