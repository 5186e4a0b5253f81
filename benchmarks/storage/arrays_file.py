"""Reading of an ``npz`` file that anybody may have made: what it declares must fit what it holds."""

import zipfile
from pathlib import Path

import numpy as np

from benchmarks.npy_array import read_array

# The most that is read of a file, of all its arrays together.
MOST_BYTES = 2**30


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an ``npz`` file by name; no pickle is read.

    Parameters
    ----------
    path : Path
        A plain file.

    Raises
    ------
    ValueError
        If it holds, or declares, more than is read, an array's size is not the declared one, or there is a pickle.
    zipfile.BadZipFile
        If it is no archive, or damaged.
    OSError
        If it cannot be read.
    """
    if not path.is_file():
        raise ValueError("it is missing, or no file")
    arrays: dict[str, np.ndarray] = {}
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        total = sum(member.file_size for member in members)
        # Arrays are stored as they are, so that none is larger than the file.
        if total > min(MOST_BYTES, path.stat().st_size):
            raise ValueError(f"it declares {total} bytes, more than it has or more than the {MOST_BYTES} that are read")
        for member in members:
            name = member.filename.removesuffix(".npy")
            if name == member.filename or name in arrays:
                raise ValueError(f"{member.filename!r} is no array, or there twice")
            with archive.open(member) as file:
                arrays[name] = read_array(file, member.file_size)
    return arrays
