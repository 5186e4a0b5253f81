"""Volume of the prostate and first-order features of its MRI scans, read with SimpleITK from the official ``.mha``.

A scan is four volumes: T2-weighted, apparent diffusion coefficient, high b-value, and a mask of the prostate. The
features are those of the voxels inside the mask. They are computed once a scan and kept in the cache folder, under a
name that changes with the files.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.atomic_write import replacing
from benchmarks.encoders.cache import cache_folder
from benchmarks.errors import UsageError
from benchmarks.npy_array import read_npy
from benchmarks.plain_file import size_of_plain
from benchmarks.types import Float32Array, FloatArray

from ..readers.damaged_files import told_in_one_line

SEQUENCES = ("t2w", "adc", "hbv")
STATISTICS = ("mean", "sd", "skewness", "kurtosis", "p10", "median", "p90", "minimum", "maximum", "entropy")
NAMES = ("volume_ml", *(f"{sequence}_{statistic}" for sequence in SEQUENCES for statistic in STATISTICS))

# Raised when a feature is defined anew: it stands in the name of every cached file.
DEFINITION = 1
ENTROPY_BINS = 64
SCAN = re.compile(r"(?P<patient>[^_]+)_(?P<scan>[^_]+)_mask\.mha")


def first_scan_features(folder: Path, patient: str) -> Float32Array:
    """Return the features of a patient's first scan, in the order of ``NAMES``, from the cache if they are there.

    Parameters
    ----------
    folder : Path
        With ``<patient>_<scan>_{t2w,adc,hbv,mask}.mha``.
    patient : str
        Identifier of the patient.

    Raises
    ------
    UsageError
        If the scan lacks a file, a file is broken or the mask is empty; it names file and patient.
    """
    return _cached(_first_scan(folder, patient), patient).astype(np.float32)


def scan_features(mask: Path, patient: str) -> FloatArray:
    """Return volume (ml) and first-order features of the scan a mask belongs to, in the order of ``NAMES``.

    Where mask and sequence have different voxels, the mask is resampled to those of the sequence (nearest
    neighbour). Entropy is that of a histogram of 64 equal bins, in bits; kurtosis is 0 for a normal distribution.

    Raises
    ------
    UsageError
        If a file is missing or broken, or no voxel of a sequence lies inside the mask.
    """
    import SimpleITK as sitk  # noqa: N813  # 2026-11-22: its documented name

    inside = _read(mask, patient)
    size = int((sitk.GetArrayViewFromImage(inside) > 0).sum())
    if size == 0:
        raise UsageError(f"{mask}: patient {patient}: the mask is empty")
    features = [size * float(np.prod(inside.GetSpacing())) / 1000]
    for sequence in SEQUENCES:
        path = mask.with_name(mask.name.replace("_mask.mha", f"_{sequence}.mha"))
        image = _read(path, patient)
        resampled = sitk.Resample(inside, image, interpolator=sitk.sitkNearestNeighbor)
        voxels = sitk.GetArrayViewFromImage(image)[sitk.GetArrayViewFromImage(resampled) > 0].astype(np.float64)
        if not voxels.size:
            raise UsageError(f"{path}: patient {patient}: no voxel lies inside the prostate mask")
        if not np.isfinite(voxels).all():
            raise UsageError(f"{path}: patient {patient}: a voxel is not finite")
        features += first_order(voxels)
    return np.array(features)


def first_order(voxels: FloatArray) -> list[float]:
    """Return the first-order statistics of some voxels, in the order of ``STATISTICS``; NaN where undefined."""
    counts = np.histogram(voxels, ENTROPY_BINS)[0]
    varied = voxels.min() < voxels.max()
    return [
        float(voxels.mean()),
        float(voxels.std()),
        float(stats.skew(voxels)) if varied else float("nan"),
        float(stats.kurtosis(voxels)) if varied else float("nan"),
        *(float(value) for value in np.percentile(voxels, [10, 50, 90])),
        float(voxels.min()),
        float(voxels.max()),
        float(stats.entropy(counts, base=2)),
    ]


def _first_scan(folder: Path, patient: str) -> Path:
    """Return the mask of the patient's first scan, by the number of the scan."""
    masks = sorted(
        path for path in folder.iterdir() if (match := SCAN.fullmatch(path.name)) and match["patient"] == patient
    )
    if not masks:
        raise UsageError(f"{folder}: patient {patient}: no {patient}_<scan>_mask.mha among the images")
    return masks[0]


def _read(path: Path, patient: str) -> Any:
    import SimpleITK as sitk  # noqa: N813  # 2026-11-22: its documented name

    if not path.exists():
        raise UsageError(f"{path}: patient {patient}: the file is missing")
    with told_in_one_line(f"{path}: patient {patient}", "cannot be read as an image"):
        size_of_plain(path)
        try:
            image: Any = sitk.ReadImage(str(path))
        except RuntimeError as error:
            # The library says the reason last, after where in its code it is.
            raise UsageError(
                f"{path}: patient {patient}: cannot be read as an image: {' '.join(str(error).split())[-160:]}"
            ) from None
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise UsageError(f"{path}: patient {patient}: expected a volume with one number a voxel")
    return image


def _cached(mask: Path, patient: str) -> FloatArray:
    """Return the features of a scan from the cache, computed if its files are not those they were."""
    stem = mask.name.removesuffix("mask.mha")
    files = [mask.with_name(f"{stem}{part}.mha") for part in (*SEQUENCES, "mask")]
    for file in files:
        if not file.exists():
            raise UsageError(f"{file}: patient {patient}: the file is missing")
    state = [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files]
    name = hashlib.sha256(json.dumps([DEFINITION, state]).encode()).hexdigest()[:32]
    stored = _cache_folder() / f"{name}.npy"
    held = _read_stored(stored)
    if held is not None:
        return held
    features = scan_features(mask, patient)
    stored.parent.mkdir(parents=True, exist_ok=True)
    with replacing(stored) as unfinished, unfinished.open("wb") as array:
        np.save(array, features, allow_pickle=False)
    return features


def _read_stored(path: Path) -> FloatArray | None:
    """Return stored features; None where there are none, or (after a crash) none that can be read."""
    try:
        held: NDArray[np.float64] = read_npy(path)
    except (OSError, ValueError):
        return None
    return held if held.shape == (len(NAMES),) and held.dtype == np.float64 else None


def _cache_folder() -> Path:
    return cache_folder() / "chimera_mri"
