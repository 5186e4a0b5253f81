"""Whose slides the files of a folder are: by the beginning of their names, or by a table."""

from collections.abc import Collection
from pathlib import Path

from benchmarks.errors import UsageError

from ..readers.patch_features import COORDINATES, SUFFIXES, SlideFile, slide_file, slides_by_patient
from .description import Format
from .modalities import KnownPatients, listed_files
from .problems import Report
from .table import read_words


def slides_by_name(folder: Path, id_length: int, known: Collection[str] | None) -> list[SlideFile]:
    """Return the slides of a folder, sorted by name, whose first characters are the patient's id.

    Parameters
    ----------
    folder : Path
        With one file per slide.
    id_length : int
        How many characters of a name are the id: 12 for TCGA barcodes.
    known : collection of str or None
        Every patient there may be a slide of; None if that is not known. A name must then go on after the id with
        something other than a letter or digit.

    Raises
    ------
    UsageError
        If a slide belongs to no patient, stands there in two formats, or its header cannot be read; it names the file.
    """
    files = _files(folder)
    if known is None:
        for path in files:
            if len(path.stem) < id_length or path.stem[id_length : id_length + 1].isalnum():
                raise UsageError(
                    f"{path}: a slide of no patient: the name does not end or pause after {id_length} characters"
                )
        known = {path.stem[:id_length] for path in files}
    found = slides_by_patient(folder, known, id_length)
    slides = [slide_file(path, patient) for patient, paths in found.items() for path in paths]
    return sorted(slides, key=lambda slide: slide.path.name)


def slides_by_table(folder: Path, table: Path, patient: str, column: str) -> list[SlideFile]:
    """Return the slides of a folder whose patients a table tells: patient by patient, in the order of the table.

    Parameters
    ----------
    folder : Path
        With one file per slide.
    table : Path
        One row per slide, as ``slides`` of an own cohort.
    patient, column : str
        Its columns of patients and of file names.

    Raises
    ------
    UsageError
        If a file of the folder is not in the table, a row has no file, a file is listed twice, or its header cannot
        be read; it names the row or the file.
    """
    sheet = read_words(table, Format(), patient)
    owners = {str(owner) for owner in sheet.column(patient).texts().dropna()}
    report = Report()
    listed = listed_files(sheet, patient, column, folder, KnownPatients((), owners), report)
    report.raise_found()
    every = {path for paths in listed.values() for path in paths}
    for path in _files(folder):
        if path not in every:
            raise UsageError(f"{path}: a slide of no patient: not in {table.name}")
    return [slide_file(path, owner) for owner, paths in listed.items() for path in paths]


def patients_of_table(table: Path, patient: str) -> frozenset[str]:
    """Return the patients of a table with one row per patient."""
    report = Report()
    found = read_words(table, Format(), patient).patients(patient, report)
    report.raise_found()
    return frozenset(map(str, found))


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder")
    files = [
        path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES and not path.stem.endswith(COORDINATES)
    ]
    if not files:
        raise UsageError(f"{folder}: no file of a slide in it; they end in {', '.join(SUFFIXES)}")
    return files
