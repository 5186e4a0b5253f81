"""Write a drafted cohort file, with the reason for every column that is left out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tomlkit
from tomlkit.items import Table

from benchmarks.errors import UsageError

from .description import Format
from .draft_guess import listed


@dataclass(frozen=True, slots=True, kw_only=True)
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
    event_values, censored_values : sequence of str
        What the event column says.
    exclude_without_outcome : bool
        Whether patients without time or event are left out.
    leave_out : mapping of str to str
        Columns that are no covariates, each with the reason.
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
    event_values: Sequence[str]
    censored_values: Sequence[str]
    exclude_without_outcome: bool = False
    leave_out: Mapping[str, str] = field(default_factory=dict)
    format: Format = field(default_factory=Format)


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


def by_reason(leave_out: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the columns that are left out for each reason."""
    groups: dict[str, list[str]] = {}
    for column, reason in leave_out.items():
        groups.setdefault(reason, []).append(column)
    return groups


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
    values = {key: list(getattr(draft, key)) for key in ("event_values", "censored_values")}
    excluding = {"exclude_without_outcome": True} if draft.exclude_without_outcome else {}
    document.add("table", _section(columns | values | excluding))
    clinical = tomlkit.table()
    clinical.add(tomlkit.comment("All other columns are covariates. Leave out what is known only after the outcome."))
    for reason, names in by_reason(draft.leave_out).items():
        clinical.add(tomlkit.comment(f"{listed(names)}: {reason}"))
    clinical.add("leave_out", list(draft.leave_out))
    document.add("clinical", clinical)
    return tomlkit.dumps(document)


def _section(keys: Mapping[str, object]) -> Table:
    """Return a section with an empty line after it."""
    section = tomlkit.table()
    section.update(keys)
    section.add(tomlkit.nl())
    return section
