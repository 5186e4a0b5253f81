"""A hospital's own cohort, described by a TOML file; nothing to program (docs/own_cohort.md)."""

from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.types import Cohort, IntArray, Modality, Outcome, Patients, StringArray, Table

from .description import Clinical, PatientTable, read_description
from .modalities import read_modality
from .table import Sheet, covariates, events, read_words, times


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
        If anything does not fit the description; it names file, row and column.
    """
    path = Path(file)
    description = read_description(path)
    written, table = description.format, description.table
    sheet = read_words(path.parent / table.file, written)
    ids = sheet.patients(table.patient)
    outcome = Outcome(
        times(sheet.column(table.time), written.decimal),
        events(sheet.column(table.event), table.event_values, table.censored_values),
    )
    names = _covariate_names(sheet, table, description.clinical)
    clinical = covariates(sheet, names, description.clinical.types, written.decimal)
    modalities: dict[str, Modality] = {"clinical": Table(clinical)}
    for name, what in description.modalities.items():
        modalities[name] = read_modality(what, path.parent, table.patient, ids, written)
    patients = Patients(np.array(ids), modalities)
    return Cohort(patients, outcome, description.time_unit, _strata(sheet, table), _folds(sheet, table))


def _covariate_names(sheet: Sheet, table: PatientTable, clinical: Clinical) -> list[str]:
    """Return the columns asked for, or all but identifier, outcome, folds and those left out."""
    of_outcome = [table.patient, table.time, table.event, *([table.folds] if table.folds else [])]
    columns = [str(name) for name in sheet.frame.columns]
    for name in [*(clinical.columns or []), *clinical.leave_out]:
        sheet.column(name)
    if clinical.columns is not None:
        for name in clinical.columns:
            if name in of_outcome:
                raise UsageError(f"{sheet.file}: {name!r} cannot be a covariate: it is identifier, outcome or fold")
            if name in clinical.leave_out:
                raise UsageError(f"{sheet.file}: {name!r} is in columns and in leave_out")
        return list(dict.fromkeys(clinical.columns))
    names = [name for name in columns if name not in of_outcome and name not in clinical.leave_out]
    if not names:
        raise UsageError(f"{sheet.file}: no column is left as a covariate")
    return names


def _strata(sheet: Sheet, table: PatientTable) -> StringArray | None:
    if table.strata is None:
        return None
    return np.array([str(stratum) for stratum in sheet.column(table.strata).required().texts()])


def _folds(sheet: Sheet, table: PatientTable) -> IntArray | None:
    """Return the fold of each patient numbered from 0 in the order of the labels; -1 where there is none."""
    if table.folds is None:
        return None
    column = sheet.column(table.folds)
    numbers = column.numbers(".")
    labels = np.unique(numbers[~np.isnan(numbers)])
    if len(labels) < 2:
        raise UsageError(f"{sheet.file}: column {table.folds!r} has {len(labels)} folds; at least 2 are needed")
    folds = np.searchsorted(labels, np.where(np.isnan(numbers), labels[0], numbers))
    return np.where(np.isnan(numbers), -1, folds).astype(np.int64)
