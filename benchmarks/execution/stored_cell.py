"""Whether what is stored of a cell is what it asks for: readable, of its patients, at its times, with its study."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.storage.predictions import PREDICTIONS, read_predictions
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.tuning.study_files import read_study
from benchmarks.types import MAIN, Cell, Cohort, Outcome, Record, Split, StoredPredictions, StringArray


@dataclass(frozen=True, slots=True, eq=False)
class PlannedPatients:
    """Who is in which part of a split, and what became of them.

    Parameters
    ----------
    ids : array of str, shape (n,)
        All patients of the dataset.
    outcome : Outcome
        Theirs.
    split : Split
        Rows of the parts.
    """

    ids: StringArray
    outcome: Outcome
    split: Split

    @classmethod
    def of(cls, cohort: Cohort, split: Split) -> "PlannedPatients":
        """Return the patients of a cohort; nothing else of it is held."""
        return cls(cohort.patients.ids, cohort.outcome, split)

    def problem(self, stored: StoredPredictions) -> str:
        """Return in which part stored predictions are of others, or of other outcomes; empty if in none."""
        expected = ["test"] if self.split.merged else ["test", "validation"]
        if sorted(stored.parts) != expected:
            return f"predictions of the parts {', '.join(sorted(stored.parts))}, not of {', '.join(expected)}"
        found = {name: (part.ids, part.outcome) for name, part in stored.parts.items()}
        for name, (ids, outcome) in {"train": (stored.train_ids, stored.train), **found}.items():
            rows = getattr(self.split, name)
            planned = self.outcome.take(rows)
            if not np.array_equal(ids, self.ids[rows]):
                return f"other patients in the {name} part than the cell is of"
            if not (np.array_equal(outcome.time, planned.time) and np.array_equal(outcome.event, planned.event)):
                return f"other outcomes of the {name} part than the dataset has"
        return ""


# By dataset and checksum of the split.
Patients = Mapping[tuple[str, str], PlannedPatients]


def read_stored_cell(store: Store, cell: Cell, patients: Patients) -> Record:
    """Return the record of a stored cell whose files are what it asks for.

    Parameters
    ----------
    store : Store
        Where it is.
    cell : Cell
        As planned.
    patients : mapping of (str, str) to PlannedPatients
        Who is in the parts of its split; one of another split is not compared.

    Raises
    ------
    CorruptedCellError
        If a file is damaged, or is of other patients, times or trials; it names the file.
    """
    record = store.read(cell.key)
    if record.status == "ok":
        folder = store.folder(cell.key)
        check_files(cell, folder, patients.get((cell.dataset, cell.split_sha256)))
    return record


def check_files(cell: Cell, folder: Path, patients: PlannedPatients | None) -> None:
    """Check the files of a finished cell; see ``read_stored_cell``."""
    stored = read_predictions(folder)
    grid = EvaluationProtocol(cell.dataset, stored.parts["test"].predictions[MAIN].times)
    problem = "predictions at other times than the cell was asked for" if grid.grid_sha256 != cell.grid_sha256 else ""
    if not problem and patients is not None:
        problem = patients.problem(stored)
    if problem:
        raise CorruptedCellError(f"{folder / PREDICTIONS} holds {problem}")
    if cell.tuning:
        try:
            read_study(folder, cell.tuning)
        except (ValueError, FileNotFoundError) as error:
            raise CorruptedCellError(str(error)) from None
