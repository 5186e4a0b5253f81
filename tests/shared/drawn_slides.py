"""Drawn features of slides, packed in one file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDTH = 6


def drawn_rows(seed: int, rows: int, width: int = WIDTH) -> NDArray[np.float32]:
    """Draw numbers that float16 holds exactly."""
    return np.random.default_rng(seed).normal(size=(rows, width)).astype(np.float16).astype(np.float32)


def packed_arrays(slides: Mapping[str, int], dtype: str = "float16", width: int = WIDTH) -> dict[str, NDArray[Any]]:
    """Return the arrays of a packed file: so many rows of each slide, of the patient whom its name begins with."""
    features = [drawn_rows(seed, rows, width) for seed, rows in enumerate(slides.values())]
    return {
        "features": np.concatenate(features).astype(dtype),
        "offsets": np.cumsum([0, *slides.values()]).astype(np.int32),
        "slide_id": np.array(list(slides)),
        "patient_id": np.array([name.split("_")[0] for name in slides]),
    }


def write_packed(path: Path, arrays: Mapping[str, Any], *, compressed: bool = False) -> Path:
    """Write the arrays as ``.npz``; an array of objects is written, too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    (np.savez_compressed if compressed else np.savez)(path, **arrays)
    return path


class Nobody:
    """Is told how far packing is, and says nothing."""

    def packed(self, slides: int, *, resumed: bool = False) -> None:
        """Say nothing."""
