"""Patients as a fitted method wants them: its modalities, its columns, in its order; what is unusual is counted."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError
from benchmarks.models.reads import Levels, Numbers, ReadBags, ReadMatrix, ReadModality, ReadTable, ReadTexts
from benchmarks.types import Bags, Matrix, Modality, Patients, Table, Texts

_MOST_NAMED = 5


class Notes:
    """What is to be told of the input: nothing of it stops a prediction."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, line: str) -> None:
        """Add a line."""
        self.lines.append(line)


def conform(patients: Patients, reads: Mapping[str, ReadModality], source: str, notes: Notes) -> Patients:
    """Return patients with what a method reads, and nothing else.

    Parameters
    ----------
    patients : Patients
        n patients.
    reads : mapping of str to ReadModality
        What the method reads, by modality.
    source : str
        Where the patients are from, for errors.
    notes : Notes
        Receives counted warnings: levels that no training patient had, numbers far from the training patients'.

    Raises
    ------
    UsageError
        If a modality or column is missing, of another kind, or in another unit.
    """
    there = patients.modalities
    for name in reads:
        if name not in there:
            raise UsageError(f"{source}: the model reads {name}, which is not there; there is {', '.join(there)}")
    found = {name: _conformed(there[name], wanted, name, source, notes) for name, wanted in reads.items()}
    return Patients(patients.ids, found)


def _conformed(modality: Modality, wanted: ReadModality, name: str, source: str, notes: Notes) -> Modality:
    if isinstance(wanted, ReadTable) and isinstance(modality, Table):
        return _table(modality, wanted, name, source, notes)
    if isinstance(wanted, ReadMatrix) and isinstance(modality, Matrix):
        return _matrix(modality, wanted, name, source)
    if isinstance(wanted, ReadTexts) and isinstance(modality, Texts):
        return modality
    if isinstance(wanted, ReadBags) and isinstance(modality, Bags):
        if modality.width == wanted.width:
            return modality
        raise UsageError(f"{source}: vectors of {name} have {modality.width} numbers, the model reads {wanted.width}")
    raise UsageError(f"{source}: {name} is of kind {type(modality).__name__.lower()}, the model reads {wanted.kind}")


def _table(table: Table, wanted: ReadTable, name: str, source: str, notes: Notes) -> Table:
    names = [column.name for column in wanted.columns]
    _require(names, [str(one) for one in table.frame], name, source)
    columns = {column.name: _column(table, column, source, notes) for column in wanted.columns}
    ignored = [str(one) for one in table.frame if one not in names]
    if ignored:
        what = "1 column is" if len(ignored) == 1 else f"{len(ignored)} columns are"
        notes.add(f"{name}: {what} not read by the model: {_few(ignored)}")
    return Table(pd.DataFrame(columns, index=table.frame.index), table.present, table.described)


def _column(table: Table, column: Numbers | Levels, source: str, notes: Notes) -> "pd.Series[Any] | pd.Categorical":
    values = table.frame[column.name]
    if isinstance(column, Levels):
        return _levels(values, column, notes)
    if column.name not in table.numeric:
        first = next(iter(values.dropna()), "")
        raise UsageError(
            f"{source}: column {column.name!r} must be numbers, as in training; it has {str(first)[:40]!r}"
        )
    unit = table.described[column.name].unit if column.name in table.described else ""
    if unit and column.unit and unit != column.unit:
        raise UsageError(f"{source}: column {column.name!r} is in {unit}, the model was fitted on {column.unit}")
    _note_unusual(values.to_numpy(dtype=np.float64)[table.present], column, notes)
    return values


def _levels(values: "pd.Series[Any]", column: Levels, notes: Notes) -> pd.Categorical:
    known = set(column.levels)
    texts = [None if pd.isna(value) else _level(value, known) for value in values]
    unseen = sorted({text for text in texts if text is not None} - {*column.levels})
    if unseen:
        count = sum(text in unseen for text in texts)
        who = "patient has a level" if count == 1 else "patients have levels"
        notes.add(f"{column.name}: {count} {who} that no training patient had: {_few(unseen)}")
    return pd.Categorical(texts, [*column.levels, *unseen], ordered=column.ordered)


def _level(value: object, known: set[str]) -> str:
    """Return a value as a level; 1 and 1.0 are the level "1" where there is that one alone."""
    text = str(value)
    if text in known:
        return text
    try:
        whole = f"{float(text):g}"
    except ValueError:
        return text
    return whole if whole in known else text


def _note_unusual(values: Any, column: Numbers, notes: Notes) -> None:
    """Count numbers that are further from the usual ones than these are from each other: perhaps another unit."""
    known = values[~np.isnan(values)]
    if column.low is None or column.high is None or not known.size:
        return
    width = column.high - column.low
    far = int(((known < column.low - width) | (known > column.high + width)).sum())
    if far:
        unit = f" {column.unit}" if column.unit else ""
        notes.add(
            f"{column.name}: {far} of {len(known)} values are far from those of the training patients (98 % lie in "
            f"{column.low:g} to {column.high:g}{unit}); are they in the same unit?"
        )


def _matrix(matrix: Matrix, wanted: ReadMatrix, name: str, source: str) -> Matrix:
    _require(wanted.names, list(matrix.names), name, source)
    place = {column: position for position, column in enumerate(matrix.names)}
    sets = {of: {key: tuple(one) for key, one in found.items()} for of, found in wanted.column_sets.items()}
    return Matrix(matrix.values[:, [place[one] for one in wanted.names]], tuple(wanted.names), matrix.present, sets)


def _require(names: list[str], there: list[str], modality: str, source: str) -> None:
    known = set(there)
    missing = [name for name in names if name not in known]
    if missing:
        what = "column" if len(missing) == 1 else f"{len(missing)} columns"
        raise UsageError(f"{source}: {modality}: the model reads {what} {_few(missing)}, not there")


def _few(names: list[str]) -> str:
    told = ", ".join(repr(name[:40]) for name in names[:_MOST_NAMED])
    return told + (f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else "")
