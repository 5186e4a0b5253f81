"""Pack the features of many slides in one file, slide after slide, so that a killed run goes on where it was."""

import fcntl
import hashlib
import io
import json
import time
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.atomic_write import sync, write_atomically
from benchmarks.errors import UsageError
from benchmarks.types import Float32Array

from .packed_slides import FEATURES, OFFSETS, PATIENT, SLIDE
from .patch_features import SlideFile
from .slide_bags import blocks, fingerprint

# How long to go on before it is noted again how far the file is.
SECONDS_BETWEEN_NOTES = 1.0
# The earliest date of the zip format: two files of the same slides are the same, byte by byte.
_NO_DATE = (1980, 1, 1, 0, 0, 0)
_LARGEST_HALF = float(np.finfo(np.float16).max)


class Told(Protocol):
    """What is told while slides are packed."""

    def packed(self, slides: int, *, resumed: bool = False) -> None:
        """Say that so many slides more are in the file, ``resumed`` if an earlier run has packed them."""
        ...


def pack(slides: Sequence[SlideFile], target: Path, *, half: bool, told: Told) -> None:
    """Write slides into a packed file (see ``packed_slides``), in their order; memory is bounded by one slide.

    The file is collected under ``<name>.part``, uncompressed, so that it can be mapped; beside it ``<name>.part.json``
    notes which slides are in. If the run is killed, the next one goes on after the last slide noted that has not
    changed since. The finished file takes its name at the end.

    Parameters
    ----------
    slides : sequence of SlideFile
        At least one.
    target : Path
        The file.
    half : bool
        Whether to store float16 whatever the slides are; otherwise float32, unless all slides are float16.
    told : Told
        Progress.

    Raises
    ------
    UsageError
        If the file is there already, widths differ, a slide stands there twice, a value is not finite or beyond
        float16, or something cannot be read or written; it names the file.
    """
    if not slides:
        raise UsageError("there is no slide to pack")
    if target.exists():
        raise UsageError(f"{target} exists already; remove it, or pack under another name")
    _check_together(slides)
    half = half or all(slide.dtype == "float16" for slide in slides)
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("a+b") as file:
            _Packing(slides, np.dtype("<f2" if half else "<f4"), part, file, told).write()
        sync(part)
        part.replace(target)
        sync(target.parent)
        _note_of(part).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"{part}: cannot be written: {error.strerror or error}; what is packed stays, and the same command goes on"
        ) from None


