"""Patch features of whole-slide images, one file per slide, read as bags of one patient when asked for.

The layouts of CLAM and TRIDENT: ``.h5`` (dataset ``features``), ``.pt`` (a saved tensor) and ``.npy``, each of shape
(m, d) or (1, m, d), float16 or float32. Headers are read at once, patches only with the bag they belong to.
"""

import math
import pickle
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import UsageError
from benchmarks.npy_array import mapped_npy, read_npy
from benchmarks.plain_file import size_of_plain
from benchmarks.types import Bags, IntArray

from .damaged_files import told_in_one_line
from .slide_bags import bags_of_slides

SUFFIXES = (".h5", ".npy", ".pt")
COORDINATES = "_coords"

# How much more than its packed size a dataset of HDF5 can unfold to.
_MOST_UNFOLDED = 1100
_LONGEST_PICKLE = 2**11
# No slide has so many pixels a side.
_FURTHEST = 2.0**53


@dataclass(frozen=True, slots=True)
class SlideFile:
    """One file of patch features and what its header says of it: m patches of width d, float16 or float32."""

    path: Path
    patient: str
    patches: int
    width: int
    dtype: str

    @property
    def name(self) -> str:
        """Name of the file without its ending."""
        return self.path.stem

    @property
    def where(self) -> str:
        """File and patient, for messages."""
        return _who(self.path, self.patient)

    @contextmanager
    def opened(self) -> Iterator[Any]:
        """Give the features, shape (m, d), as something whose slices read their rows alone."""
        if self.path.suffix != ".h5":
            held = _mapped(self.path, self.patient)
            yield held.reshape(held.shape[-2:])
            return
        with _h5(self.path, self.patient) as file:
            features = _dataset(file, "features", _who(self.path, self.patient))
            yield _WithoutLeadingAxis(features) if features.ndim == 3 else features

    def places(self) -> IntArray | None:
        """Return the coordinates of the patches, shape (m, 2), as ``coordinates`` does; None if there are none."""
        return coordinates(self.path) if _has_coordinates(self.path) else None


@dataclass(frozen=True, slots=True)
class _WithoutLeadingAxis:
    """Rows of a dataset of shape (1, m, d), of which slices are read."""

    held: Any

    def __getitem__(self, rows: slice) -> NDArray[Any]:
        read: NDArray[Any] = self.held[0, rows]
        return read


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
    slides = {patient: [slide_file(Path(path), patient) for path in paths] for patient, paths in files.items()}
    return bags_of_slides(slides, ids)


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
            raise UsageError(f"{path}: a slide of no known patient: no {patient!r} in the table of patients")
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
            found = _dataset(file, "coords", str(path))
            with told_in_one_line(str(path)):
                held = np.asarray(found)
    else:
        beside = _coordinates_beside(path)
        there = next((candidate for candidate in beside if candidate.exists()), None)
        if there is None:
            raise UsageError(f"{path}: no coordinates beside it; looked for {beside[0]} and {beside[1]}")
        with told_in_one_line(str(there)):
            held = read_npy(there, records=True)
    if held.dtype.names is not None and {"x", "y"} <= {*held.dtype.names}:
        held = np.stack([held["x"], held["y"]], axis=-1)
    held = held.reshape(held.shape[-2:]) if held.ndim == 3 and held.shape[0] == 1 else held
    patches = slide_file(path, "").patches
    if held.shape != (patches, 2):
        raise UsageError(f"{path}: coordinates of shape {held.shape} for {patches} patches")
    if held.dtype.kind not in "iuf" or not (np.abs(held.astype(np.float64)) < _FURTHEST).all():
        raise UsageError(f"{path}: coordinates of type {held.dtype}, or not finite")
    return held.astype(np.int64)


def _coordinates_beside(path: Path) -> list[Path]:
    """Return where coordinates may stand that are not in the file of the features."""
    same_folder = path.with_name(f"{path.stem}{COORDINATES}.npy")
    return [same_folder, path.parent.parent / "coordinates" / f"{path.stem}.npy"]


def _has_coordinates(path: Path) -> bool:
    if path.suffix != ".h5":
        return any(candidate.exists() for candidate in _coordinates_beside(path))
    with _h5(path) as file, told_in_one_line(str(path)):
        return "coords" in file


