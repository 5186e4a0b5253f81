"""The one way in which files are written: whole or not at all, whoever else writes the same one."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; see ``replacing``."""
    with replacing(path) as unfinished:
        unfinished.write_bytes(content)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary name to write to; the file there is synced and takes the place of ``path`` at the end.

    The name begins with a dot, has no suffix that a pattern such as ``*.json`` could match, and tells the process that
    writes. No two writers share one: of several that write the same file at the same time the last to finish stays.

    Parameters
    ----------
    path : Path
        The file, in a folder that exists.

    Raises
    ------
    OSError
        As writing, syncing or renaming does. The temporary file is then removed, and what stood at ``path`` stays.
    """
    unfinished = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        yield unfinished
        sync(unfinished)
        unfinished.replace(path)
        sync(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file, or the list of names of a folder, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
