"""Draft a cohort file from a table: what its columns most likely are, and why, for ``data init`` to ask or to write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError
from benchmarks.types import BoolArray

from .columns import have_outcome
from .description import Format
from .draft_columns import Column, columns_of, no_covariates, words_among_numbers, worth_a_look
from .draft_guess import Guess, listed
from .draft_identifier import guess_patient, repeated_persons, several_rows
from .draft_names import plain
from .draft_outcome import Outcomes, find_outcomes, guess_endpoint, guess_unit
from .draft_reading import read_for_draft
from .draft_values import EventValues, completed, event_values
from .draft_writing import Draft, dataset_name, write_draft
from .table import ROW_NUMBER, Sheet, level_text

__all__ = ["Draft", "DraftTable", "dataset_name", "listed", "write_draft"]


@dataclass(frozen=True, slots=True, eq=False)
class DraftTable:
    """A table of which nothing is known yet, and what it tells about each question.

    Parameters
    ----------
    sheet : Sheet
        The table.
    written : Format
        How it is written.
    columns : mapping of str to Column
        What each column holds.
    """

    sheet: Sheet
    written: Format
    columns: Mapping[str, Column]

    @classmethod
    def read(cls, path: Path, missing: Sequence[str] = ()) -> "DraftTable":
        """Read a table; ``missing`` are words that mean missing."""
        sheet, written = read_for_draft(path, missing)
        return cls(sheet, written, {column.name: column for column in columns_of(sheet, written.decimal)})

    @property
    def identifiers(self) -> list[str]:
        """Return what may be named as the identifier: a column, or the row number."""
        return [*self.columns, ROW_NUMBER]

    @property
    def names(self) -> list[str]:
        """Return the names of all columns."""
        return list(self.columns)

    def patient(self) -> Guess:
        """Return the column of the identifiers; a UsageError if patients have several rows."""
        return guess_patient(list(self.columns.values()), self.sheet)

    def require_one_row_each(self, patient: str) -> str | None:
        """Refuse identifiers that repeat; return a warning if another column says that persons do."""
        column = self.columns.get(patient)
        if column is not None and column.known == column.rows and not column.all_differ:
            raise UsageError(several_rows(column, self.sheet))
        again = repeated_persons(list(self.columns.values()), patient)
        if again is None:
            return None
        return f"{again.name!r} repeats: rows of one patient may stand in train and test part"

    def outcomes(self, patient: str | None) -> Outcomes:
        """Return all columns that may be times and events."""
        return find_outcomes(list(self.columns.values()), [patient] if patient is not None else [])

    def meaning(
        self, event: str, happened: Sequence[str] | None = None, censored: Sequence[str] | None = None
    ) -> EventValues:
        """Return what the values of an event column mean, given what was said of them."""
        counts = self.columns[event].counts
        if not counts:
            raise UsageError(
                f"{self.sheet.file}: column {event!r} has {self.columns[event].distinct} different values: "
                "an event has a few, such as 0 and 1"
            )
        in_adtte = any(plain(name) == "aval" for name in self.columns)
        return completed(event_values(event, counts, in_adtte=in_adtte), counts, happened, censored)

    def unit(self, time: str) -> Guess:
        """Return the unit of the times."""
        return guess_unit(self.columns[time])

    def endpoint(self, outcomes: Outcomes, event: str, happened: Sequence[str]) -> Guess:
        """Return what the event is."""
        return guess_endpoint(outcomes, event, happened)

    def left_out(
        self, outcomes: Outcomes, patient: str | None, time: str | None, event: str | None, happened: Sequence[str]
    ) -> dict[str, str]:
        """Return columns that are no covariates, each with the reason."""
        taken = [name for name in (patient, time, event) if name is not None]
        if time is not None and event is not None:
            telling = outcomes.telling(time, event)
        else:
            # While the outcome is open, its candidates are neither covariates nor left out.
            telling = {}
            taken += [role.column for role in (*outcomes.times, *outcomes.events)]
        return no_covariates(
            list(self.columns.values()), self.sheet, taken, telling, self._happened(event, happened) if event else None
        )

    def worth_a_look(self, settled: Sequence[str]) -> list[str]:
        """Return covariates that may be known only after the start of the follow-up, by their names."""
        return worth_a_look(list(self.columns.values()), settled)

    def words_among_numbers(self, settled: Sequence[str]) -> dict[str, list[str]]:
        """Return words that say that nobody knows, each with the columns of numbers that hold it."""
        return words_among_numbers(list(self.columns.values()), settled)

    def without_outcome(self, time: str, event: str) -> int:
        """Return how many rows have no time, a time that is not greater than 0, or no event."""
        return int((~have_outcome(self.sheet, time, event, self.written.decimal)).sum())

    def _happened(self, event: str, happened: Sequence[str]) -> BoolArray | None:
        if not happened:
            return None
        values = self.sheet.column(event).texts()
        return np.array([not pd.isna(value) and level_text(str(value)) in happened for value in values])
