"""What a teacher says of n patients, whoever the teacher is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmarks.types import BoolArray, FloatArray

# Probabilities are kept inside [SMALLEST, 1 - SMALLEST]: of 0 and 1 there is no logarithm and no exponential curve.
SMALLEST = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class TeacherAnswers:
    """Survival probabilities of n patients at J horizons, and a reason for each patient.

    Parameters
    ----------
    horizons : array, shape (J,)
        Times in the dataset's unit, positive and rising.
    probabilities : array, shape (n, J)
        S(horizon) of each patient in (0, 1), never rising along a row; NaN where the teacher made no statement.
    rationales : sequence of n str or None
        Why, in words; None where there is none.
    label : str
        Who the teacher is, as rows and tables call it: "surrogate", "file: gpt-4o, mistral-large".
    notes : mapping of str to float
        Counts of what happened: unparseable, refused, corrected, and so on.

    Raises
    ------
    ValueError
        If shapes differ, horizons do not rise from above 0, or a probability is outside (0, 1) or above an earlier one.
    """

    horizons: FloatArray
    probabilities: FloatArray
    rationales: tuple[str | None, ...]
    label: str
    notes: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        horizons = np.array(self.horizons, dtype=np.float64)
        probabilities = np.array(self.probabilities, dtype=np.float64)
        if horizons.ndim != 1 or not horizons.size or not (np.diff(horizons, prepend=0.0) > 0).all():
            raise ValueError(f"horizons must be a vector that rises from above 0, got {horizons.tolist()}")
        if probabilities.shape != (len(self.rationales), horizons.size):
            raise ValueError(
                f"probabilities of shape {probabilities.shape} for {len(self.rationales)} rationales and "
                f"{horizons.size} horizons"
            )
        known = ~np.isnan(probabilities)
        if not ((probabilities[known] > 0) & (probabilities[known] < 1)).all():
            raise ValueError("a probability is not between 0 and 1")
        lowest = np.minimum.accumulate(np.where(known, probabilities, np.inf), axis=1)
        if (probabilities[known] > lowest[known]).any():
            raise ValueError("a probability is higher than one at an earlier horizon")
        object.__setattr__(self, "horizons", horizons)
        object.__setattr__(self, "probabilities", probabilities)
        object.__setattr__(self, "rationales", tuple(self.rationales))

    def __len__(self) -> int:
        return len(self.rationales)

    @property
    def answered(self) -> BoolArray:
        """Patients of whom the teacher said a probability at one horizon or more, shape (n,)."""
        return np.asarray(~np.isnan(self.probabilities).all(axis=1), dtype=np.bool_)


def clipped(probabilities: FloatArray) -> tuple[FloatArray, int]:
    """Return probabilities (n, J) inside [0.005, 0.995], none above an earlier one, and how many rows had to fall.

    What is above an earlier probability of its row is lowered to it (a running minimum); NaN stays NaN.
    """
    inside = np.clip(probabilities, SMALLEST, 1 - SMALLEST)
    known = ~np.isnan(inside)
    lowest = np.minimum.accumulate(np.where(known, inside, np.inf), axis=1)
    falling = np.where(known, lowest, np.nan)
    risen = (known & (inside > lowest)).any(axis=1)
    return falling, int(risen.sum())
