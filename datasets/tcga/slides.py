"""Whole-slide features of TCGA patients: packed HIPT regions, or one file per slide; never both."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.errors import UsageError
from benchmarks.types import Bags

from ..readers.packed_slides import packed_slides
from ..readers.patch_features import slide_file, slides_by_patient
from ..readers.slide_bags import Slide, bags_of_slides
from .molecular import files_of_cohort

# Values of the option `wsi`. What stands for ``<cohort>`` is the cancer type or union in lower case.
HIPT, FILES = "hipt", "files"
SOURCES = {HIPT: "tcga_wsi_hipt/bags_{cohort}.npz", FILES: "tcga_wsi/{cohort}"}

_BARCODE_LENGTH = 12


def slide_bags(
    root: Path, source: str, cohort: str, cancers: Sequence[str], ids: Sequence[str], known: frozenset[str]
) -> Bags | None:
    """Return the slides of a cohort as bags of its patients, or None if the folder has none in any form.

    Slides of patients who are known but not in the cohort (no endpoint) are left aside.

    Parameters
    ----------
    root : Path
        Folder of the data.
    source : {"hipt", "files"}
        Packed regions of HIPT, or one file of features per slide.
    cohort : str
        Name of the cohort.
    cancers : sequence of str
        Its cancer types.
    ids : sequence of str, length n
        Patients of the cohort.
    known : frozenset of str
        Every TCGA patient.

    Raises
    ------
    UsageError
        If there is no such source, its files are not there but those of the other are, or a file is not what it
        should be; it names file and patient.
    """
    if source not in SOURCES:
        raise UsageError(f"wsi {source!r}: one of {' and '.join(SOURCES)}, never both")
    paths = files_of_cohort(root, SOURCES[source], cohort, cancers)
    if not paths:
        _refuse_the_other(root, source, cohort, cancers)
        return None
    found: dict[str, tuple[Path, Sequence[Slide]]] = {}
    inside = set(ids)
    for path in paths:
        for patient, slides in _slides(path, source, known, inside).items():
            other, _ = found.setdefault(patient, (path, slides))
            if other != path:
                raise UsageError(f"{path}: patient {patient} is in {other} too")
    return bags_of_slides({patient: slides for patient, (_, slides) in found.items()}, ids) if found else None


def _slides(path: Path, source: str, known: frozenset[str], inside: set[str]) -> dict[str, Sequence[Slide]]:
    """Return the slides of the patients inside; a slide of nobody known is an error."""
    if source == HIPT:
        packed = packed_slides(path, known)
        return {patient: packed[patient] for patient in packed if patient in inside}
    files = slides_by_patient(path, known, _BARCODE_LENGTH)
    return {patient: [slide_file(one, patient) for one in files[patient]] for patient in files if patient in inside}


def _refuse_the_other(root: Path, source: str, cohort: str, cancers: Sequence[str]) -> None:
    for other, pattern in SOURCES.items():
        there = files_of_cohort(root, pattern, cohort, cancers) if other != source else []
        if there:
            asked = root / SOURCES[source].format(cohort=cohort.lower())
            raise UsageError(f"wsi={source}: {asked} is missing, but {there[0]} is there: set wsi={other} to read it")
