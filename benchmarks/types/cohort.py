"""A cohort: what is known of the patients, and what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from benchmarks.errors import CompleteCasesError, RowError
from benchmarks.types.arrays import IntArray, StringArray
from benchmarks.types.modality import Bags, Matrix, Modality, Table, Texts
from benchmarks.types.outcome import Outcome

Kind = TypeVar("Kind", Table, Matrix, Texts, Bags)

# Of `Cohort.published_fold`, for patients who are in no test part.
IN_NO_PART = -1
ALWAYS_TRAINING = -2


@dataclass(frozen=True, slots=True, eq=False)
class Patients:
    """What a method sees at prediction; it has no outcome to leak.

    Parameters
    ----------
    ids : sequence of str, length n
        One identifier per patient, unique.
    modalities : mapping of str to Modality
        Each with n rows.
    """

    ids: StringArray
    modalities: Mapping[str, Modality]

    def __post_init__(self) -> None:
        ids = np.array([str(i) for i in self.ids], dtype=np.str_)
        values, counts = np.unique(ids, return_counts=True)
        if (counts > 1).any():
            raise ValueError(f"patient {str(values[counts > 1][0])!r} stands more than once in the cohort")
        for name, modality in self.modalities.items():
            if len(modality) != len(ids):
                raise ValueError(f"modality {name!r} has {len(modality)} rows for {len(ids)} patients")
        object.__setattr__(self, "ids", ids)
        object.__setattr__(self, "modalities", MappingProxyType(dict(self.modalities)))

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, rows: ArrayLike) -> "Patients":
        rows = _rows(rows, len(self))
        taken = {name: modality.take(rows) for name, modality in self.modalities.items()}
        return Patients(self.ids[rows], taken)

    def only(self, *names: str) -> "Patients":
        """Return the patients with the named modalities alone."""
        return Patients(self.ids, {name: self._modality(name) for name in names})

    def table(self, name: str = "clinical") -> Table:
        """Return a modality that is a Table."""
        return _expect(self._modality(name), Table, name)

    def matrix(self, name: str) -> Matrix:
        """Return a modality that is a Matrix."""
        return _expect(self._modality(name), Matrix, name)

    def texts(self, name: str = "text") -> Texts:
        """Return a modality that is Texts."""
        return _expect(self._modality(name), Texts, name)

    def bags(self, name: str) -> Bags:
        """Return a modality that is Bags."""
        return _expect(self._modality(name), Bags, name)

    def _modality(self, name: str) -> Modality:
        if name not in self.modalities:
            known = ", ".join(self.modalities) or "none"
            raise ValueError(f"no modality {name!r} here; there are: {known}")
        return self.modalities[name]


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Patients with their outcome.

    Parameters
    ----------
    patients : Patients
        n patients.
    outcome : Outcome
        Their times and events.
    time_unit : {"days", "months", "years"}
        Unit of the times.
    strata : sequence of str, length n, optional
        Groups within which the concordance counts pairs, such as the cancer type of a pan-cancer cohort.
    published_fold : array of int, shape (n,), optional
        The fold of a published cross-validation in whose test part the patient is; -1 (``IN_NO_PART``) for none,
        -2 (``ALWAYS_TRAINING``) for a patient who is trained on in every fold and never tested on.
    excluded : int
        Patients of the source who were left out because they have no outcome.
    groups : mapping of str to sequence of str, length n each
        Named groupings, such as the hospital of each patient, of which one group at a time can be left out
        (``--split NAME``).
    disease : str
        Code of the disease that all patients have, such as that of a cancer type, for methods that bring knowledge of
        it; "" where none is told. No part of the content's checksum: a dataset's name and options decide it.
    """

    patients: Patients
    outcome: Outcome
    time_unit: str
    strata: StringArray | None = None
    published_fold: IntArray | None = None
    excluded: int = 0
    groups: Mapping[str, StringArray] = field(default_factory=dict)
    disease: str = ""

    def __post_init__(self) -> None:
        if len(self.patients) != len(self.outcome):
            raise ValueError(f"{len(self.patients)} patients but {len(self.outcome)} outcomes")
        if self.time_unit not in ("days", "months", "years"):
            raise ValueError(f"time_unit is {self.time_unit!r}, it must be days, months or years")
        if self.strata is not None:
            object.__setattr__(self, "strata", _texts(self.strata, len(self.outcome), "strata"))
        if self.published_fold is not None:
            folds = np.asarray(self.published_fold, dtype=np.int64)
            if folds.shape != (len(self.outcome),):
                raise ValueError(f"{folds.size} published folds for {len(self.outcome)} patients")
            if folds.min(initial=ALWAYS_TRAINING) < ALWAYS_TRAINING:
                raise ValueError(f"published fold {folds.min()}: expected a fold, {IN_NO_PART} or {ALWAYS_TRAINING}")
            object.__setattr__(self, "published_fold", folds)
        groups = {name: _texts(group, len(self.outcome), f"groups {name!r}") for name, group in self.groups.items()}
        object.__setattr__(self, "groups", MappingProxyType(groups))

    @classmethod
    def from_table(
        cls,
        frame: pd.DataFrame,
        *,
        time: ArrayLike,
        event: ArrayLike,
        time_unit: str,
        ids: Sequence[str] | None = None,
    ) -> "Cohort":
        """Make a cohort with the one modality ``clinical``; patients are numbered from 0 if no ids are given.

        Raises
        ------
        ValueError
            If a value is invalid; it names the patient.
        """
        ids = [str(row) for row in range(len(frame))] if ids is None else list(ids)
        try:
            patients = Patients(np.array(ids), {"clinical": Table(frame)})
            return cls(patients, Outcome(np.asarray(time), np.asarray(event)), time_unit)
        except RowError as error:
            raise error.named(ids) from None

    def __len__(self) -> int:
        return len(self.outcome)

    def __getitem__(self, rows: ArrayLike) -> "Cohort":
        rows = _rows(rows, len(self))
        strata = None if self.strata is None else self.strata[rows]
        folds = None if self.published_fold is None else self.published_fold[rows]
        return replace(
            self,
            patients=self.patients[rows],
            outcome=self.outcome.take(rows),
            strata=strata,
            published_fold=folds,
            groups={name: group[rows] for name, group in self.groups.items()},
        )

    def only(self, *names: str) -> "Cohort":
        """Return the cohort with the named modalities alone."""
        return replace(self, patients=self.patients.only(*names))

    def complete(self, *names: str) -> "Cohort":
        """Return the patients who have every named modality.

        Raises
        ------
        CompleteCasesError
            If a modality is not in the cohort, or no patient has them all.
        """
        have = np.ones(len(self), dtype=np.bool_)
        for name in names:
            if name not in self.patients.modalities:
                known = ", ".join(self.patients.modalities) or "none"
                raise CompleteCasesError(f"no modality {name!r} here; there are: {known}")
            have &= self.patients.modalities[name].present
        if not have.any():
            raise CompleteCasesError(f"no patient has {' and '.join(names)}")
        return self if have.all() else self[have]


