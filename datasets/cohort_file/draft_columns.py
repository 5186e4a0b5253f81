"""What the columns of a table hold, and which of them are no covariates."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.types import BoolArray

from .columns import MOST_LEVELS
from .draft_names import identifier_rank, names_a_row, names_a_split, names_some_time, names_what_follows
from .draft_values import nobody_knows
from .table import Sheet, level_text

_DATE = re.compile(r"\d{1,4}([-./])\d{1,2}\1\d{1,4}([ T].*)?|\d{4}-\d{2}")
_CODE = re.compile(r"(?=.*[A-Za-z])(?=.*\d)[\w.:/-]+")
# Values of events are counted in columns with at most so many.
MOST_EVENT_VALUES = 6
# Fewer rows may differ by chance.
_ENOUGH_ROWS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column holds.

    Parameters
    ----------
    name : str
        Its name.
    rows : int
        Rows of the table.
    known, distinct : int
        Values that are not missing, and how many different ones.
    numeric, whole : bool
        Whether all known values are numbers, and whole ones.
    lowest, highest : float
        Of the numbers; NaN if it is not numeric.
    counts : mapping of str to int
        Values with their rows, if there are at most six.
    among_numbers : str
        The most frequent value that is no number, of a column in which most are; else empty.
    looks : {"dates", "codes", "words", "numbers"}
        What kind of values they are.
    """

    name: str
    rows: int
    known: int
    distinct: int
    numeric: bool
    whole: bool
    lowest: float
    highest: float
    counts: Mapping[str, int]
    among_numbers: str
    looks: str

    @property
    def all_differ(self) -> bool:
        """Return whether every row has a value of its own."""
        return self.known == self.rows == self.distinct

    @property
    def numbers_rows(self) -> bool:
        """Return whether it counts the rows: consecutive whole numbers, or unique ones under a name for it."""
        if not (self.all_differ and self.whole):
            return False
        consecutive = self.highest - self.lowest + 1 == self.rows and self.lowest in (0, 1)
        return names_a_row(self.name) or (self.rows >= _ENOUGH_ROWS and consecutive)


def columns_of(sheet: Sheet, decimal: str) -> list[Column]:
    """Return what each column of a table holds."""
    return [_column(sheet, str(name), decimal) for name in sheet.frame.columns]


def no_covariates(
    columns: Sequence[Column],
    sheet: Sheet,
    taken: Iterable[str],
    outcome: Mapping[str, str],
    happened: BoolArray | None,
) -> dict[str, str]:
    """Return columns that are no covariates, each with the reason.

    Parameters
    ----------
    columns : sequence of Column
        All of the table.
    sheet : Sheet
        The table.
    taken : iterable of str
        Identifier, time and event.
    outcome : mapping of str to str
        Columns that tell the outcome, each with the reason.
    happened : array of bool, shape (rows,), or None
        Who had the event, if that is known.
    """
    taken = set(taken)
    out: dict[str, str] = {}
    for column in columns:
        if column.name not in taken:
            reason = outcome.get(column.name) or _reason(column) or _tells_the_event(column, sheet, happened)
            if reason:
                out[column.name] = reason
    return out


def worth_a_look(columns: Sequence[Column], settled: Iterable[str]) -> list[str]:
    """Return covariates that are called like a time: they may be known only after the start of the follow-up."""
    settled = set(settled)
    return [column.name for column in columns if column.name not in settled and names_some_time(column.name)]


def words_among_numbers(columns: Sequence[Column], settled: Iterable[str]) -> dict[str, list[str]]:
    """Return words that say that nobody knows, each with the columns of numbers that hold it."""
    settled = set(settled)
    found: dict[str, list[str]] = {}
    for column in columns:
        if column.name not in settled and column.among_numbers and nobody_knows(column.among_numbers):
            found.setdefault(column.among_numbers, []).append(column.name)
    return found


def _column(sheet: Sheet, name: str, decimal: str) -> Column:
    column = sheet.column(name)
    texts = column.texts().dropna()
    numbers = column.parsed(decimal)[column.present()]
    numeric = bool(len(texts)) and bool(np.isfinite(numbers).all())
    words = texts[~np.isfinite(numbers)]
    distinct = int(texts.nunique())
    counts = {}
    if distinct <= MOST_EVENT_VALUES:
        levels = texts.map(level_text).value_counts()
        counts = {str(level): int(levels[level]) for level in sorted(levels.index)}
    return Column(
        name=name,
        rows=len(sheet.frame),
        known=len(texts),
        distinct=distinct,
        numeric=numeric,
        whole=numeric and bool((numbers == np.round(numbers)).all()),
        lowest=float(numbers.min()) if numeric else np.nan,
        highest=float(numbers.max()) if numeric else np.nan,
        counts=counts,
        among_numbers=str(words.mode().iloc[0]) if 0 < 2 * len(words) < len(texts) else "",
        looks="numbers" if numeric else _kind(texts),
    )


def _kind(texts: "pd.Series[str]") -> str:
    if not len(texts):
        return "words"
    if all(_DATE.fullmatch(text) for text in texts):
        return "dates"
    return "codes" if all(_CODE.fullmatch(text) for text in texts) else "words"


def _reason(column: Column) -> str | None:
    """Return why a column is no covariate, as far as itself tells."""
    if not column.known:
        return "empty"
    if column.distinct < 2:
        return "one value only"
    if column.numbers_rows:
        return "row numbers"
    if not column.name:
        return "no name in the header"
    if identifier_rank(column.name) is not None and column.distinct > max(_ENOUGH_ROWS, column.rows / 20):
        return "another identifier"
    if names_a_split(column.name):
        return "parts of a split"
    if names_what_follows(column.name):
        return "known only after the outcome, by its name"
    if column.looks == "dates":
        return "dates"
    if column.whole and column.all_differ and column.rows >= 2 * _ENOUGH_ROWS:
        return "a different whole number in every row, as identifiers have"
    if column.among_numbers:
        return None
    if not column.numeric and column.distinct > 10 and column.distinct > column.known / 2:
        return "words that nearly all differ"
    if column.looks != "numbers" and column.distinct > MOST_LEVELS:
        return f"more than {MOST_LEVELS} different words"
    return None


def _tells_the_event(column: Column, sheet: Sheet, happened: BoolArray | None) -> str | None:
    """Return how a column tells who had the event, by where it is filled in or by each of its values, else None.

    Where fewer than ten patients had the event, or did not, it may be chance.
    """
    if happened is None or min(happened.sum(), (~happened).sum()) < _ENOUGH_ROWS:
        return None
    known = sheet.column(column.name).present()
    if column.known < column.rows:
        only = not (known & ~happened).any() and (known & happened).sum() > happened.sum() / 2
        return "filled in only where the event happened" if only else None
    if len(column.counts) >= 2:
        shares = pd.Series(happened).groupby(sheet.column(column.name).texts().to_numpy()).mean()
        return "each of its values goes with the event, or with none" if shares.isin((0, 1)).all() else None
    return None
