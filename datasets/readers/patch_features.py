"""Patch features of whole-slide images, one file per slide, read as bags of one patient when asked for.

The layouts of CLAM and TRIDENT: ``.h5`` (dataset ``features``), ``.pt`` (a saved tensor) and ``.npy``, each of shape
(m, d) or (1, m, d), float16 or float32. Headers are read at once, patches only with the bag they belong to.
"""

import hashlib
import pickle
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import UsageError
from benchmarks.types import Bags, Float32Array, IntArray

SUFFIXES = (".h5", ".npy", ".pt")
COORDINATES = "_coords"

# A fingerprint reads so many pieces of a file, spread evenly from its first byte to its last.
SAMPLES = 16
SAMPLE_BYTES = 1 << 14

# Rows that are converted and checked at once: 8 MiB at 1,024 float32 columns.
BLOCK = 2048


@dataclass(frozen=True, slots=True)
class SlideFile:
    """One file of patch features and what its header says of it: m patches of width d."""

    path: Path
    patient: str
    patches: int
    width: int


class PatchFiles:
    """Bags that are read from files: position i is the patches of all slides of patient i, slide after slide.

    Parameters
    ----------
    slides : sequence of sequences of SlideFile
        The slides of each patient, none for a patient without.
    width : int
        d, the same for every slide.
    """

    def __init__(self, slides: Sequence[Sequence[SlideFile]], width: int) -> None:
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
        bag = np.empty((sum(slide.patches for slide in slides), self.width), dtype=np.float32)
        start = 0
        for slide in slides:
            _read_into(bag[start : start + slide.patches], slide)
            start += slide.patches
        return bag


def patch_bags(files: Mapping[str, Sequence[Path]], ids: Sequence[str]) -> Bags:
    """Return the bags of patients from the feature files of their slides; no patch is read.

    Parameters
    ----------
    files : mapping of str to sequence of Path
        The slides' files of a patient, joined in this order; a patient without is left out or has an empty one.
    ids : sequence of str, length n
        The patients, in the order of the bags.

    Returns
    -------
    Bags
        Of n patients, ``present`` where there is a slide, with fingerprints (name, size, shape and a hash of pieces
        of the content). An absent patient's bag has no rows.

    Raises
    ------
    UsageError
        If a file is unreadable, of another shape, type or width, or of a patient who is not among ``ids``, or there
        is no file; it names file and patient.
    """
    known = set(ids)
    for patient, paths in files.items():
        if patient not in known and paths:
            raise UsageError(f"{paths[0]}: patient {patient} of this slide is not in the cohort")
    slides = [[_slide(Path(path), patient) for path in files.get(patient, ())] for patient in ids]
    every = [slide for of_patient in slides for slide in of_patient]
    if not every:
        raise UsageError("there is no file of patch features for any of these patients")
    width = every[0].width
    for slide in every:
        if slide.width != width:
            raise UsageError(
                f"{slide.path} (patient {slide.patient}): patches of width {slide.width}, but {every[0].path} has "
                f"{width}; features of different encoders cannot be mixed"
            )
    return Bags(
        PatchFiles(slides, width),
        width,
        present=np.array([bool(of_patient) for of_patient in slides]),
        fingerprints=tuple("; ".join(fingerprint(slide) for slide in of_patient) for of_patient in slides),
    )


def slides_by_patient(folder: Path, known: Collection[str], id_length: int) -> dict[str, list[Path]]:
    """Return the feature files of a folder by patient, whose id the file's name starts with, sorted by name.

    Parameters
    ----------
    folder : Path
        With one file per slide; other endings and ``*_coords.npy`` are not looked at.
    known : collection of str
        Every patient there may be a slide of.
    id_length : int
        How many characters of the name are the patient's id.

    Raises
    ------
    UsageError
        If a slide is of no known patient, or stands there in two formats; it names the file.
    """
    found: dict[str, list[Path]] = {}
    formats: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix not in SUFFIXES or path.stem.endswith(COORDINATES):
            continue
        patient = path.name[:id_length]
        if patient not in known:
            raise UsageError(f"{path}: a slide of no known patient: no {patient!r} in the clinical table")
        other = formats.setdefault(path.stem, path)
        if other != path:
            raise UsageError(
                f"{path}: the slide stands there twice, also as {other.name}; remove one (patient {patient})"
            )
        found.setdefault(patient, []).append(path)
    return found


