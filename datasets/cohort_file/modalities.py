"""Read the modality files of a hospital's own cohort; each row or file belongs to a patient of the table."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError
from benchmarks.types import Bags, IntArray, Matrix, Modality, Table, Texts

from ..readers.patch_features import COORDINATES, SUFFIXES, patch_bags
from .description import BagFiles, Format, MatrixFile, ModalityFile, TableFile, TextFile
from .table import Sheet, covariates, read_numbers, read_words

# What may follow the patient's identifier in the name of a slide's file.
DIVIDERS = "_-."


def read_modality(
    what: ModalityFile, folder: Path, patient_column: str, ids: Sequence[str], written: Format
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
    ids : sequence of str, length n
        The patients, in the order of the cohort.
    written : Format
        How CSV files are written.

    Raises
    ------
    UsageError
        If a file is missing, a patient unknown or there twice, or a value wrong; it names file, row and column.
    """
    column = what.patient or patient_column
    match what:
        case BagFiles():
            return _bags(what, folder, column, ids, written)
        case TableFile():
            return _table(what, read_words(folder / what.file, written), column, ids, written)
        case MatrixFile():
            return _matrix(read_numbers(folder / what.file, column, written), column, ids, written)
        case TextFile():
            return _texts(what, read_words(folder / what.file, written), column, ids)


def _table(what: TableFile, sheet: Sheet, patient: str, ids: Sequence[str], written: Format) -> Table:
    rows = _rows_of(sheet, patient, ids)
    names = [str(name) for name in sheet.frame.columns if name != patient]
    frame = covariates(sheet, names, what.types, written.decimal)
    frame.index = pd.RangeIndex(len(frame))
    # A patient without a row gets missing values throughout: -1 is no label of the index.
    return Table(frame.reindex(rows).reset_index(drop=True), rows >= 0)


def _matrix(sheet: Sheet, patient: str, ids: Sequence[str], written: Format) -> Matrix:
    rows = _rows_of(sheet, patient, ids)
    names = [str(name) for name in sheet.frame.columns if name != patient]
    if not names:
        raise UsageError(f"{sheet.file}: there is no column beside {patient!r}")
    values = np.full((len(ids), len(names)), np.nan, dtype=np.float32)
    given = sheet.block(names, written.decimal)
    values[rows >= 0] = given[rows[rows >= 0]]
    return Matrix(values, tuple(names), rows >= 0)


def _texts(what: TextFile, sheet: Sheet, patient: str, ids: Sequence[str]) -> Texts:
    rows = _rows_of(sheet, patient, ids)
    written = ["" if pd.isna(text) else str(text) for text in sheet.column(what.column).texts()]
    return Texts(tuple(written[row] if row >= 0 else "" for row in rows))


def _rows_of(sheet: Sheet, patient: str, ids: Sequence[str]) -> IntArray:
    """Return the row of the sheet of each patient, -1 for none."""
    found = sheet.patients(patient)
    known = set(ids)
    for position, identifier in enumerate(found):
        if identifier not in known:
            raise sheet.column(patient).refuse(position, f"patient {identifier!r} is not in the table of patients")
    row_of = {identifier: row for row, identifier in enumerate(found)}
    return np.array([row_of.get(identifier, -1) for identifier in ids], dtype=np.int64)


def _bags(what: BagFiles, folder: Path, patient: str, ids: Sequence[str], written: Format) -> Bags:
    features = folder / what.folder
    if not features.is_dir():
        raise UsageError(f"{what.folder}: no such folder in {folder}")
    if what.slides is None:
        return patch_bags(_named_after_patients(features, ids), ids)
    return patch_bags(_listed(read_words(folder / what.slides, written), patient, what.column, features, ids), ids)


def _listed(sheet: Sheet, patient: str, column: str, features: Path, ids: Sequence[str]) -> Mapping[str, list[Path]]:
    of_patients = sheet.column(patient).required()
    files = sheet.column(column).required()
    found: dict[str, list[Path]] = {}
    known = set(ids)
    for position, (identifier, name) in enumerate(zip(of_patients.texts(), files.texts(), strict=True)):
        if identifier not in known:
            raise of_patients.refuse(position, f"patient {identifier!r} is not in the table of patients")
        if not (features / name).is_file():
            raise files.refuse(position, f"no such file in {features.name}: {name!r}")
        if features / name in found.setdefault(identifier, []):
            raise files.refuse(position, f"{name!r} is listed twice")
        found[identifier].append(features / name)
    return found


def _named_after_patients(features: Path, ids: Sequence[str]) -> Mapping[str, list[Path]]:
    """Return the files by patient: ``<id>.h5`` or ``<id>_anything.h5``; one that fits two patients is an error."""
    found: dict[str, list[Path]] = {}
    for path in sorted(features.iterdir()):
        if path.suffix not in SUFFIXES or path.stem.endswith(COORDINATES):
            continue
        fitting = [i for i in ids if path.stem == i or (path.stem.startswith(i) and path.stem[len(i)] in DIVIDERS)]
        if not fitting:
            raise UsageError(
                f"{features.name}/{path.name}: no patient of the table has an identifier that it starts with"
            )
        if len(fitting) > 1:
            raise UsageError(
                f"{features.name}/{path.name}: may belong to patient {fitting[0]!r} or {fitting[1]!r}; say whose it is "
                "in a table, named by slides"
            )
        found.setdefault(fitting[0], []).append(path)
    return found
