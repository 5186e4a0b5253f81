"""Arrays in NumPy's format that anybody may have made: what a header declares must fit the bytes that follow it."""

import math
import warnings
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from benchmarks.plain_file import size_of_plain

_LONGEST_HEADER = 2**16


def read_header(file: IO[bytes], size: int, *, records: bool = False) -> tuple[tuple[int, ...], bool, "np.dtype[Any]"]:
    """Read the header of an array; the file then stands at its first number.

    Parameters
    ----------
    file : binary file
        At the beginning of the array.
    size : int
        Bytes of the array with its header.
    records : bool
        Whether it may be an array of records.

    Returns
    -------
    tuple of shape, bool and dtype
        The second tells whether the array is stored column by column.

    Raises
    ------
    ValueError
        If it is no header, the array holds objects or records, or its size is not the declared one.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            version = npy.read_magic(file)
            if version not in ((1, 0), (2, 0)):
                raise ValueError(f"an array of version {version}")
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, by_columns, dtype = read(file, max_header_size=_LONGEST_HEADER)
    except ValueError:
        raise
    except Exception as error:  # the header is Python's syntax: whatever reading that can raise
        raise ValueError(f"no header of an array: {type(error).__name__}") from None
    if dtype.hasobject or (dtype.names is not None and not records):
        raise ValueError("an array of objects or records")
    if min(shape, default=0) < 0:
        raise ValueError(f"an array of shape {shape}")
    expected = math.prod(shape) * dtype.itemsize
    if expected != size - file.tell():
        raise ValueError(f"an array of shape {shape} takes {expected} bytes, {size - file.tell()} are there")
    return shape, by_columns, dtype


def read_array(file: IO[bytes], size: int, *, records: bool = False) -> np.ndarray:
    """Read an array of so many bytes; errors as of ``read_header``."""
    shape, by_columns, dtype = read_header(file, size, records=records)
    content = bytearray(file.read())
    if not math.prod(shape) * dtype.itemsize:
        return np.empty(shape, dtype)
    return np.frombuffer(content, dtype=dtype).reshape(shape, order="F" if by_columns else "C")


def read_npy(path: Path, *, records: bool = False) -> np.ndarray:
    """Read a ``.npy`` file, which may hold records if that is said.

    Raises
    ------
    ValueError
        If it is no plain file, or as ``read_header``.
    OSError
        If it is not there or cannot be read.
    """
    size = size_of_plain(path)
    with path.open("rb") as file:
        return read_array(file, size, records=records)


def mapped_npy(path: Path) -> np.ndarray:
    """Return the array of a ``.npy`` file as it stands on the disk; errors as of ``read_npy``."""
    size = size_of_plain(path)
    with path.open("rb") as file:
        shape, by_columns, dtype = read_header(file, size)
        start = file.tell()
    if not math.prod(shape) * dtype.itemsize:
        return np.empty(shape, dtype)
    return np.memmap(path, dtype, "r", start, shape, order="F" if by_columns else "C")
