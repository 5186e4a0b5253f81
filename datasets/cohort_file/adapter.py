"""A hospital's own cohort, described by a TOML file; nothing to program (docs/own_cohort.md)."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Modality, Outcome, Patients, Table, Texts

from ..readers.report_facts import facts_table
from .columns import covariates, events, folds, have_outcome, strata, times
from .description import Clinical, Facts, PatientTable, read_description
from .modalities import KnownPatients, read_modality
from .problems import Report, quoted
from .table import ROW_NUMBER, Sheet, read_words

# Kinds of split that are no grouping.
OF_ANY_DATASET = ("stratified", "published")


def cohort_card(path: Path) -> dict[str, Any]:
    """Return the keys of the card of a cohort file; no data are read.

    Parameters
    ----------
    path : Path
        The TOML file. It reaches the loader as an argument and stands in no key and no result.

    Raises
    ------
    UsageError
        If the file is no valid description of a cohort.
    """
    description = read_description(path)
    given = {
        key: value
        for key in ("name", "title", "endpoint", "time_unit", "source", "citation", "licence", "n", "events", "horizon")
        if (value := getattr(description, key)) is not None
    }
    return {
        **given,
        "entry": "benchmarks.datasets.cohort_file.adapter:load",
        "arguments": {"file": str(path)},
        "modalities": ["clinical", *description.modalities],
    }


def load(file: str) -> Cohort:
    """Read a cohort as its file describes it.

    Parameters
    ----------
    file : str
        Path of the TOML file.

    Returns
    -------
    Cohort
        The modality ``clinical`` and those that the file names, in the order of the table of patients.

    Raises
    ------
    UsageError
        If anything does not fit the description; it names file, column, row and patient. Several problems are one
        ``ReportError``.
    """
    path = Path(file)
    description = read_description(path)
    written, table = description.format, description.table
    sheet = read_words(path.parent / table.file, written, table.patient)
    if table.patient == ROW_NUMBER:
        sheet = sheet.numbered()
    report = Report()
    _require_columns(sheet, table, description.clinical, report)
    report.raise_found()
    everyone = sheet.patients(table.patient, report)
    excluded = 0
    if table.exclude_without_outcome:
        kept = have_outcome(sheet, table.time, table.event, written.decimal)
        excluded = int((~kept).sum())
        if not kept.any():
            raise UsageError(f"{sheet.file}: no patient has an outcome")
        sheet = sheet.take(kept)
    time = times(sheet.column(table.time), written.decimal, report)
    event = events(sheet.column(table.event), table.event_values, table.censored_values, report)
    names = covariate_names(sheet, table, description.clinical)
    clinical = covariates(sheet, names, description.clinical.types, written.decimal, report)
    of_strata = strata(sheet.column(table.strata), report) if table.strata is not None else None
    of_groups = {name: strata(sheet.column(name), report) for name in table.groups}
    of_folds = folds(sheet.column(table.folds), report) if table.folds is not None else None
    known = KnownPatients(
        [str(identifier) for identifier in sheet.column(table.patient).texts()], set(everyone.dropna().astype(str))
    )
    modalities: dict[str, Modality] = {}
    for name, what in description.modalities.items():
        try:
            if not isinstance(what, Facts):
                modalities[name] = read_modality(what, path.parent, table.patient, known, written, report)
        except UsageError as error:
            report.add_error(error, f"[modalities.{name}]")
    report.raise_found()
    of_texts = {name: what.of for name, what in description.modalities.items() if isinstance(what, Facts)}
    modalities |= {name: facts_table(texts_of(modalities[of])) for name, of in of_texts.items()}
    patients = Patients(np.array(known.ids), {"clinical": Table(clinical), **modalities})
    return Cohort(patients, Outcome(time, event), description.time_unit, of_strata, of_folds, excluded, of_groups)


def _require_columns(sheet: Sheet, table: PatientTable, clinical: Clinical, report: Report) -> None:
    """Report the columns that the cohort file names and the table lacks, and covariates that cannot be some."""
    of_outcome = _of_outcome(table)
    named = [*of_outcome, *([table.strata] if table.strata is not None else []), *table.groups]
    for name in dict.fromkeys([*named, *(clinical.columns or []), *clinical.leave_out]):
        if name not in sheet.columns:
            report.add(sheet.file, sheet.lacks(name))
    for name in dict.fromkeys(clinical.columns or []):
        if name in of_outcome:
            report.add(sheet.file, f"{quoted(name)} cannot be a covariate: it is identifier, outcome or fold")
        if name in clinical.leave_out:
            report.add(sheet.file, f"{quoted(name)} is in columns and in leave_out")
    for name in table.groups:
        if name in OF_ANY_DATASET:
            report.add(sheet.file, f"groups: {quoted(name)} is the name of a kind of split; rename the column")
    if not covariate_names(sheet, table, clinical):
        report.add(sheet.file, "no column is left as a covariate")


def texts_of(modality: Modality) -> Texts:
    """Return a modality that is known to be texts."""
    assert isinstance(modality, Texts), "the cohort file names one of kind text"
    return modality


def _of_outcome(table: PatientTable) -> list[str]:
    return [table.patient, table.time, table.event, *([table.folds] if table.folds is not None else [])]


def covariate_names(sheet: Sheet, table: PatientTable, clinical: Clinical) -> list[str]:
    """Return the columns asked for, or all but identifier, outcome, folds and those left out."""
    if clinical.columns is not None:
        return list(dict.fromkeys(clinical.columns))
    return [name for name in sheet.columns if name not in {*_of_outcome(table), *clinical.leave_out}]
