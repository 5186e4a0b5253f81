"""Curves of several rows of one dataset, fold by fold, read from the stored predictions."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.errors import UsageError
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.evaluation import prepare
from benchmarks.storage.predictions import read_predictions
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.types import MAIN, FloatArray, Outcome, PredictedPart, Prediction
from leaderboards.boards.candidates import Candidate
from metrics import PreparedOutcome


@dataclass(frozen=True, slots=True, eq=False)
class FoldCurves:
    """What a row predicted of the n test patients of a fold.

    Parameters
    ----------
    prediction : Prediction
        Of the row's variant.
    patients : PredictedPart
        The test patients.
    train : Outcome
        Whom the censoring weights are from.
    outcome : PreparedOutcome
        Of the test patients, with these weights.
    times : array, shape (T,)
        The protocol's grid.
    """

    prediction: Prediction
    patients: PredictedPart
    train: Outcome
    outcome: PreparedOutcome
    times: FloatArray


def curves_of(store: Store, row: Candidate) -> Iterator[FoldCurves]:
    """Yield the folds of the first repeat of a complete row; one is in memory at a time.

    Raises
    ------
    UsageError
        If a file is damaged.
    """
    for scored in row.entry.cells:
        cell = scored.record.cell
        if cell.repeat > 0:
            continue  # the same patients again
        try:
            store.read(cell.key)
            stored = read_predictions(store.folder(cell.key))
        except CorruptedCellError as error:
            raise UsageError(f"{error}; run the same command again to recompute the cell") from None
        part = stored.parts["test"]
        protocol = EvaluationProtocol(cell.dataset, part.predictions[MAIN].times)
        outcome = prepare(protocol, stored.train, part.outcome)
        yield FoldCurves(part.predictions[row.row.variant], part, stored.train, outcome, protocol.times)
