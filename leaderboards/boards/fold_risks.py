"""The risks that a row gives the test patients of each fold."""

from dataclasses import dataclass

from benchmarks.errors import UsageError
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.design import Place
from benchmarks.storage.predictions import read_predictions
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.types import MAIN, FloatArray, PredictedPart
from leaderboards.boards.candidates import Candidate
from metrics import PreparedOutcome


class DamagedFoldError(UsageError):
    """The predictions of a cell that is looked into are damaged."""


@dataclass(frozen=True, slots=True, eq=False)
class FoldRisks:
    """The n test patients of a fold with the risks that a row gives them.

    Parameters
    ----------
    patients : PredictedPart
        As stored.
    risk : array, shape (n,)
        Of the row's variant.
    outcome : PreparedOutcome
        With the horizon of the protocol.
    """

    patients: PredictedPart
    risk: FloatArray
    outcome: PreparedOutcome


def read_fold_risks(store: Store, row: Candidate) -> dict[Place, FoldRisks]:
    """Read the risks of every fold of a complete row.

    Raises
    ------
    DamagedFoldError
        If a file is damaged.
    """
    found = {}
    for scored in row.entry.cells:
        cell = scored.record.cell
        try:
            store.read(cell.key)
            part = read_predictions(store.folder(cell.key)).parts["test"]
        except CorruptedCellError as error:
            raise DamagedFoldError(f"{error}; run the same command again to recompute the cell") from None
        horizon = EvaluationProtocol(cell.dataset, part.predictions[MAIN].times).horizon
        outcome = PreparedOutcome(None, None, part.outcome.time, part.outcome.event, horizon)
        found[cell.repeat, cell.fold] = FoldRisks(part, part.predictions[row.row.variant].risk, outcome)
    return found