class _Packing:
    """A packed file on its way: a zip archive whose first member, the features, grows slide by slide."""

    def __init__(
        self, slides: Sequence[SlideFile], dtype: "np.dtype[Any]", part: Path, file: io.BufferedRandom, told: Told
    ) -> None:
        self.slides, self.dtype, self.part, self.file, self.told = slides, dtype, part, file, told
        self.offsets = np.cumsum([0, *(slide.patches for slide in slides)])
        self.width = slides[0].width
        header = _array_header((int(self.offsets[-1]), self.width), dtype)
        self.info = zipfile.ZipInfo(f"{FEATURES}.npy", _NO_DATE)
        self.info.file_size = self.info.compress_size = len(header) + self._size(len(slides))
        self.info.header_offset = self.info.CRC = 0
        self.start = len(self.info.FileHeader(zip64=True)) + len(header)
        self.head = header
        self.done, self.crc, self.digest = 0, zlib.crc32(header), self._layout()

    def write(self) -> None:
        """Write all that is missing."""
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(f"{self.part}: another process is writing this file") from None
        self._go_on()
        noted = time.monotonic()
        try:
            while self.done < len(self.slides):
                self._add(self.slides[self.done])
                if time.monotonic() - noted > SECONDS_BETWEEN_NOTES:
                    self._note()
                    noted = time.monotonic()
        finally:
            self._note()
        self._close()

    def _go_on(self) -> None:
        """Take what an earlier run has packed of the same slides, or begin."""
        done, crc, digest = _read_note(self.part)
        found = self._layout()
        if 0 < done <= len(self.slides) and self._end(done) <= self.part.stat().st_size:
            for slide in self.slides[:done]:
                found = _chained(found, fingerprint(slide))
            if found == digest:
                self.done, self.crc, self.digest = done, crc, digest
        # What a killed run has written of a further slide is cut off; the file is open for appending at its end.
        self.file.truncate(self._end(self.done) if self.done else 0)
        if not self.done:
            self.file.write(self.info.FileHeader(zip64=True) + self.head)
        self.told.packed(self.done, resumed=True)

    def _add(self, slide: SlideFile) -> None:
        crc = self.crc
        for start, block in blocks(slide):
            if self.dtype.itemsize == 2:
                _require_half(slide, start, block)
            content = block.astype(self.dtype).tobytes()
            crc = zlib.crc32(content, crc)
            self.file.write(content)
        self.crc, self.digest = crc, _chained(self.digest, fingerprint(slide))
        self.done += 1
        self.told.packed(1)

    def _note(self) -> None:
        """Note how far the file is, once that much of it is on the disk."""
        self.file.flush()
        sync(self.part)
        note = {"slides": self.done, "crc": self.crc, "sha256": self.digest}
        write_atomically(_note_of(self.part), json.dumps(note).encode())

    def _close(self) -> None:
        """Write the checksum of the features, the other arrays, and the directory of the archive."""
        self.info.CRC = self.crc
        others: dict[str, NDArray[Any]] = {
            OFFSETS: self.offsets.astype("<i8"),
            SLIDE: np.array([slide.name for slide in self.slides]),
            PATIENT: np.array([slide.patient for slide in self.slides]),
        }
        with self.part.open("r+b") as file:
            file.write(self.info.FileHeader(zip64=True))
            file.seek(self._end(self.done))
            with zipfile.ZipFile(file, "w") as archive:
                # The features stand in the file already; the archive's directory is to list them, too.
                archive.filelist.append(self.info)
                archive.NameToInfo[self.info.filename] = self.info
                for name, array in others.items():
                    held = io.BytesIO()
                    np.save(held, array, allow_pickle=False)
                    archive.writestr(zipfile.ZipInfo(f"{name}.npy", _NO_DATE), held.getvalue())

    def _size(self, slides: int) -> int:
        return int(self.offsets[slides]) * self.width * self.dtype.itemsize

    def _end(self, slides: int) -> int:
        return self.start + self._size(slides)

    def _layout(self) -> str:
        layout = [str(self.dtype), self.width, [(slide.name, slide.patient, slide.patches) for slide in self.slides]]
        return _chained("", json.dumps(layout))


def _check_together(slides: Sequence[SlideFile]) -> None:
    names: dict[str, SlideFile] = {}
    for slide in slides:
        if slide.width != slides[0].width:
            raise UsageError(
                f"{slide.where}: patches of width {slide.width}, but {slides[0].where} has {slides[0].width}; features "
                "of different encoders cannot be packed together"
            )
        other = names.setdefault(slide.name, slide)
        if other is not slide:
            raise UsageError(f"{slide.where}: slide {slide.name} stands there twice, also as {other.where}")


def _require_half(slide: SlideFile, start: int, block: Float32Array) -> None:
    beyond = np.flatnonzero((np.abs(block) > _LARGEST_HALF).any(axis=1))
    if beyond.size:
        raise UsageError(
            f"{slide.where}: patch {start + int(beyond[0])} holds a value beyond float16; pack without --float16"
        )


def _array_header(shape: tuple[int, int], dtype: "np.dtype[Any]") -> bytes:
    held = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        held, {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    )
    return held.getvalue()


def _chained(digest: str, text: str) -> str:
    return hashlib.sha256(f"{digest}\n{text}".encode()).hexdigest()


def _note_of(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _read_note(part: Path) -> tuple[int, int, str]:
    """Return how many slides are packed, the checksum of the zip format up to there, and what they are."""
    try:
        note = json.loads(_note_of(part).read_text())
        return int(note["slides"]), int(note["crc"]), str(note["sha256"])
    except (OSError, ValueError, TypeError, KeyError):
        # No note, or one that tells nothing: all slides are packed anew.
        return 0, 0, ""