def slide_file(path: Path, patient: str) -> SlideFile:
    """Return a slide after reading the header of its file.

    Raises
    ------
    UsageError
        If the file is unreadable, or of another shape or type; it names file and patient.
    """
    shape, dtype = _header(path, patient)
    patches = shape[1:] if len(shape) == 3 and shape[0] == 1 else shape
    if len(patches) != 2 or min(patches) < 1:
        raise UsageError(f"{_who(path, patient)}: features of shape {shape}, expected (patches, width)")
    if dtype not in ("float16", "float32"):
        raise UsageError(f"{_who(path, patient)}: features of type {dtype}, expected float16 or float32")
    return SlideFile(path, patient, int(patches[0]), int(patches[1]), dtype)


def _header(path: Path, patient: str) -> tuple[tuple[int, ...], str]:
    """Return shape and type of the features in a file, without reading them."""
    if path.suffix == ".h5":
        with _h5(path, patient) as file:
            features = _dataset(file, "features", _who(path, patient))
            return tuple(features.shape), str(features.dtype)
    held = _mapped(path, patient)
    return held.shape, str(held.dtype)


def _mapped(path: Path, patient: str) -> NDArray[Any]:
    """Return the features of a ``.npy`` or ``.pt`` file as an array on the mapped file."""
    with told_in_one_line(_who(path, patient)):
        if path.suffix == ".npy":
            return mapped_npy(path)
        if path.suffix == ".pt":
            return _mapped_tensor(path)
    raise UsageError(f"{_who(path, patient)}: patch features end in {', '.join(SUFFIXES)}")


def _mapped_tensor(path: Path) -> NDArray[Any]:
    # Imported here: torch takes seconds, and most folders hold .h5.
    import torch

    size = size_of_plain(path)
    with zipfile.ZipFile(path) as archive:
        pickles = [member.file_size for member in archive.infolist() if member.filename.endswith(".pkl")]
    # What describes one tensor has some hundred bytes; of a long one torch's reader is slow beyond measure.
    if max(pickles, default=0) > _LONGEST_PICKLE:
        raise ValueError("it holds more than plain tensors, which is not read")
    try:
        held = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except pickle.UnpicklingError:
        raise ValueError("it holds more than plain tensors, which is not read") from None
    if not isinstance(held, torch.Tensor):
        raise ValueError(f"it holds a {type(held).__name__}, expected one tensor")
    if held.layout is not torch.strided or held.is_nested or held.is_quantized or held.device.type != "cpu":
        raise ValueError(f"it holds a {held.layout} tensor on {held.device}, expected a dense one with its numbers")
    if held.dtype not in (torch.float16, torch.float32):
        raise ValueError(f"features of type {held.dtype}, expected float16 or float32")
    if held.numel() * held.element_size() > size:
        raise ValueError(f"a tensor of shape {tuple(held.shape)} is larger than the file")
    array: NDArray[Any] = held.detach().resolve_conj().resolve_neg().numpy()
    return array


def _h5(path: Path, patient: str = "") -> Any:
    # Imported here: only folders with .h5 need it.
    import h5py

    with told_in_one_line(_who(path, patient)):
        size_of_plain(path)
        return h5py.File(path, "r")


def _dataset(file: Any, name: str, where: str) -> Any:
    """Return a dataset of an HDF5 file whose numbers stand in this file, and are no more than it can hold.

    HDF5 can name other files in links, in virtual datasets and as storage: none is followed, whoever it belongs to.
    """
    import h5py

    with told_in_one_line(where):
        if name not in file and file.get(name, getlink=True) is None:
            raise UsageError(f"{where}: no dataset {name!r} in it")
        if not isinstance(file.get(name, getlink=True), h5py.HardLink):
            raise UsageError(f"{where}: {name!r} is a link, which is not followed; store the dataset itself")
        found = file[name]
        if not isinstance(found, h5py.Dataset):
            raise UsageError(f"{where}: {name!r} is a group, expected a dataset")
        if found.is_virtual or found.external:
            raise UsageError(f"{where}: the numbers of {name!r} stand in other files, which are not read")
        if found.shape is None:
            raise UsageError(f"{where}: {name!r} is empty")
        declared = math.prod(found.shape) * found.dtype.itemsize
        if declared > _MOST_UNFOLDED * found.id.get_storage_size():
            raise UsageError(f"{where}: {name!r} of shape {found.shape} declares more than the file holds")
        return found


def _who(path: Path, patient: str) -> str:
    return f"{path} (patient {patient})" if patient else str(path)
