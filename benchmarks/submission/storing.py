"""A submission becomes cells of a results folder: scored, ranked and compared like those that were computed here."""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.catalog.loading import LoadedDataset
from benchmarks.errors import UsageError
from benchmarks.execution.fold import CONTRARY
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.storage.predictions import PREDICTIONS, TEXTS, write_predictions
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.submission.card import SubmissionCard
from benchmarks.types import EXTERNAL, Cell, Cohort, Prediction, Record, Split

# What is not known of predictions that were made elsewhere.
ELSEWHERE = "elsewhere"

CONTRARY_RISK = "UserWarning: higher risk goes with longer survival; is the sign turned round?"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Submission:
    """Checked predictions, with what their cells are made of.

    Parameters
    ----------
    name : str
        Of the rows (``stored_name``).
    card : SubmissionCard
        Who made them.
    content : bytes
        Of the file; its checksum stands in place of that of a method's code.
    loaded : LoadedDataset
        The dataset.
    options : mapping
        All its options.
    complete_cases : tuple of str
        Modalities that every patient must have.
    protocol : EvaluationProtocol
        Of the dataset.
    kind : str
        Kind of the splits.
    folds, seed : int
        Number of all folds, predicted or not, and seed of the splits.
    splits : sequence of Split
        Those that are predicted.
    predictions : sequence of mapping of str to Prediction
        By part, one for each of them.
    """

    name: str
    card: SubmissionCard
    content: bytes
    loaded: LoadedDataset
    options: Mapping[str, Any]
    complete_cases: tuple[str, ...]
    protocol: EvaluationProtocol
    kind: str
    folds: int
    seed: int
    splits: Sequence[Split]
    predictions: Sequence[Mapping[str, Prediction]]

    def cells(self) -> list[Cell]:
        """Return the cell of each split."""
        return [
            Cell(
                method=self.name,
                entry=EXTERNAL,
                config=self.card.as_config(),
                dataset=self.loaded.card.name,
                dataset_options=self.options,
                data_sha256=self.loaded.sha256,
                complete_cases=self.complete_cases,
                split=self.kind,
                folds=self.folds,
                repeat=split.repeat,
                fold=split.fold,
                seed=self.seed,
                split_sha256=split.sha256,
                modalities=tuple(sorted(self.card.modalities)),
                grid_sha256=self.protocol.grid_sha256,
                threads=0,
                device=ELSEWHERE,
                code_sha256=hashlib.sha256(self.content).hexdigest(),
                libraries={},
                group=split.group,
                merged=split.merged,
            )
            for split in self.splits
        ]


def store_submission(submission: Submission, store: Store, *, replace: bool = False) -> list[Record]:
    """Write the cells of a submission; return their records.

    Parameters
    ----------
    submission : Submission
        Checked.
    store : Store
        Where they go.
    replace : bool
        Remove what the same name predicted of the same folds before.

    Raises
    ------
    UsageError
        If the name has other predictions of one of the folds and they are not to be replaced. Nothing is stored then.
    """
    cells = submission.cells()
    before = _others_of(cells, store)
    if before and not replace:
        raise UsageError(
            f"{submission.name} has other predictions on {cells[0].dataset} in {store.root} ({len(before)} cells, such "
            f"as {before[0]}); --force puts these in their place"
        )
    records = []
    cohort = submission.loaded.cohort.only(*sorted(submission.card.modalities))
    for cell, split, predictions in zip(cells, submission.splits, submission.predictions, strict=True):
        with store.work_folder(cell.key) as work:
            folder = work / "files"
            folder.mkdir()
            _write(folder, cohort, split, predictions)
            warnings = {CONTRARY_RISK: 1} if _is_contrary(predictions["test"]) else {}
            record = Record(cell, "ok", warnings=warnings, excluded=submission.loaded.cohort.excluded)
            records.append(store.write(record, folder))
    for key in before:
        shutil.rmtree(store.folder(key))
    return records


def _write(folder: Path, cohort: Cohort, split: Split, predictions: Mapping[str, Prediction]) -> None:
    with (folder / PREDICTIONS).open("wb") as file, (folder / TEXTS).open("wb") as texts:
        write_predictions(file, texts, cohort, split, predictions)
    (folder / TEXTS).unlink()  # nothing was written


def _is_contrary(prediction: Prediction) -> bool:
    agreement = prediction.agreement()
    return agreement is not None and agreement < CONTRARY


def _others_of(cells: Sequence[Cell], store: Store) -> list[str]:
    """Return the keys of stored cells that predict the same folds under the same name, but are other cells."""
    places = {_place(cell) for cell in cells}
    own = {cell.key for cell in cells}
    found = []
    for key in store:
        try:
            cell = store.read_record(key).cell
        except CorruptedCellError:
            continue  # `status` and `run` tell of it
        if cell.external and _place(cell) in places and key not in own:
            found.append(key)
    return found


def _place(cell: Cell) -> tuple[Any, ...]:
    """Return what two cells of one row of a board must not share."""
    options = tuple(sorted((key, str(value)) for key, value in cell.dataset_options.items()))
    return (
        cell.method,
        cell.dataset,
        options,
        cell.complete_cases,
        cell.split,
        cell.folds,
        cell.seed,
        cell.merged,
        cell.repeat,
        cell.fold,
    )
