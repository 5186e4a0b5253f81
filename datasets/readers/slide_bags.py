"""Slides joined to the bags of their patients, whatever file the features of a slide stand in."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.plain_text import one_line
from benchmarks.types import Bags, Float32Array, IntArray

from .damaged_files import LONGEST_PROBLEM, told_in_one_line

# Rows that are converted and checked at once: 8 MiB at 1,024 float32 columns.
BLOCK = 2048

# A fingerprint reads so many pieces of a slide, spread evenly from its first row to its last.
SAMPLES = 16
SAMPLE_BYTES = 1 << 14


class Slide(Protocol):
    """The features of one slide in some file: m patches of width d, of which only the header has been read."""

    @property
    def name(self) -> str:
        """Name of the slide, without the ending of a file."""
        ...

    @property
    def where(self) -> str:
        """File and patient, for messages."""
        ...

    @property
    def patches(self) -> int:
        """How many patches, at least one."""
        ...

    @property
    def width(self) -> int:
        """Features per patch."""
        ...

    def opened(self) -> AbstractContextManager[Any]:
        """Give the features, shape (m, d), float16 or float32, as something whose slices read their rows alone.

        Raises
        ------
        UsageError
            If the file cannot be read.
        """
        ...

    def places(self) -> IntArray | None:
        """Return x and y of each patch, shape (m, 2), in pixels of the full resolution; None if they are not stored.

        Raises
        ------
        UsageError
            If they are stored, but not one pair a patch.
        """
        ...


class SlideBags:
    """Bags that are read from slides: position i is the patches of all slides of patient i, slide after slide.

    Parameters
    ----------
    slides : sequence of sequences of Slide
        The slides of each patient, none for a patient without.
    width : int
        d, the same for every slide.
    """

    def __init__(self, slides: Sequence[Sequence[Slide]], width: int) -> None:
        self.slides = tuple(tuple(of_patient) for of_patient in slides)
        self.width = width

    def __len__(self) -> int:
        return len(self.slides)

    def __getitem__(self, position: int) -> Float32Array:
        """Return the patches of a patient, shape (m, d), float32; the memory is that of this one bag.

        Raises
        ------
        UsageError
            If a patch is not finite, or a file cannot be read; it names file and patient.
        """
        slides = self.slides[position]
        patches = sum(slide.patches for slide in slides)
        try:
            bag = np.empty((patches, self.width), dtype=np.float32)
        except (MemoryError, ValueError):
            raise UsageError(
                f"{slides[0].where}: {patches} patches of width {self.width} do not fit into memory"
            ) from None
        start = 0
        for slide in slides:
            read_rows(slide, bag[start : start + slide.patches])
            start += slide.patches
        return bag

    def places(self, position: int) -> IntArray | None:
        """Return x and y of each patch of a patient, shape (m, 2), on its own slide; None if a slide's are not stored.

        Raises
        ------
        UsageError
            If a slide has not one pair a patch; it names the file.
        """
        found = [places for slide in self.slides[position] if (places := slide.places()) is not None]
        complete = found and len(found) == len(self.slides[position])
        return np.concatenate(found) if complete else None


def bags_of_slides(slides: Mapping[str, Sequence[Slide]], ids: Sequence[str]) -> Bags:
    """Return the bags of patients from their slides; no patch is read but for the fingerprints.

    Parameters
    ----------
    slides : mapping of str to sequence of Slide
        The slides of a patient, joined in this order; a patient without is left out or has an empty sequence.
    ids : sequence of str, length n
        The patients, in the order of the bags.

    Returns
    -------
    Bags
        Of n patients, ``present`` where there is a slide, with the borders of the slides and with fingerprints. An
        absent patient's bag has no rows.

    Raises
    ------
    UsageError
        If a slide is of a patient who is not among ``ids`` or has another width, or there is none; it names file and
        patient.
    """
    known = set(ids)
    for patient, of_patient in slides.items():
        if patient not in known and of_patient:
            raise UsageError(f"{of_patient[0].where}: the patient of this slide is not in the cohort")
    joined = [tuple(slides.get(patient, ())) for patient in ids]
    every = [slide for of_patient in joined for slide in of_patient]
    if not every:
        raise UsageError("there is no file of patch features for any of these patients")
    width = every[0].width
    for slide in every:
        if slide.width != width:
            raise UsageError(
                f"{slide.where}: patches of width {slide.width}, but {every[0].where} has {width}; features of "
                "different encoders cannot be mixed"
            )
    return Bags(
        SlideBags(joined, width),
        width,
        present=np.array([bool(of_patient) for of_patient in joined]),
        fingerprints=tuple("; ".join(map(fingerprint, of_patient)) for of_patient in joined),
        borders=tuple(np.cumsum([0, *(slide.patches for slide in of_patient)]) for of_patient in joined),
    )


def fingerprint(slide: Slide) -> str:
    """Return a text that changes with the content of a slide: name, shape, and a hash of 16 pieces of its rows.

    A slide of up to 256 KiB, as float32, is hashed whole. The numbers count and not the file: a slide has the same
    fingerprint in its own file and in a packed one, as float16 and as float32.
    """
    digest = hashlib.sha256()
    rows = max(1, SAMPLE_BYTES // (4 * slide.width))
    starts = [0]
    if slide.patches <= SAMPLES * rows:
        rows = slide.patches
    else:
        starts = np.linspace(0, slide.patches - rows, SAMPLES).astype(int).tolist()
    with slide.opened() as held:
        for start in starts:
            digest.update(_rows(held, slide, start, start + rows).astype("<f4", copy=False).tobytes())
    return f"{slide.name} {slide.patches}x{slide.width} {digest.hexdigest()[:32]}"


def read_rows(slide: Slide, into: Float32Array) -> None:
    """Fill an array, shape (m, d), with a slide, block by block, so that no second copy of the slide is held.

    Raises
    ------
    UsageError
        If a patch is not finite, or the file cannot be read; it names file and patient.
    """
    for start, block in blocks(slide):
        into[start : start + len(block)] = block


def blocks(slide: Slide) -> Iterator[tuple[int, Float32Array]]:
    """Yield a slide block by block: the number of the first row, and the rows, of which none is kept.

    Raises
    ------
    UsageError
        If a patch is not finite, or the file cannot be read; it names file and patient.
    """
    with slide.opened() as held:
        for start in range(0, slide.patches, BLOCK):
            block = _rows(held, slide, start, start + BLOCK).astype(np.float32, copy=False)
            finite = np.isfinite(block).all(axis=1)
            if not finite.all():
                row = start + int(np.flatnonzero(~finite)[0])
                raise UsageError(f"{slide.where}: patch {row} holds a value that is not finite")
            yield start, block


def first_line(error: BaseException) -> str:
    """Return the beginning of the first line of what an error says, or its kind if it says nothing."""
    return one_line((str(error).splitlines() or [""])[0], LONGEST_PROBLEM) or type(error).__name__


def _rows(held: Any, slide: Slide, start: int, stop: int) -> "np.ndarray[Any, np.dtype[Any]]":
    with told_in_one_line(slide.where):
        rows = np.asarray(held[start:stop])
    if rows.shape != (min(stop, slide.patches) - start, slide.width):
        raise UsageError(f"{slide.where}: cannot be read: rows {start} to {stop} are not there")
    return rows
