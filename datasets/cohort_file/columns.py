"""What the columns of a hospital's table are: outcome, covariates, folds and strata; what does not fit is reported."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.errors import hint
from benchmarks.types import BoolArray, FloatArray, IntArray, StringArray

from .description import ColumnType, Level
from .problems import Report, quoted, shortened
from .table import Sheet, SheetColumn, level_text

# A column of words nearly all different is a name or a comment, not a covariate.
MOST_LEVELS = 50
# Words of a list in a message: two lists of long ones still make one readable line.
MOST_TOLD = 20
TO_EXCLUDE = "leave out patients without an outcome with exclude_without_outcome = true under [table]"
NO_NAME = 'has no name in the header: name it, or leave it out with leave_out = [""]'


def times(column: SheetColumn, decimal: str, report: Report) -> FloatArray:
    """Return the observed times, all greater than 0."""
    absent = ~column.present()
    column.report(report, absent, "time", "is missing", "are missing", shown=False, advice=TO_EXCLUDE)
    numbers = column.numbers(decimal, report)
    column.report(report, numbers < 0, "time", "is negative", "are negative")
    zero = "it must be greater", "they must be greater"
    column.report(report, numbers == 0, "time", f"is 0, {zero[0]}", f"are 0, {zero[1]}", shown=False, advice=TO_EXCLUDE)
    return numbers


def events(
    column: SheetColumn, event_values: Sequence[Level], censored_values: Sequence[Level], report: Report
) -> BoolArray:
    """Return who had the event; a value that is in neither list is a problem."""
    of_event = {level_text(value) for value in event_values}
    of_censored = {level_text(value) for value in censored_values}
    for value in sorted(of_event & of_censored):
        report.add(
            column.file, f"column {quoted(column.name)}: {quoted(value)} is in event_values and in censored_values"
        )
    column.report(report, ~column.present(), "event", "is missing", "are missing", shown=False, advice=TO_EXCLUDE)
    found = np.array([None if pd.isna(value) else level_text(value) for value in column.texts()], dtype=object)
    unknown = np.array([value is not None and value not in of_event | of_censored for value in found])
    lists = f"neither in event_values ({_told(sorted(of_event))}) nor in censored_values ({_told(sorted(of_censored))})"
    column.report(report, unknown, "value", f"is {lists}", f"are {lists}")
    return np.array([value in of_event for value in found])


def have_outcome(sheet: Sheet, time: str, event: str, decimal: str) -> BoolArray:
    """Return which patients have a time greater than 0 and an event or its absence; words are not judged."""
    of_time = sheet.column(time)
    numbers = of_time.parsed(decimal)
    known = of_time.present() & ~(np.isfinite(numbers) & (numbers <= 0))
    return known & sheet.column(event).present()


def covariates(
    sheet: Sheet, names: Sequence[str], types: Mapping[str, ColumnType], decimal: str, report: Report
) -> pd.DataFrame:
    """Return typed columns: float64, categorical, or ordered categorical where levels are given."""
    for name in types:
        if name not in names:
            report.add(sheet.file, f"a type is given for {quoted(name)}, which is no covariate; {hint(name, names)}")
    columns: dict[str, Any] = {}
    for name in names:
        column = sheet.column(name)
        if name == "":
            report.add(sheet.file, f"column {1 + sheet.columns.index(name)} {NO_NAME}")
        elif not column.present().any():
            report.add(sheet.file, f"column {quoted(name)} is empty; leave it out with leave_out")
        else:
            columns[name] = _typed(column, types.get(name), decimal, report)
    return pd.DataFrame(columns, index=pd.RangeIndex(len(sheet.frame)))


def strata(column: SheetColumn, report: Report) -> StringArray:
    """Return the stratum of each patient."""
    column.report(report, ~column.present(), "value", "is missing", "are missing", shown=False)
    return np.array([str(stratum) for stratum in column.texts()])


def folds(column: SheetColumn, report: Report) -> IntArray:
    """Return the fold of each patient numbered from 0 in the order of the labels; -1 where there is none."""
    numbers = column.numbers(".", report)
    labels = np.unique(numbers[~np.isnan(numbers)])
    if len(labels) < 2:
        there = "1 fold" if len(labels) else "no fold"
        report.add(column.file, f"column {quoted(column.name)} has {there}; at least 2 are needed")
        return np.full(len(numbers), -1, dtype=np.int64)
    found = np.searchsorted(labels, np.where(np.isnan(numbers), labels[0], numbers))
    return np.where(np.isnan(numbers), -1, found).astype(np.int64)


def _typed(
    column: SheetColumn, kind: ColumnType | None, decimal: str, report: Report
) -> "np.ndarray[Any, Any] | pd.Categorical":
    if kind is None:
        kind = _evident_type(column, decimal, report)
    if kind == "numeric":
        return column.numbers(decimal, report)
    texts = column.texts()
    if kind == "categorical":
        return pd.Categorical(texts.astype(object), sorted(texts.dropna().unique()))
    levels = list(dict.fromkeys(level_text(level) for level in kind))
    if len(levels) < len(kind):
        report.add(column.file, f"column {quoted(column.name)}: a level stands twice under types")
    found = [None if pd.isna(value) else level_text(value) for value in texts]
    unknown = np.array([value is not None and value not in levels for value in found])
    none_of = f"none of the levels {_told(levels, ' < ')}"
    column.report(report, unknown, "value", f"is {none_of}", f"are {none_of}")
    return pd.Categorical([value if value in levels else None for value in found], levels, ordered=True)


def _evident_type(column: SheetColumn, decimal: str, report: Report) -> ColumnType:
    """Return numeric if all values are numbers, categorical if none is; what is mixed has to be declared."""
    texts, present = column.texts(), column.present()
    if pd.api.types.is_bool_dtype(column.values.dtype):
        return "categorical"
    is_word = present & np.isnan(column.parsed(decimal))
    n_numbers = int((present & ~is_word).sum())
    if not is_word.any():
        return "numeric"
    if n_numbers:
        advice = (
            f"{n_numbers} other{' is' if n_numbers == 1 else 's are'}: mark such values as missing under [format], or "
            "declare the column categorical under types"
        )
        column.report(report, is_word, "value", "is not a number", "are not numbers", advice=advice)
        return "categorical"
    n_levels = texts.nunique()
    if n_levels > MOST_LEVELS or (n_levels > 10 and n_levels > present.sum() / 2):
        report.add(
            column.file,
            f"column {quoted(column.name)} has {n_levels} different words, which looks like a name, a date or a "
            "comment; leave it out with leave_out, or declare it categorical under types",
        )
    return "categorical"


def _told(levels: Sequence[str], between: str = ", ") -> str:
    """Return what a description lists, long words and long lists cut off."""
    rest = [f"{len(levels) - MOST_TOLD} more"] if len(levels) > MOST_TOLD else []
    return between.join([shortened(level) for level in levels[:MOST_TOLD]] + rest)
