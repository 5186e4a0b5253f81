"""The folders of the CHIMERA release, and what its two survival tasks read in the same way."""

import io
import logging
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from benchmarks.errors import LONGEST_NAME, UsageError
from benchmarks.plain_file import read_plain, unpacked
from benchmarks.plain_text import one_line
from benchmarks.types import Float32Array, Matrix

from ..readers.damaged_files import told_in_one_line
from .values import read_object

# Of a table of derived features.
MOST_BYTES = 2**30
MOST_COLUMNS = 100_000

LOG = logging.getLogger("benchmarks.datasets.chimera")

Read = TypeVar("Read")


def task_folder(root: Path, task: str) -> Path:
    """Return the folder of a task, with or without the ``v2/`` of the official bucket.

    Raises
    ------
    UsageError
        If there is none, or both.
    """
    candidates = [root / "chimera" / task, root / "chimera" / "v2" / task]
    found = [folder for folder in candidates if folder.is_dir()]
    how = f"python -m benchmarks data fetch chimera --task {task.removeprefix('task')}"
    if not found:
        raise UsageError(f"{candidates[0]} is missing, and {candidates[1]} too; {how} gets it")
    if len(found) == 2:
        raise UsageError(f"{found[0]} and {found[1]} are both there: which is meant is unclear, remove one")
    return found[0]


def read_patients(
    task: str, patients: Sequence[str], read: Callable[[str], Read], *, skip_invalid: bool
) -> dict[str, Read]:
    """Read every patient, and name the one that cannot be read.

    Parameters
    ----------
    task : str
        Name of the dataset, for messages.
    patients : sequence of str
        Identifiers.
    read : callable
        Reads one patient; raises a UsageError that names it.
    skip_invalid : bool
        Leave out patients who cannot be read; how many, and why, is logged as a warning.

    Raises
    ------
    UsageError
        If a patient cannot be read (without ``skip_invalid``), or none can.
    """
    found: dict[str, Read] = {}
    problems: list[str] = []
    for patient in patients:
        try:
            found[patient] = read(patient)
        except UsageError as error:
            if not skip_invalid:
                raise UsageError(f"{task}: {error}; --skip-invalid leaves such patients out and counts them") from None
            problems.append(str(error))
    if not found:
        raise UsageError(f"{task}: no patient could be read" + (f"; the first: {problems[0]}" if problems else ""))
    if problems:
        listed = "".join(f"\n  {problem}" for problem in problems)
        warn_once(f"{task}: {len(problems)} of {len(patients)} patients left out as invalid:{listed}")
    return found


@cache
def warn_once(message: str) -> None:
    """Log a warning, once per process: a run loads a dataset several times."""
    LOG.warning(message)


def derived_matrix(path: Path, ids: Sequence[str]) -> Matrix | None:
    """Return a table of derived features (``patient_id`` and numbers), or None if the file is not there.

    Patients without a row are marked as absent.

    Raises
    ------
    UsageError
        If the file cannot be read, a patient stands there twice, or a value is not finite; it names file and patient.
    """
    if not path.exists():
        return None
    frame = read_derived(path)
    if "patient_id" not in frame:
        raise UsageError(f"{path}: there is no column patient_id")
    frame = frame.set_index("patient_id")
    if not frame.index.is_unique:
        twice = one_line(str(frame.index[frame.index.duplicated()][0]), LONGEST_NAME)
        raise UsageError(f"{path}: patient {twice} stands there twice")
    not_numbers = frame.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]]
    if len(not_numbers):
        column = one_line(str(not_numbers[0]), LONGEST_NAME)
        raise UsageError(f"{path}: the column {column} holds something that is not a number")
    with told_in_one_line(str(path), "cannot be read as a table"):
        values = frame.to_numpy(np.float32)
    bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if bad.size:
        patient = one_line(str(frame.index[bad[0]]), LONGEST_NAME)
        raise UsageError(f"{path}: patient {patient}: a value is not finite")
    rows = frame.index.get_indexer(pd.Index(ids))
    present = rows >= 0
    if not present.any():
        raise UsageError(f"{path}: none of its patients is in the cohort")
    return Matrix(np.where(present[:, None], values[rows], np.nan), tuple(map(str, frame.columns)), present)


def read_derived(path: Path) -> pd.DataFrame:
    """Read a table, packed or not, whose column ``patient_id`` holds texts; UsageError if it is none."""
    with told_in_one_line(str(path), "cannot be read as a table"):
        content = unpacked(read_plain(path, MOST_BYTES), MOST_BYTES)
        columns = content[: content.find(b"\n")].count(b",")
        if columns > MOST_COLUMNS:
            raise ValueError(f"{columns} columns, at most {MOST_COLUMNS} are read")
        return pd.read_csv(io.BytesIO(content), dtype={"patient_id": str}, float_precision="round_trip")


class Expression:
    """Reads one JSON object per patient, gene to expression; all files must have the genes of the first."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = ()

    def read(self, patient: str, path: Path) -> Float32Array:
        """Return the expression of a patient, shape (g,), in the order of ``names``.

        Raises
        ------
        UsageError
            If the file is broken, a value is no finite number, or its genes are not those of the others.
        """
        found = read_object(patient, path)
        names = self.names or tuple(sorted(found))
        if found.keys() != set(names):
            other = next(iter(found.keys() ^ set(names)))
            raise UsageError(f"{path}: patient {patient}: other genes than the patients before, such as {other!r}")
        try:
            row = np.array([float(found[name]) for name in names], dtype=np.float32)
        except (TypeError, ValueError, OverflowError):
            raise UsageError(f"{path}: patient {patient}: an expression value is not a number") from None
        if not np.isfinite(row).all():
            raise UsageError(f"{path}: patient {patient}: an expression value is not finite")
        self.names = names
        return row


def stacked(rows: Sequence[Float32Array | None], names: tuple[str, ...]) -> Matrix | None:
    """Return the rows of all patients, None for one without, as a Matrix; None if no patient has one."""
    if all(row is None for row in rows):
        return None
    absent = np.full(len(names), np.nan, dtype=np.float32)
    return Matrix(
        np.stack([absent if row is None else row for row in rows]), names, np.array([row is not None for row in rows])
    )
