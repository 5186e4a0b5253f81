"""Read the modality files of a hospital's own cohort; each row or file belongs to a patient of the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError
from benchmarks.types import Bags, BoolArray, IntArray, Matrix, Modality, Table, Texts

from ..readers.packed_slides import packed_slides
from ..readers.patch_features import COORDINATES, SUFFIXES, patch_bags
from ..readers.slide_bags import bags_of_slides
from .columns import NO_NAME, covariates
from .description import BagFiles, Format, MatrixFile, ModalityFile, TableFile, TextFile
from .problems import Report, quoted
from .table import Sheet, SheetColumn, read_numbers, read_words

# What may follow the patient's identifier in the name of a slide's file.
DIVIDERS = "_-."


@dataclass(frozen=True, slots=True)
class KnownPatients:
    """The patients of a cohort, and who else stands in its table.

    Parameters
    ----------
    ids : sequence of str, length n
        The patients, in the order of the cohort.
    everyone : set of str
        They and those who were left out because they have no outcome.
    """

    ids: Sequence[str]
    everyone: set[str]


def read_modality(
    what: ModalityFile, folder: Path, patient_column: str, known: KnownPatients, written: Format, report: Report
) -> Modality:
    """Read a modality; patients without a row or file do not have it.

    Parameters
    ----------
    what : ModalityFile
        Its part of the cohort file.
    folder : Path
        Folder of the cohort file, in which the modality's file is looked for.
    patient_column : str
        Column of the identifiers, if the modality names no other.
    known : KnownPatients
        The patients.
    written : Format
        How CSV files are written.
    report : Report
        Where it is told if a patient is unknown or there twice, or a value wrong; the modality is of use only if
        nothing is.

    Raises
    ------
    UsageError
        If a file is missing or cannot be read; it names the file.
    """
    column = what.patient if what.patient is not None else patient_column
    match what:
        case BagFiles():
            return _bags(what, folder, column, known, written, report)
        case TableFile():
            return _table(what, read_words(folder / what.file, written, column), column, known, written, report)
        case MatrixFile():
            return _matrix(what, read_numbers(folder / what.file, column, written), column, known, written, report)
        case TextFile():
            return _texts(what, read_words(folder / what.file, written, column), column, known, report)


def _table(what: TableFile, sheet: Sheet, patient: str, known: KnownPatients, written: Format, report: Report) -> Table:
    rows = _rows_of(sheet, patient, known, report)
    frame = covariates(sheet, _names(sheet, patient, what.leave_out, report), what.types, written.decimal, report)
    # A patient without a row gets missing values throughout: -1 is no label of the index.
    return Table(frame.reindex(rows).reset_index(drop=True), rows >= 0)


def _matrix(
    what: MatrixFile, sheet: Sheet, patient: str, known: KnownPatients, written: Format, report: Report
) -> Matrix:
    rows = _rows_of(sheet, patient, known, report)
    names = _names(sheet, patient, what.leave_out, report)
    if "" in names:
        report.add(sheet.file, f"column {1 + sheet.columns.index('')} {NO_NAME}")
    values = np.full((len(known.ids), len(names)), np.nan, dtype=np.float32)
    given = sheet.block(names, written.decimal, report)
    largest = np.finfo(np.float32).max
    too_large = np.abs(given) > largest
    for place in np.flatnonzero(too_large.any(axis=0)):
        limit = f"beyond {largest:.3g}, the largest that a matrix holds"
        column = sheet.column(names[place])
        column.report(report, too_large[:, place], "value", f"is {limit}", f"are {limit}")
    values[rows >= 0] = np.where(too_large, np.nan, given)[rows[rows >= 0]]
    return Matrix(values, tuple(names), rows >= 0)


def _texts(what: TextFile, sheet: Sheet, patient: str, known: KnownPatients, report: Report) -> Texts:
    rows = _rows_of(sheet, patient, known, report)
    written = ["" if pd.isna(text) else str(text) for text in sheet.column(what.column).texts()]
    return Texts(tuple(written[row] if row >= 0 else "" for row in rows))


def _names(sheet: Sheet, patient: str, leave_out: Sequence[str], report: Report) -> list[str]:
    """Return the columns of a modality: all but the identifier and those left out."""
    for name in leave_out:
        if name not in sheet.columns:
            report.add(sheet.file, sheet.lacks(name))
    names = [name for name in sheet.columns if name != patient and name not in leave_out]
    if not names:
        raise UsageError(f"{sheet.file}: no column is left beside {quoted(patient)}")
    return names


def _rows_of(sheet: Sheet, patient: str, known: KnownPatients, report: Report) -> IntArray:
    """Return the row of the sheet of each patient, -1 for none."""
    found = sheet.patients(patient, report)
    _report_strangers(sheet.column(patient), known, report)
    row_of = {str(identifier): row for row, identifier in enumerate(found) if not pd.isna(identifier)}
    return np.array([row_of.get(identifier, -1) for identifier in known.ids], dtype=np.int64)


def _report_strangers(column: SheetColumn, known: KnownPatients, report: Report) -> BoolArray:
    """Report the rows of patients who are not in the table of patients, and return which they are."""
    ids = column.texts()
    strange = np.asarray(ids.notna() & ~ids.isin(list(known.everyone)))
    there = "not in the table of patients"
    column.report(report, strange, "patient", f"is {there}", f"are {there}")
    return strange


def _bags(what: BagFiles, folder: Path, patient: str, known: KnownPatients, written: Format, report: Report) -> Bags:
    if what.file is not None:
        packed = packed_slides(folder / what.file, known.everyone)
        return bags_of_slides({identifier: packed.get(identifier, []) for identifier in known.ids}, known.ids)
    assert what.folder is not None, "the cohort file names one of the two"
    features = folder / what.folder
    if not features.is_dir():
        raise UsageError(f"{what.folder}: no such folder in {folder}")
    if what.slides is None:
        found = _named_after_patients(features, known, report)
    else:
        sheet = read_words(folder / what.slides, written, patient)
        found = listed_files(sheet, patient, what.column, features, known, report)
    return patch_bags({identifier: found.get(identifier, []) for identifier in known.ids}, known.ids)


def listed_files(
    sheet: Sheet, patient: str, column: str, features: Path, known: KnownPatients, report: Report
) -> Mapping[str, list[Path]]:
    """Return the files by patient as a table lists them; what is wrong with a row is reported.

    Parameters
    ----------
    sheet : Sheet
        One row per file.
    patient, column : str
        Its columns of patients and of file names.
    features : Path
        Folder of the files.
    known : KnownPatients
        The patients.
    report : Report
        Where it is told if a patient is unknown, or a file missing or listed twice.
    """
    of_patients, files = sheet.column(patient), sheet.column(column)
    ids, names = of_patients.texts(), files.texts()
    of_patients.report(report, ~of_patients.present(), "identifier", "is missing", "are missing", shown=False)
    _report_strangers(of_patients, known, report)
    files.report(report, ~files.present(), "file", "is missing", "are missing", shown=False)
    there = np.array([pd.isna(name) or _is_file(features / str(name)) for name in names])
    lacks = f"not in {features.name}"
    files.report(report, ~there, "file", f"is {lacks}", f"are {lacks}")
    twice = np.asarray(pd.DataFrame({"id": ids, "file": names}).duplicated() & ids.notna() & names.notna())
    files.report(report, twice, "file", "is listed twice", "are listed twice")
    found: dict[str, list[Path]] = {}
    for identifier, name, exists in zip(ids, names, there & ~twice, strict=True):
        if exists and not pd.isna(identifier) and not pd.isna(name):
            found.setdefault(str(identifier), []).append(features / str(name))
    return found


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that none can have
        return False


def _named_after_patients(features: Path, known: KnownPatients, report: Report) -> Mapping[str, list[Path]]:
    """Return the files by patient: ``<id>.h5`` or ``<id>_anything.h5``; one that fits two patients is a problem."""
    found: dict[str, list[Path]] = {}
    strange: list[str] = []
    for path in sorted(features.iterdir()):
        if path.suffix not in SUFFIXES or path.stem.endswith(COORDINATES):
            continue
        fitting = [identifier for identifier in known.everyone if _is_of(path.stem, identifier)]
        if not fitting:
            strange.append(path.name)
        elif len(fitting) > 1:
            one, other = sorted(fitting)[:2]
            report.add(
                f"{features.name}/{path.name}",
                f"may belong to patient {quoted(one)} or {quoted(other)}; say whose it is in a table, named by slides",
            )
        else:
            found.setdefault(fitting[0], []).append(path)
    if strange:
        files = f"{len(strange)} files begin" if len(strange) > 1 else "1 file begins"
        report.add(features.name, f"{files} with no identifier of the table: {quoted(strange[0])}", len(strange))
    return found


def _is_of(stem: str, identifier: str) -> bool:
    return stem == identifier or (stem.startswith(identifier) and stem[len(identifier)] in DIVIDERS)
