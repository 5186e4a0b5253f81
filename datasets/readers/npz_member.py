"""Arrays in an ``.npz`` file: read once if they are compressed, mapped where they stand if they are not.

NumPy itself maps no member of an ``.npz``, and allocates what a damaged header asks for.
"""

import math
import struct
import warnings
import zipfile
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.errors import UsageError
from benchmarks.plain_file import size_of_plain

from .damaged_files import told_in_one_line
from .slide_bags import first_line

# The most bytes that are unpacked, and how much more than its packed size an array can unfold to.
MOST_BYTES = 2**34
_MOST_UNFOLDED = 1100
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """A matrix of an ``.npz`` file, shape (R, d), in memory or in the file.

    Parameters
    ----------
    path : Path
        The file.
    shape : tuple of int
        (R, d).
    dtype : dtype
        Of the numbers.
    held : array, shape (R, d), optional
        The matrix, if it had to be unpacked.
    start : int
        Otherwise, where in the file its first number is.
    """

    path: Path
    shape: tuple[int, int]
    dtype: "np.dtype[Any]"
    held: NDArray[Any] | None
    start: int = 0

    def part(self, first: int, last: int) -> AbstractContextManager[NDArray[Any]]:
        """Give some rows; those in the file are mapped by themselves, so that what is mapped goes with what is used."""
        if self.held is not None:
            return nullcontext(self.held[first:last])
        of_row = self.shape[1] * self.dtype.itemsize
        try:
            mapped: NDArray[Any] = np.memmap(
                self.path, self.dtype, "r", self.start + first * of_row, (last - first, self.shape[1])
            )
        except (OSError, ValueError, OverflowError) as error:
            raise UsageError(f"{self.path}: cannot be read: {first_line(error)}") from None
        return nullcontext(mapped)


def read_members(path: Path, small: tuple[str, ...], rows: str) -> tuple[dict[str, NDArray[Any]], Rows]:
    """Read some vectors of an ``.npz`` file, and one matrix that may be larger than the memory.

    Parameters
    ----------
    path : Path
        The file.
    small : tuple of str
        Names of arrays, which are read.
    rows : str
        Name of a matrix, which is mapped if the file is not compressed, and otherwise read once as it is stored.

    Returns
    -------
    tuple of dict and Rows
        The arrays by name, and the matrix.

    Raises
    ------
    UsageError
        If the file is missing or damaged, an array is not there, or holds objects, which are never unpickled.
    """
    with told_in_one_line(str(path)):
        size_of_plain(path)
    try:
        with zipfile.ZipFile(path) as archive:
            missing = [name for name in (*small, rows) if f"{name}.npy" not in archive.namelist()]
            if missing:
                raise UsageError(f"{path}: no array {missing[0]!r} in it; there must be {', '.join((rows, *small))}")
            return {name: _read(path, archive, name) for name in small}, _rows(path, archive, rows)
    except FileNotFoundError:
        raise UsageError(f"{path} is missing") from None
    except (PermissionError, IsADirectoryError) as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except MemoryError:
        raise UsageError(
            f"{path}: does not fit into memory; written uncompressed (numpy.savez), it is read from the disk"
        ) from None
    except UsageError:
        raise
    except Exception as error:  # whatever the zip format, the compression or the header of an array can raise
        raise UsageError(f"{path}: damaged, get it again: {first_line(error)}") from None


def _rows(path: Path, archive: zipfile.ZipFile, name: str) -> Rows:
    info = archive.getinfo(f"{name}.npy")
    with archive.open(info) as member:
        shape, dtype, header = _header(path, name, member, info)
    if len(shape) != 2:
        raise UsageError(f"{path}: {name} of shape {shape}, expected (regions, width)")
    if info.compress_type != zipfile.ZIP_STORED:
        return Rows(path, shape, dtype, _read(path, archive, name))
    with path.open("rb") as file:
        file.seek(info.header_offset)
        mark, length_of_name, length_of_extra = _LOCAL_HEADER.unpack(file.read(_LOCAL_HEADER.size))
    start = info.header_offset + _LOCAL_HEADER.size + length_of_name + length_of_extra
    if mark != b"PK\3\4" or start + info.file_size > path.stat().st_size:
        raise UsageError(f"{path}: damaged, get it again: {name} goes beyond the end of the file")
    return Rows(path, shape, dtype, None, start + header)


def _read(path: Path, archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Return an array as it is stored; the checksum of the zip format is compared at its end."""
    info = archive.getinfo(f"{name}.npy")
    _require_modest(path, name, info)
    with archive.open(info) as member:
        shape, dtype, _ = _header(path, name, member, info)
        content = np.empty(math.prod(shape) * dtype.itemsize, dtype=np.uint8)
        filled = 0
        while piece := member.read(_CHUNK):
            content[filled : filled + len(piece)] = np.frombuffer(piece, dtype=np.uint8)
            filled += len(piece)
    if filled != len(content):
        raise UsageError(f"{path}: damaged, get it again: {name} ends early")
    return content.view(dtype).reshape(shape)


def _require_modest(path: Path, name: str, info: zipfile.ZipInfo) -> None:
    """Refuse an array that unfolds to more than fits, or than can be true, before anything is allocated."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UsageError(f"{path}: {name} is packed in a way that numpy does not write")
    most = info.compress_size * (1 if info.compress_type == zipfile.ZIP_STORED else _MOST_UNFOLDED)
    if info.file_size > min(most, MOST_BYTES) or info.compress_size > path.stat().st_size:
        raise UsageError(
            f"{path}: {name} declares {info.file_size} bytes, more than the file can hold or than are unpacked; "
            "written uncompressed (numpy.savez), it is read from the disk"
        )


def _header(path: Path, name: str, member: IO[bytes], info: zipfile.ZipInfo) -> tuple[Any, "np.dtype[Any]", int]:
    """Return shape and type of an array and the length of its header; no more is announced than the file holds."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        version = np.lib.format.read_magic(member)
        if version == (1, 0):
            shape, by_columns, dtype = np.lib.format.read_array_header_1_0(member)
        elif version == (2, 0):
            shape, by_columns, dtype = np.lib.format.read_array_header_2_0(member)
        else:
            raise UsageError(f"{path}: {name} is written in version {version} of the format of NumPy")
    if dtype.hasobject:
        raise UsageError(f"{path}: {name} is an array of objects, which is never unpickled")
    if by_columns and len(shape) > 1:
        raise UsageError(f"{path}: {name} is stored column by column; store it row by row (numpy.ascontiguousarray)")
    header = member.tell()
    if math.prod(shape) * dtype.itemsize != info.file_size - header:
        raise UsageError(
            f"{path}: damaged, get it again: {name} of shape {shape} and type {dtype} does not fit its "
            f"{info.file_size} bytes"
        )
    return shape, dtype, header
