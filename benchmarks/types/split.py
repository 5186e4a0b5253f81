"""Which patients a method trains on, selects on and is tested on."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.types.arrays import IntArray

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Row numbers of three disjoint parts of a cohort.

    Parameters
    ----------
    train, validation, test : arrays of int
        Rows; stored sorted. Fitting sees train and validation only.
    merged : bool
        Whether the validation part was given to the training, and is empty.
    repeat, fold : int
        Which of the repeats of the k-fold split, and which fold of it is the test part.
    group : str
        Name of the group that is left out of training and tested on; empty where folds are drawn or published.

    Raises
    ------
    ValueError
        If a part is empty or two parts share a patient.
    """

    train: IntArray
    validation: IntArray
    test: IntArray
    repeat: int
    fold: int
    group: str = ""
    merged: bool = False

    def __post_init__(self) -> None:
        for part in PARTS:
            rows = np.sort(np.asarray(getattr(self, part), dtype=np.int64))
            if rows.size == 0 and not (part == "validation" and self.merged):
                raise ValueError(f"the {part} part of repeat {self.repeat}, fold {self.fold} is empty")
            object.__setattr__(self, part, rows)
        joined = np.concatenate([self.train, self.validation, self.test])
        rows, counts = np.unique(joined, return_counts=True)
        if (counts > 1).any():
            raise ValueError(f"the patient in row {rows[counts > 1][0]} is in two parts of the split")

    @property
    def sha256(self) -> str:
        """Checksum of the rows of all parts."""
        digest = hashlib.sha256()
        for part in PARTS:
            rows = getattr(self, part)
            digest.update(f"{part} {len(rows)}\n".encode())
            digest.update(rows.astype("<i8").tobytes())
        return digest.hexdigest()

    def merge_validation(self) -> "Split":
        """Return the split that trains on the validation part, too, and has none."""
        none = np.empty(0, dtype=np.int64)
        return replace(self, train=np.concatenate([self.train, self.validation]), validation=none, merged=True)