def coordinates(path: Path) -> IntArray:
    """Return where the patches of a slide lie, shape (m, 2): x and y in pixels of the slide's full resolution.

    Read from the dataset ``coords`` of an ``.h5`` file; for others from ``<stem>_coords.npy`` beside them or
    ``../coordinates/<stem>.npy``, as (m, 2) or with fields ``x`` and ``y``.

    Raises
    ------
    UsageError
        If there are none, or not one pair a patch; it names the file.
    """
    if path.suffix == ".h5":
        with _h5(path) as file:
            if "coords" not in file:
                raise UsageError(f"{path}: no dataset 'coords'")
            held = np.asarray(file["coords"])
    else:
        same_folder = path.with_name(f"{path.stem}{COORDINATES}.npy")
        beside = [same_folder, path.parent.parent / "coordinates" / f"{path.stem}.npy"]
        there = next((candidate for candidate in beside if candidate.exists()), None)
        if there is None:
            raise UsageError(f"{path}: no coordinates beside it; looked for {beside[0]} and {beside[1]}")
        held = np.load(there, allow_pickle=False)
    if held.dtype.names:
        held = np.stack([held["x"], held["y"]], axis=-1)
    held = held.reshape(held.shape[-2:]) if held.ndim == 3 and held.shape[0] == 1 else held
    patches = _slide(path, "").patches
    if held.shape != (patches, 2):
        raise UsageError(f"{path}: coordinates of shape {held.shape} for {patches} patches")
    return held.astype(np.int64)


def fingerprint(slide: SlideFile) -> str:
    """Return a text that changes with the content of a file: name, size, shape, and a hash of 16 pieces of it."""
    size = slide.path.stat().st_size
    digest = hashlib.sha256()
    with slide.path.open("rb") as file:
        for start in np.linspace(0, max(0, size - SAMPLE_BYTES), SAMPLES).astype(int).tolist():
            file.seek(start)
            digest.update(file.read(SAMPLE_BYTES))
    return f"{slide.path.name} {size} {slide.patches}x{slide.width} {digest.hexdigest()[:32]}"


def _slide(path: Path, patient: str) -> SlideFile:
    shape, dtype = _header(path, patient)
    patches = shape[1:] if len(shape) == 3 and shape[0] == 1 else shape
    if len(patches) != 2 or min(patches) < 1:
        raise UsageError(f"{_who(path, patient)}: features of shape {shape}, expected (patches, width)")
    if dtype not in ("float16", "float32"):
        raise UsageError(f"{_who(path, patient)}: features of type {dtype}, expected float16 or float32")
    return SlideFile(path, patient, int(patches[0]), int(patches[1]))


def _header(path: Path, patient: str) -> tuple[tuple[int, ...], str]:
    """Return shape and type of the features in a file, without reading them."""
    if path.suffix == ".h5":
        with _h5(path, patient) as file:
            if "features" not in file:
                raise UsageError(f"{_who(path, patient)}: no dataset 'features' in it")
            return tuple(file["features"].shape), str(file["features"].dtype)
    held = _mapped(path, patient)
    return held.shape, str(held.dtype)


def _read_into(rows: Float32Array, slide: SlideFile) -> None:
    """Fill the rows from a file, block by block, so that no second copy of the slide is held."""
    if slide.path.suffix == ".h5":
        with _h5(slide.path, slide.patient) as file:
            held = file["features"]
            _copy(rows, held, slide, leading=held.ndim == 3)
    else:
        held = _mapped(slide.path, slide.patient)
        _copy(rows, held.reshape(held.shape[-2:]), slide, leading=False)


def _copy(rows: Float32Array, held: Any, slide: SlideFile, *, leading: bool) -> None:
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        try:
            block[:] = held[0, start : start + BLOCK] if leading else held[start : start + BLOCK]
        except (OSError, ValueError) as error:
            raise UsageError(f"{_who(slide.path, slide.patient)}: cannot be read: {_line(error)}") from None
        finite = np.isfinite(block).all(axis=1)
        if not finite.all():
            row = start + int(np.flatnonzero(~finite)[0])
            raise UsageError(f"{_who(slide.path, slide.patient)}: patch {row} holds a value that is not finite")


def _mapped(path: Path, patient: str) -> NDArray[Any]:
    """Return the features of a ``.npy`` or ``.pt`` file as an array on the mapped file."""
    try:
        if path.suffix == ".npy":
            array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
            return array
        if path.suffix == ".pt":
            return _mapped_tensor(path)
    except (OSError, ValueError, RuntimeError, EOFError) as error:
        raise UsageError(f"{_who(path, patient)}: cannot be read: {_line(error)}") from None
    raise UsageError(f"{_who(path, patient)}: patch features end in {', '.join(SUFFIXES)}")


def _mapped_tensor(path: Path) -> NDArray[Any]:
    # Imported here: torch takes seconds, and most folders hold .h5.
    import torch

    try:
        held = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError:
        raise ValueError("it holds more than plain tensors, which is not read") from None
    if not isinstance(held, torch.Tensor):
        raise ValueError(f"it holds a {type(held).__name__}, expected one tensor")
    if held.dtype not in (torch.float16, torch.float32):
        raise ValueError(f"features of type {held.dtype}, expected float16 or float32")
    array: NDArray[Any] = held.detach().numpy()
    return array


def _h5(path: Path, patient: str = "") -> Any:
    # Imported here: only folders with .h5 need it.
    import h5py

    try:
        return h5py.File(path, "r")
    except OSError as error:
        raise UsageError(f"{_who(path, patient)}: cannot be read: {_line(error)}") from None


def _who(path: Path, patient: str) -> str:
    return f"{path} (patient {patient})" if patient else str(path)


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
