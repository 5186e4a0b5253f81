"""The rows of a submission as its file has them, not yet compared with a dataset."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from benchmarks.errors import RowError, UsageError
from benchmarks.plain_text import one_line
from benchmarks.types import FloatArray, IntArray, Prediction, StringArray

TEST, VALIDATION = "test", "validation"
PARTS = (TEST, VALIDATION)

# A row is the prediction of a patient by the model of one fold.
Place: TypeAlias = tuple[int, int, str]
Counted: TypeAlias = Literal["row", "row (from 0)"]


@dataclass(frozen=True, slots=True, eq=False)
class SubmittedRows:
    """Predictions of m patients, each by the model of one fold.

    Parameters
    ----------
    source : str
        Name of the file.
    patients : array of str, shape (m,)
        Identifiers.
    repeats, folds : array of int, shape (m,)
        The split whose training part the model was trained on.
    parts : array of str, shape (m,)
        "test" or "validation": the part of that split in which the patient is.
    risk : array, shape (m,), or None
        Higher = earlier event; None takes it from the curves.
    times : array, shape (T,), or None
        Of the curves, in the dataset's unit.
    survival : array, shape (m, T), or None
        Curves, right-continuous steps.
    rows : array of int, shape (m,)
        Number of each row as the file counts it.
    counted : {"row", "row (from 0)"}
        How it does.

    Raises
    ------
    UsageError
        If an identifier is empty, a part is none, or a patient stands twice in one place; it names row and patient.
    """

    source: str
    patients: StringArray
    repeats: IntArray
    folds: IntArray
    parts: StringArray
    risk: FloatArray | None
    times: FloatArray | None
    survival: FloatArray | None
    rows: IntArray
    counted: Counted = "row"

    def __post_init__(self) -> None:
        seen: dict[tuple[str, int, int, str], int] = {}
        for position, place in enumerate(self.places()):
            patient = str(self.patients[position])
            if not patient.strip():
                raise self.refuse(position, "the patient's identifier is empty")
            if place[2] not in PARTS:
                raise self.refuse(position, f"part {place[2][:40]!r}: expected test or validation")
            first = seen.setdefault((patient, *place), position)
            if first != position:
                raise self.refuse(position, f"stands twice in {told(place)}, first in row {self.rows[first]}")

    def __len__(self) -> int:
        return len(self.patients)

    def places(self) -> list[Place]:
        """Return repeat, fold and part of each row."""
        return list(zip(self.repeats.tolist(), self.folds.tolist(), self.parts.tolist(), strict=True))

    def refuse(self, position: int, problem: str) -> UsageError:
        """Return the error that names row and patient."""
        patient = one_line(str(self.patients[position]), 60)
        return UsageError(f"{self.source}: {self.counted} {self.rows[position]}, patient {patient!r}: {problem}")

    def prediction(self, positions: IntArray) -> Prediction:
        """Return the prediction of some rows, in this order, at the times of the file.

        Raises
        ------
        UsageError
            If a risk or curve is none; it names row and patient.
        """
        survival = None if self.survival is None else self.survival[positions]
        times = np.zeros(1) if self.times is None else self.times
        risk = np.zeros(len(positions)) if self.risk is None else self.risk[positions]
        try:
            return Prediction(risk, times, survival)
        except RowError as error:
            raise self.refuse(int(positions[error.row]), error.problem) from None


def told(place: Place) -> str:
    """Return a place in words."""
    repeat, fold, part = place
    return f"the {part} part of repeat {repeat}, fold {fold}"
