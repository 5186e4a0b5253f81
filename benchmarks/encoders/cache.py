"""What frozen encoders computed, kept on disk: one array a file, whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs

from benchmarks.atomic_write import replacing
from benchmarks.npy_array import read_npy
from benchmarks.types import Float32Array

CACHE = "BENCHMARKS_CACHE"


def cache_folder() -> Path:
    """Return the folder of everything that can be computed or fetched again.

    It is what ``BENCHMARKS_CACHE`` names, or the user's cache folder.
    """
    return Path(os.environ.get(CACHE) or platformdirs.user_cache_dir("multimodal-survival-benchmarks"))


def cached_array(kind: str, encoder: str, key: str, width: int, compute: Callable[[], Float32Array]) -> Float32Array:
    """Return an array from the cache; one that is not there or cannot be read is computed, and kept.

    Parameters
    ----------
    kind, encoder : str
        What is encoded, and by which version of which encoder: the folders of the file.
    key : str
        Checksum of what is encoded.
    width : int
        Columns of the array.
    compute : callable
        Returns the array, shape (m, width), float32.

    Returns
    -------
    array, shape (m, width), float32
    """
    path = _path(kind, encoder, key)
    held = _read(path, width)
    if held is None:
        held = compute()
        _write(path, held)
    return held


def is_cached(kind: str, encoder: str, key: str) -> bool:
    """Return whether there is a file of an array; it may still turn out to be damaged."""
    return _path(kind, encoder, key).is_file()


def _path(kind: str, encoder: str, key: str) -> Path:
    return cache_folder() / kind / encoder / key[:2] / f"{key}.npy"


def _read(path: Path, width: int) -> Float32Array | None:
    """Return a cached array; one that cannot be read, after a crash or on a full disk, is computed again."""
    try:
        held: Float32Array = read_npy(path)
    except (OSError, ValueError):
        return None
    fits = held.ndim == 2 and held.shape[1] == width and held.dtype == np.float32
    return held if fits else None


def _write(path: Path, vectors: Float32Array) -> None:
    """Keep an array, whole or not at all: cells of several processes may write the same one at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        np.save(file, vectors)
