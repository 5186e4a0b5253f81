"""Files for those who predict elsewhere: who is in which part of which split, and the times of the protocol."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.atomic_write import write_atomically
from benchmarks.errors import UsageError
from benchmarks.types import Cohort, Split
from benchmarks.types.split import PARTS

if TYPE_CHECKING:
    from benchmarks.catalog.loading import LoadedDataset


def write_splits(splits: Sequence[Split], cohort: Cohort, path: Path) -> None:
    """Write a CSV file with a row per split and patient in it: patient, repeat, fold and part.

    Raises
    ------
    UsageError
        If the file cannot be written.
    """
    ids = cohort.patients.ids
    rows = [
        (patient, split.repeat, split.fold, part)
        for split in splits
        for part in PARTS
        for patient in ids[getattr(split, part)].tolist()
    ]
    _write(path, "--write", ("patient", "repeat", "fold", "part"), rows)


def write_times(loaded: "LoadedDataset", path: Path) -> None:
    """Write a CSV file with the times of the protocol's grid, the last of which is the horizon.

    Raises
    ------
    UsageError
        If the file cannot be written, or the dataset has no horizon.
    """
    from benchmarks.protocol.protocol import EvaluationProtocol

    protocol = EvaluationProtocol.of(loaded.card.name, loaded.cohort, loaded.card.horizon)
    _write(path, "--times", ("time",), [(repr(time),) for time in protocol.times.tolist()])


def _write(path: Path, option: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    try:
        write_atomically(path, text.getvalue().encode())
    except OSError as error:
        raise UsageError(f"{option} {path}: cannot be written: {error.strerror}") from None
