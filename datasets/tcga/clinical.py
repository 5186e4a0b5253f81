"""The clinical table of TCGA patients: ordered things as numbers, kinds as categories, missing stays missing."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.errors import UsageError

from .survival import CDR
from .tables import PATIENT

_ROMAN = {"0": 0, "I": 1, "II": 2, "III": 3, "IV": 4}
_STAGE = re.compile(r"(?:Stage )?(0|IV|I{1,3})([ABCS]?)([12]?)", re.IGNORECASE)
# Letters are thirds of a stage and the digit after one half of that, so that IIA < IIB1 < IIB2 < IIC < IIIA. IS of
# germ cell tumours (raised serum markers, no tumour left) counts as I.
_LETTER = {"": 0.0, "S": 0.0, "A": 0.0, "B": 1 / 3, "C": 2 / 3}
_DIGIT = {"": 0.0, "1": 0.0, "2": 1 / 6}
# Not one stage: unstageable, or I or II.
_NO_STAGE = frozenset({"Stage X", "I/II NOS"})

_GRADES = {"G1": 1.0, "G2": 2.0, "G3": 3.0, "G4": 4.0, "Low Grade": 1.0, "High Grade": 3.0}
# Grade cannot be assessed; borderline tumour of the ovary.
_NO_GRADE = frozenset({"GX", "GB"})
# Glioblastoma is grade 4 by definition; the file leaves its grade open.
_GRADE_OF_TYPE = {"GBM": 4.0}

_RESIDUAL = {"R0": 0.0, "R1": 1.0, "R2": 2.0}
_NO_RESIDUAL = frozenset({"RX"})

_MARGINS = {"Negative": 0.0, "Close": 1.0, "Positive": 2.0}

_MENOPAUSE = {"Pre": 0.0, "Peri": 1.0, "Post": 2.0}
_NO_MENOPAUSE = frozenset({"Indeterminate"})

_SEXES = {"FEMALE": "female", "MALE": "male"}


def clinical_table(patients: pd.DataFrame, root: Path) -> pd.DataFrame:
    """Return the covariates known at diagnosis; the card says what each means.

    A column is there if at least two different values of it are known. ``cancer`` is there in a cohort of several
    cancer types.

    Parameters
    ----------
    patients : DataFrame
        Rows of the clinical table, strings as they stand.
    root : Path
        Folder of the data, named in errors.

    Raises
    ------
    UsageError
        If a value is not one of the forms above; it names the patient.
    """
    read = _Reader(patients, root)
    pathologic = read.column("ajcc_pathologic_tumor_stage", _stage)
    stage = pathologic.where(pathologic.notna(), read.column("clinical_stage", _stage))
    grade = read.column("histological_grade", _level(_GRADES, _NO_GRADE))
    columns = {
        "age": read.column("age_at_initial_pathologic_diagnosis", _age),
        "sex": read.column("gender", _SEXES.get),
        "stage": stage,
        "grade": grade.where(grade.notna(), patients["cancer"].map(_GRADE_OF_TYPE)),
        "histology": read.column("histological_type", _histology),
        "margin": read.column("margin_status", _MARGINS.get),
        "residual_tumor": read.column("residual_tumor", _level(_RESIDUAL, _NO_RESIDUAL)),
        "menopause": read.column("menopause_status", _menopause),
        "cancer": patients["cancer"],
    }
    informative = {name: column for name, column in columns.items() if column.nunique() > 1}
    return pd.DataFrame(informative)


class _Reader:
    """Translates the distinct values of a column, once each; empty ones and those in brackets are missing."""

    def __init__(self, patients: pd.DataFrame, root: Path) -> None:
        self.patients, self.root = patients, root

    def column(self, name: str, translate: Callable[[str], float | str | None]) -> "pd.Series[float]":
        """Return the translated column; a value that ``translate`` has no answer to is an error."""
        values = self.patients[name]
        meanings: dict[str, float | str | None] = {}
        for value in values.unique():
            if not value or value.startswith("["):
                meanings[value] = None
                continue
            meaning = translate(value)
            if meaning is None:
                patient = self.patients.loc[values == value, PATIENT].iloc[0]
                raise UsageError(
                    f"{self.root / CDR}: patient {patient}: {name} is {value[:100]!r}, a form that is not known"
                )
            meanings[value] = meaning
        translated = values.map(meanings)
        return translated.astype(np.float64) if not any(isinstance(m, str) for m in meanings.values()) else translated


def _level(levels: dict[str, float], not_assessed: frozenset[str]) -> Callable[[str], float | None]:
    return lambda value: np.nan if value in not_assessed else levels.get(value)


def _stage(value: str) -> float | None:
    if value in _NO_STAGE:
        return np.nan
    if value == "IS":
        return 1.0
    parts = _STAGE.fullmatch(value)
    if parts is None:
        return None
    main, letter, digit = parts.group(1).upper(), parts.group(2).upper(), parts.group(3)
    return _ROMAN[main] + _LETTER[letter] + _DIGIT[digit]


def _age(value: str) -> float | None:
    try:
        years = float(value)
    except ValueError:
        return None
    return years if 0 <= years <= 120 else None


def _histology(value: str) -> str:
    # Mixed tumours list their parts in any order.
    return " + ".join(sorted(set(value.split("|"))))


def _menopause(value: str) -> float | None:
    word = value.split(" ")[0]
    return np.nan if word in _NO_MENOPAUSE else _MENOPAUSE.get(word)
