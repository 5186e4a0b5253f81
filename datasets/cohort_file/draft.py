"""Draft a cohort file from a hospital's table: guess what the columns are, and write it down to be checked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import tomlkit
from tomlkit.items import Table

from benchmarks.errors import UsageError

from .description import Format, Level
from .reading import table_text
from .table import Sheet, level_text, read_words

_PATIENT = ("patient_id", "patientid", "patient", "pid", "case_id", "case", "subject", "id")
_TIME = (
    "os_time",
    "time",
    "survival_time",
    "survival_months",
    "survival_days",
    "follow_up",
    "followup",
    "months",
    "days",
    "years",
    "duration",
)
_EVENT = ("event", "status", "vital_status", "death", "dead", "died", "os", "recurrence")
# Columns called so are neither covariates nor outcome.
_OF_A_SPLIT = ("fold", "split", "set", "part")
_HAPPENED = ("1", "yes", "true", "dead", "deceased", "died", "event", "relapse", "recurrence", "progression")
_DID_NOT = ("0", "no", "false", "alive", "living", "censored", "none")
_UNITS = {"day": "days", "month": "months", "year": "years"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a cohort file is written from.

    Parameters
    ----------
    file : str
        Name of the table, beside which the cohort file stands.
    name, title, endpoint, time_unit : str
        As in the cohort file.
    patient, time, event : str
        Columns.
    event_values, censored_values : tuple of str
        What the event column says.
    leave_out : tuple of str
        Columns that are no covariates.
    format : Format
        How the table is written.
    """

    file: str
    name: str
    title: str
    endpoint: str
    time_unit: str
    patient: str
    time: str
    event: str
    event_values: tuple[str, ...]
    censored_values: tuple[str, ...]
    leave_out: tuple[str, ...] = ()
    format: Format = field(default_factory=Format)


def read_for_draft(path: Path) -> tuple[Sheet, Format]:
    """Read a table whose separator, decimal sign and encoding are not known yet."""
    if path.suffix.lower() == ".parquet":
        return read_words(path, Format()), Format()
    if not path.is_file():
        raise UsageError(f"no file at {path}")
    written = _format_of(path)
    return read_words(path, written), written


def guess_patient(sheet: Sheet) -> str | None:
    """Return the column that most likely holds identifiers: a telling name, else the first without repeats."""
    distinct = [str(name) for name in sheet.frame if sheet.frame[name].is_unique and sheet.frame[name].notna().all()]
    return _by_name(distinct, _PATIENT) or next(iter(distinct), None)


def guess_time(sheet: Sheet, taken: Sequence[str]) -> str | None:
    """Return the column that most likely holds the times: a telling name, and positive numbers."""
    numeric = [
        str(name)
        for name in sheet.frame
        if name not in taken and (pd.to_numeric(sheet.frame[name], errors="coerce").dropna() >= 0).any()
    ]
    return _by_name(numeric, _TIME)


def guess_event(sheet: Sheet, taken: Sequence[str]) -> str | None:
    """Return the column that most likely holds the event: a telling name, and at most five different values."""
    few = [str(name) for name in sheet.frame if name not in taken and 2 <= sheet.frame[name].nunique() <= 5]
    return _by_name(few, _EVENT)


def guess_unit(column: str) -> str | None:
    """Return the unit of time that a column's name contains."""
    return next((unit for word, unit in _UNITS.items() if word in column.lower()), None)


def values_of(sheet: Sheet, column: str) -> list[str]:
    """Return the different values of a column, as text."""
    return sorted({level_text(value) for value in sheet.column(column).required().texts()})


def guess_event_values(values: Sequence[str]) -> tuple[str, ...]:
    """Return which values of an event column most likely mean that it happened; none if they do not tell."""
    happened = tuple(value for value in values if value.lower() in _HAPPENED)
    rest = [value for value in values if value not in happened]
    return happened if all(value.lower() in _DID_NOT for value in rest) and rest else ()


def names_and_comments(sheet: Sheet, taken: Sequence[str]) -> list[str]:
    """Return columns that are no covariates: empty, constant, of a split, or words that nearly all differ."""
    out = []
    for name in sheet.frame:
        if name in taken:
            continue
        values = sheet.frame[name].dropna()
        is_number = pd.to_numeric(values, errors="coerce").notna()
        all_differ = values.nunique() > 10 and values.nunique() > len(values) / 2 and not is_number.any()
        if values.nunique() < 2 or all_differ or str(name).lower() in _OF_A_SPLIT:
            out.append(str(name))
    return out


def write_draft(draft: Draft, path: Path) -> None:
    """Write the cohort file.

    Raises
    ------
    UsageError
        If there is one already, or the folder cannot be written to.
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_toml(draft))
    except FileExistsError:
        raise UsageError(f"{path} exists already; remove it, or write elsewhere with --output") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def dataset_name(text: str) -> str:
    """Return a file's name as a name of a dataset: letters, digits and dashes."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-").lower() or "own"


def _toml(draft: Draft) -> str:
    document = tomlkit.document()
    document.add(
        tomlkit.comment("Drafted by `python -m benchmarks data init`; what each key means: docs/own_cohort.md")
    )
    for key in ("name", "title", "endpoint", "time_unit"):
        document.add(key, getattr(draft, key))
    document.add(tomlkit.nl())
    if draft.format != Format():
        document.add("format", _section(draft.format.model_dump(exclude_defaults=True)))
    columns = {key: getattr(draft, key) for key in ("file", "patient", "time", "event")}
    values = {key: _texts(getattr(draft, key)) for key in ("event_values", "censored_values")}
    document.add("table", _section(columns | values))
    clinical = tomlkit.table()
    clinical.add(tomlkit.comment("All other columns are covariates. Leave out what is known only after the outcome."))
    clinical.add("leave_out", _texts(draft.leave_out))
    document.add("clinical", clinical)
    return tomlkit.dumps(document)


def _section(keys: Mapping[str, object]) -> Table:
    """Return a section with an empty line after it."""
    section = tomlkit.table()
    section.update(keys)
    section.add(tomlkit.nl())
    return section


def _texts(values: Sequence[Level]) -> list[str]:
    return [str(value) for value in values]


def _by_name(columns: Sequence[str], words: Sequence[str]) -> str | None:
    """Return the column called like one of the words, or, failing that, whose name contains one."""
    plain = {name: re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in columns}
    for word in words:
        for name in columns:
            if plain[name] == word:
                return name
    for word in words:
        for name in columns:
            # A unit alone says little: age_years is no follow-up.
            if word not in _UNITS.values() and word in plain[name].split("_"):
                return name
    return None


def _format_of(path: Path) -> Format:
    """Return separator, decimal sign and encoding of a CSV file, judged by its beginning."""
    found = table_text(path, "utf-8-sig", "latin-1")
    header, *rest = found.text.splitlines() or [""]
    separator = found.separator or max((",", ";", "\t"), key=header.count)
    if separator != "," and re.search(r"\d,\d", "\n".join(rest)):
        return Format(separator=separator, decimal=",", encoding=found.encoding)
    return Format(separator=separator, encoding=found.encoding)
