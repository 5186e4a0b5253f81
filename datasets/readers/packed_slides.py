"""Features of many slides packed in one ``.npz`` file, read as bags.

The arrays of the file: ``features`` (R, d), float16 or float32; ``offsets`` (S + 1,), so that slide s owns the rows
``offsets[s]:offsets[s + 1]``; ``slide_id`` (S,) and ``patient_id`` (S,), texts. Uncompressed, the features stay in the
file and are mapped with the bag they belong to; compressed, they are read once as they are stored.
"""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import UsageError
from benchmarks.types import Bags, IntArray

from .npz_member import Rows, read_members
from .slide_bags import bags_of_slides

FEATURES, OFFSETS, SLIDE, PATIENT = "features", "offsets", "slide_id", "patient_id"
TYPES = ("float16", "float32")


@dataclass(frozen=True, slots=True)
class PackedSlide:
    """Rows ``start`` to ``start + patches`` of a packed file: one slide."""

    rows: Rows
    name: str
    patient: str
    start: int
    patches: int

    @property
    def width(self) -> int:
        """Features per patch."""
        return self.rows.shape[1]

    @property
    def where(self) -> str:
        """File, slide and patient, for messages."""
        return f"{self.rows.path}: slide {self.name} (patient {self.patient})"

    def opened(self) -> AbstractContextManager[Any]:
        """Give the features, shape (m, d)."""
        return self.rows.part(self.start, self.start + self.patches)

    def places(self) -> None:
        """Return None: a packed file holds no coordinates."""


def packed_bags(path: Path, ids: Sequence[str]) -> Bags:
    """Return the bags of patients from a packed file, each patient's slides in the order of the file.

    Parameters
    ----------
    path : Path
        The file.
    ids : sequence of str, length n
        The patients, in the order of the bags: everyone of whom there may be a slide.

    Raises
    ------
    UsageError
        As ``packed_slides``.
    """
    return bags_of_slides(packed_slides(path, frozenset(ids)), ids)


def packed_slides(path: Path, known: Collection[str]) -> dict[str, list[PackedSlide]]:
    """Return the slides of a packed file by patient, in the order of the file.

    Parameters
    ----------
    path : Path
        The file.
    known : collection of str
        Every patient there may be a slide of.

    Raises
    ------
    UsageError
        If the file is damaged, an array is missing, of another type or shape, or does not fit the others, a slide
        stands there twice, or is of no known patient; it names the file, and the slide if it is one's fault.
    """
    small, rows = read_members(path, (OFFSETS, SLIDE, PATIENT), FEATURES)
    if rows.dtype.name not in TYPES or not rows.dtype.isnative:
        raise UsageError(f"{path}: features of type {rows.dtype}, expected float16 or float32")
    if not rows.shape[1]:
        raise UsageError(f"{path}: features of shape {rows.shape}: their width is 0")
    names, patients = _texts(path, SLIDE, small[SLIDE]), _texts(path, PATIENT, small[PATIENT])
    if len(patients) != len(names):
        raise UsageError(f"{path}: {len(names)} slides in slide_id, but {len(patients)} in patient_id")
    offsets = _offsets(path, small[OFFSETS], names, rows.shape[0])
    found: dict[str, list[PackedSlide]] = {}
    seen: set[str] = set()
    for place, (name, patient) in enumerate(zip(names, patients, strict=True)):
        if name in seen:
            raise UsageError(f"{path}: slide {name} stands there twice (patient {patient})")
        seen.add(name)
        if patient not in known:
            raise UsageError(f"{path}: slide {name} is of no known patient: no {patient!r} in the table of patients")
        start, stop = int(offsets[place]), int(offsets[place + 1])
        found.setdefault(patient, []).append(PackedSlide(rows, name, patient, start, stop - start))
    return found


def _texts(path: Path, name: str, array: NDArray[Any]) -> list[str]:
    if array.ndim != 1 or array.dtype.kind != "U":
        raise UsageError(f"{path}: {name} of type {array.dtype} and shape {array.shape}, expected a vector of texts")
    try:
        texts: list[str] = array.tolist()
        "\n".join(texts).encode()
    except ValueError:
        raise UsageError(f"{path}: {name} holds something that is no text") from None
    empty = [place for place, text in enumerate(texts) if not text.strip()]
    if empty:
        raise UsageError(f"{path}: {name} of slide {empty[0]} is empty")
    return texts


def _offsets(path: Path, array: NDArray[Any], names: Sequence[str], regions: int) -> IntArray:
    """Return the offsets if they begin at 0, rise with every slide and end with the features."""
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise UsageError(
            f"{path}: offsets of type {array.dtype} and shape {array.shape}, expected a vector of integers"
        )
    if len(array) != len(names) + 1:
        raise UsageError(f"{path}: {len(array)} offsets for {len(names)} slides, expected {len(names) + 1}")
    offsets = array.astype(np.int64)
    if offsets[0] != 0:
        raise UsageError(f"{path}: the offsets begin at {offsets[0]}, expected 0")
    falling = np.flatnonzero(np.diff(offsets) < 1)
    if falling.size:
        place = int(falling[0])
        raise UsageError(
            f"{path}: the offsets of slide {names[place]} are {offsets[place]} and {offsets[place + 1]}: no rows"
        )
    if offsets[-1] != regions:
        raise UsageError(f"{path}: the offsets end at {offsets[-1]}, but there are {regions} rows of features")
    return offsets
