"""Whole-slide features of TCGA patients: packed regions of HIPT, or features of one's own encoder; never both."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.errors import UsageError
from benchmarks.types import Bags

from ..readers.packed_slides import packed_slides
from ..readers.patch_features import slide_file, slides_by_patient
from ..readers.slide_bags import Slide, bags_of_slides
from .molecular import files_of_cohort

# Values of the option `wsi`. What stands for ``<cohort>`` is the cancer type or union in lower case.
HIPT, FILES = "hipt", "files"
SOURCES = {
    HIPT: ("tcga_wsi_hipt/bags_{cohort}.npz",),
    FILES: ("tcga_wsi/{cohort}", "tcga_wsi/bags_{cohort}.npz"),
}
# Features per region of HIPT: other features are not to be taken for them.
HIPT_WIDTH = 192

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
        Packed regions of HIPT; or features of one's own encoder, a folder with one file per slide or a packed file.
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
    paths = _paths(root, source, cohort, cancers)
    if not paths:
        _refuse_the_other(root, source, cohort, cancers)
        return None
    found: dict[str, tuple[Path, Sequence[Slide]]] = {}
    inside = set(ids)
    for path in paths:
        for patient, slides in _slides(path, source, known, inside).items():
            other, _ = found.setdefault(patient, (path, slides))
            if other != path:
                raise UsageError(f"{path}: patient {patient} has slides in {other} too; keep one of the two")
    return bags_of_slides({patient: slides for patient, (_, slides) in found.items()}, ids) if found else None


def _paths(root: Path, source: str, cohort: str, cancers: Sequence[str]) -> list[Path]:
    return [path for pattern in SOURCES[source] for path in files_of_cohort(root, pattern, cohort, cancers)]


def _slides(path: Path, source: str, known: frozenset[str], inside: set[str]) -> Mapping[str, Sequence[Slide]]:
    """Return the slides of the patients inside; a slide of nobody known is an error."""
    if path.is_dir():
        files = slides_by_patient(path, known, _BARCODE_LENGTH)
        return {patient: [slide_file(one, patient) for one in files[patient]] for patient in files if patient in inside}
    packed = packed_slides(path, known)
    for slides in packed.values() if source == HIPT else ():
        if slides[0].width != HIPT_WIDTH:
            raise UsageError(
                f"{path}: features of width {slides[0].width}, those of HIPT have {HIPT_WIDTH}; features of another "
                "encoder belong into tcga_wsi/ and are read with wsi=files"
            )
    return {patient: packed[patient] for patient in packed if patient in inside}


def _refuse_the_other(root: Path, source: str, cohort: str, cancers: Sequence[str]) -> None:
    for other in SOURCES:
        there = _paths(root, other, cohort, cancers)
        if there:
            asked = " or ".join(pattern.format(cohort=cohort.lower()) for pattern in SOURCES[source])
            raise UsageError(f"wsi={source} reads {asked}, which is missing; {there[0]} is there: set wsi={other}")
