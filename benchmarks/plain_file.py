"""Files that anybody may have made: read only if they are plain, and no further than they may be long."""

import gzip
import io
import stat
from pathlib import Path

from benchmarks.byte_size import written_size

# The most bytes of a table, as it is stored and unpacked: expression of ten thousand patients has two billion.
MOST_BYTES = 2**32
_GZIP = b"\x1f\x8b"
_CHUNK = 2**24


def size_of_plain(path: Path) -> int:
    """Return the size of a file.

    Raises
    ------
    ValueError
        If it is no plain file: a folder, a named pipe that nobody writes into, a device that never ends.
    OSError
        If it is not there or cannot be looked at.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ValueError(f"it is {_kind(found.st_mode)}, not a file")
    return found.st_size


def read_plain(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the content of a file; errors as of ``size_of_plain``, and ValueError if it is longer than ``most``."""
    if size_of_plain(path) > most:
        raise ValueError(f"it is larger than {written_size(most)}")
    return path.read_bytes()


def unpacked(content: bytes, most: int = MOST_BYTES) -> bytes:
    """Return the content of a gzip file, or of one that is not packed as it is.

    Raises
    ------
    ValueError
        If it unfolds to more than ``most`` bytes.
    OSError, EOFError, zlib.error
        If it is damaged.
    """
    if not content.startswith(_GZIP):
        return content
    pieces, total = [], 0
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        while piece := file.read(_CHUNK):
            pieces.append(piece)
            total += len(piece)
            if total > most:
                raise ValueError(f"it unfolds to more than {written_size(most)}")
    return b"".join(pieces)


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return kinds.get(stat.S_IFMT(mode), "a device")