def told_excluded(excluded: int) -> str:
    """Return in words how many patients were left out because they have no outcome; nothing if none was."""
    if not excluded:
        return ""
    return f"{excluded} patient{'s' if excluded > 1 else ''} without outcome left out"


def _rows(rows: ArrayLike, n: int) -> IntArray:
    """Return row numbers; a mask is accepted, a negative or too large number is not."""
    chosen = np.asarray(rows)
    if chosen.dtype == np.bool_:
        if chosen.shape != (n,):
            raise ValueError(f"a mask of shape {chosen.shape} does not fit {n} patients")
        return np.flatnonzero(chosen)
    if chosen.ndim != 1 or (chosen.size and not np.issubdtype(chosen.dtype, np.integer)):
        raise ValueError("rows must be a vector of row numbers or a mask")
    if chosen.size and (chosen.min() < 0 or chosen.max() >= n):
        raise ValueError(f"row numbers must lie in 0..{n - 1}")
    return chosen.astype(np.int64)


def _texts(values: StringArray, n: int, what: str) -> StringArray:
    texts = np.array([str(value) for value in values], dtype=np.str_)
    if len(texts) != n:
        raise ValueError(f"{len(texts)} {what} for {n} patients")
    return texts


def _expect(modality: Modality, kind: type[Kind], name: str) -> Kind:
    if not isinstance(modality, kind):
        raise ValueError(f"modality {name!r} is {type(modality).__name__}, not {kind.__name__}")
    return modality
