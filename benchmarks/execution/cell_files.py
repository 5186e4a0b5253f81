"""The files of a cell: what its process may leave behind, and how much of it.

A method can do anything within its process: delete folders, write files of any name and size, replace files by links.
So the guard opens the files that a cell has, and the process writes into these, whatever becomes of their names. What
has no place in the list of files is not looked at.
"""

import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.byte_size import written_size
from benchmarks.storage.predictions import PREDICTIONS, TEXTS
from benchmarks.tuning.trials import STUDY_FILES

LOG = "log.txt"

# The most bytes of a file that are kept. Predictions with hidden states of all patients have some 10 MiB.
MOST_BYTES = {PREDICTIONS: 2**29, TEXTS: 2**26, **dict.fromkeys(STUDY_FILES, 2**26)}
LOG_BYTES = 2**24
_CUT = b"\n[the middle of this log is left out]\n"


@dataclass(frozen=True, slots=True)
class CellFiles:
    """Open files of a cell; of a process that is forked with them, too.

    Parameters
    ----------
    log : int
        Descriptor of what the process prints.
    predictions, texts : binary file
        Without a name.
    """

    log: int
    predictions: IO[bytes]
    texts: IO[bytes]

    @classmethod
    def made_in(cls, folder: Path) -> "CellFiles":
        """Open empty files in an empty folder."""
        log = os.open(folder / LOG, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o644)
        return cls(log, tempfile.TemporaryFile(dir=folder), tempfile.TemporaryFile(dir=folder))

    def cap_log(self) -> None:
        """Leave beginning and end of a log that is too long; called while it is written, and at the end."""
        size = os.fstat(self.log).st_size
        if size > LOG_BYTES:
            end = os.pread(self.log, LOG_BYTES // 4, size - LOG_BYTES // 4)
            os.ftruncate(self.log, LOG_BYTES // 2)
            os.write(self.log, _CUT + end)

    def keep_log(self, target: Path) -> None:
        """Copy the log to a folder."""
        self.cap_log()
        _copy(self.log, target / LOG)

    def keep_predictions(self, target: Path) -> None:
        """Copy predictions and texts, if there are any, to a folder.

        Raises
        ------
        ValueError
            If one is larger than what is kept.
        """
        for name, file in ((PREDICTIONS, self.predictions), (TEXTS, self.texts)):
            size = os.fstat(file.fileno()).st_size
            if size > MOST_BYTES[name]:
                raise ValueError(
                    f"{name} would hold {written_size(size)}; at most {written_size(MOST_BYTES[name])} are kept"
                )
            if size:
                _copy(file.fileno(), target / name)


def keep_study(source: Path, target: Path) -> None:
    """Copy the files of a study to a folder, those of their names, plain and not too large."""
    for name in STUDY_FILES:
        _keep(source / name, target / name, MOST_BYTES[name])


def keep_log_of_killed(folder: Path, target: Path) -> None:
    """Copy the log of a cell whose guard is gone, if it is still there."""
    _keep(folder / LOG, target / LOG, LOG_BYTES)


def fresh_folder(path: Path) -> Path:
    """Return an empty folder in a cell's folder, made in place of whatever is there, or in the place of the two above.

    These are the work folder of a run and the folder of a cell, both made by the suite.
    """
    for above in (path.parents[1], path.parent):
        if above.is_symlink() or above.is_file():
            above.unlink()
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.mkdir(parents=True)
    return path


def _keep(source: Path, target: Path, most: int) -> None:
    """Copy a plain file of at most so many bytes; a link, a pipe, a folder or a larger file is left."""
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return  # not there, or not to be read
    try:
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_size <= most:
            _copy(descriptor, target)
    finally:
        os.close(descriptor)


def _copy(descriptor: int, target: Path) -> None:
    """Copy an open file from its beginning, wherever its position stands."""
    place = 0
    with target.open("xb") as file:
        while part := os.pread(descriptor, 2**20, place):
            file.write(part)
            place += len(part)
