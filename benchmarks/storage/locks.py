"""Locks of a results folder: several runs may write into one folder, and each lets the others finish.

A lock is held by an open file: the system gives it free when its process ends, however it ends.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

# Seconds between two looks at a lock that another process holds.
INTERVAL = 0.2

LOCKS = "locks"


class Locks:
    """The locks that this process holds in a folder.

    Parameters
    ----------
    folder : Path
        Where the files of the locks are; made when the first is taken.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}

    def take(self, name: str) -> bool:
        """Take a lock, unless another process, or another object of this one, holds it; return whether it is held."""
        if name in self._held:
            return True
        path = self._folder / name
        self._folder.mkdir(exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_file_of(descriptor, path):
                self._held[name] = descriptor
                return True
        except BlockingIOError:
            pass
        os.close(descriptor)
        return False

    def wait_for(self, name: str) -> None:
        """Take a lock as soon as whoever holds it gives it free."""
        while not self.take(name):
            time.sleep(INTERVAL)

    def give_free(self, name: str) -> None:
        """Give a lock free that is held; its file goes with it."""
        descriptor = self._held.pop(name, None)
        if descriptor is not None:
            # While it is held: whoever opens the file later makes a new one.
            with contextlib.suppress(OSError):
                (self._folder / name).unlink()
            os.close(descriptor)

    def clear(self) -> None:
        """Remove the files of locks that nobody holds: those of processes that were killed."""
        if self._folder.is_dir():
            for path in [*self._folder.iterdir()]:
                if path.is_file() and not path.is_symlink() and self.take(path.name):
                    self.give_free(path.name)

    @contextlib.contextmanager
    def held(self, name: str) -> Iterator[None]:
        """Hold a lock during the block, waiting for it if need be."""
        self.wait_for(name)
        try:
            yield
        finally:
            self.give_free(name)


def _is_file_of(descriptor: int, path: Path) -> bool:
    """Return whether an open file still has its name: whoever held the lock may have removed it."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
