"""Patients of a table or cohort file without an outcome, such as those of today, for a model that was fitted before."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError
from benchmarks.types import Modality, Patients, Table

from ..readers.report_facts import facts_table
from .adapter import covariate_names, texts_of
from .columns import covariates
from .description import ColumnType, Facts, Format, read_description
from .modalities import KnownPatients, read_modality
from .problems import Report
from .table import ROW_NUMBER, Sheet, read_words


def patients_of_table(path: Path, identifier: str, numbers: Mapping[str, bool]) -> Patients:
    """Return the patients of a table with the modality ``clinical``; no modality where no column is named.

    Parameters
    ----------
    path : Path
        A table with a row per patient: ``.csv`` (with commas and decimal points), ``.tsv``, ``.parquet``.
    identifier : str
        Column of the identifiers.
    numbers : mapping of str to bool
        The covariates; whether each holds numbers.

    Raises
    ------
    UsageError
        If it is no table, a column is missing, an identifier is missing or there twice, or a value is no number.
    """
    written = Format()
    sheet = read_words(path, written, identifier)
    missing = [name for name in (identifier, *numbers) if name not in sheet.columns]
    if missing:
        what = "the column of the identifiers; name it with --patient" if missing[0] == identifier else "a covariate"
        raise UsageError(f"{sheet.file}: {sheet.lacks(missing[0])}: it is {what}")
    report = Report()
    ids = sheet.patients(identifier, report)
    columns = {name: _column(sheet, name, is_number, written.decimal, report) for name, is_number in numbers.items()}
    report.raise_found()
    others = [name for name in sheet.columns if name not in (identifier, *numbers)]
    # Those that are not read are there by name, so that their number can be told.
    rest = {name: sheet.frame[name].astype("string").astype(object).astype("category") for name in others if name}
    frame = pd.DataFrame({**columns, **rest}, index=pd.RangeIndex(len(sheet.frame)))
    modalities: dict[str, Modality] = {"clinical": Table(frame)} if numbers else {}
    return Patients(np.array([str(one) for one in ids]), modalities)


def patients_of_cohort_file(path: Path) -> Patients:
    """Return the patients of a cohort file with all its modalities; the columns of their outcome need not be there.

    Raises
    ------
    UsageError
        If anything does not fit the description; it names file, column, row and patient.
    """
    description = read_description(path)
    written, table = description.format, description.table
    sheet = read_words(path.parent / table.file, written, table.patient)
    if table.patient == ROW_NUMBER:
        sheet = sheet.numbered()
    report = Report()
    names = covariate_names(sheet, table, description.clinical)
    for name in (table.patient, *names):
        if name not in sheet.columns:
            report.add(sheet.file, sheet.lacks(name))
    report.raise_found()
    ids = [str(one) for one in sheet.patients(table.patient, report)]
    # Of few patients all may lack a value.
    known_of = [name for name in names if name == "" or sheet.column(name).present().any()]
    types: dict[str, ColumnType] = {
        name: kind for name, kind in description.clinical.types.items() if name in known_of or name not in names
    }
    clinical = covariates(sheet, known_of, types, written.decimal, report)
    report.raise_found()
    unknown = {name: np.full(len(ids), np.nan) for name in names if name not in known_of}
    clinical = clinical.assign(**unknown)[names]
    known = KnownPatients(ids, set(ids))
    modalities: dict[str, Modality] = {}
    for name, what in description.modalities.items():
        if not isinstance(what, Facts):
            modalities[name] = read_modality(what, path.parent, table.patient, known, written, report)
    report.raise_found()
    of = {name: what.of for name, what in description.modalities.items() if isinstance(what, Facts)}
    modalities |= {name: facts_table(texts_of(modalities[source])) for name, source in of.items()}
    return Patients(np.array(ids), {"clinical": Table(clinical), **modalities})


def _column(sheet: Sheet, name: str, is_number: bool, decimal: str, report: Report) -> object:
    column = sheet.column(name)
    if is_number:
        return column.numbers(decimal, report)
    texts = column.texts()
    return pd.Categorical(texts.astype(object), sorted(texts.dropna().unique()))
