"""Checks of awkward columns: missing values, levels that training has not seen, columns that are constant there."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.contract.candidate import Candidate, predict
from benchmarks.contract.cohort import change, filled_with_nothing
from benchmarks.contract.comparison import require_close, require_same_bits
from benchmarks.types import BoolArray, Cohort, IntArray, Matrix, Method, Modality, Patients, Table

# Sorted before every other level.
UNSEEN = "!unseen"


def missing_value_changes_its_patient_alone(candidate: Candidate) -> None:
    """Blank values of every second test patient, under a fit without and a fit with missing values.

    A fifth of the values of tables, a twentieth of those of matrices, and each other modality of a fifth of the
    patients. Patients who keep all values keep their prediction, and those who lose some are predicted among few as
    among many: what stands in for a missing value is not taken from the patients it is asked for with.
    """
    hit = _every_second(candidate, candidate.split.test)
    asked = change(candidate.cohort, partial(_with_missing, hit=hit, rng=np.random.default_rng(1)))
    everybody = np.ones(len(candidate.cohort), dtype=np.bool_)
    holed = change(candidate.cohort, partial(_with_missing, hit=everybody, rng=np.random.default_rng(2)))
    for learnt_from in (candidate.cohort, holed):
        _require_own_prediction(candidate, candidate.fitted(learnt_from), asked, hit, "a missing value")


def unseen_level_changes_its_patient_alone(candidate: Candidate) -> None:
    """Give every second test patient levels that no training patient has, listed first or last among the levels.

    Other patients keep their prediction, and where the level stands in the list, which says nothing of the patient,
    changes no bit.
    """
    hit = _every_second(candidate, candidate.split.test)
    method = candidate.fitted(candidate.cohort)
    last = change(candidate.cohort, partial(_with_unseen_level, hit=hit, first=False))
    first = change(candidate.cohort, partial(_with_unseen_level, hit=hit, first=True))
    _require_own_prediction(candidate, method, last, hit, "an unseen level")
    require_same_bits(
        predict(method, candidate.test_patients(last)),
        predict(method, candidate.test_patients(first)),
        "where an unseen level stands in the column's list of levels changes predictions",
    )


def constant_column_changes_nothing(candidate: Candidate) -> None:
    """Make columns of tables and matrices the same for all training patients; nothing can be learnt of them.

    Whatever other patients have in such a column, their prediction is the same to the bit.
    """
    varied = change(candidate.cohort, partial(_with_constant, rows=candidate.split.train))
    others = np.concatenate([candidate.split.test, candidate.split.validation])
    same = change(varied, partial(_with_constant, rows=others))
    method = candidate.fitted(varied)
    for rows in (candidate.split.test, candidate.split.validation):
        require_same_bits(
            predict(method, varied[rows].patients),
            predict(method, same[rows].patients),
            "a column that is constant among the training patients changes predictions",
        )


def _every_second(candidate: Candidate, rows: IntArray) -> BoolArray:
    hit = np.zeros(len(candidate.cohort), dtype=np.bool_)
    hit[rows[::2]] = True
    return hit


def _require_own_prediction(candidate: Candidate, method: Method, asked: Cohort, hit: BoolArray, what: str) -> None:
    """Raise if what was done to some test patients reaches others, or others reach them."""
    patients: Patients = candidate.test_patients(asked)
    together = predict(method, patients)
    untouched = np.flatnonzero(~hit[candidate.split.test])
    clean = candidate.test_patients(candidate.cohort)[untouched]
    require_close(together, predict(method, clean), untouched, f"{what} changes the prediction of another patient")
    touched = np.flatnonzero(hit[candidate.split.test])
    # A few at a time, so that all of them are asked for: each column is missing for some only.
    for few in np.array_split(touched, max(1, len(touched) // 4)):
        message = f"a patient with {what} is predicted otherwise among few patients than among many"
        require_close(together, predict(method, patients[few]), few, message)


def _with_missing(modality: Modality, hit: BoolArray, rng: np.random.Generator) -> Modality:
    if isinstance(modality, Table):
        frame = modality.frame.copy()
        for name in frame:
            frame.loc[hit & (rng.random(len(frame)) < 0.2), name] = np.nan
        return Table(frame, modality.present)
    absent = hit & (rng.random(len(modality)) < 0.2)
    if isinstance(modality, Matrix):
        holes = hit[:, None] & (rng.random(modality.values.shape) < 0.05)
        modality = replace(modality, values=np.where(holes, np.float32(np.nan), modality.values))
    return replace(filled_with_nothing(modality, absent), present=modality.present & ~absent)


def _with_unseen_level(modality: Modality, hit: BoolArray, *, first: bool) -> Modality:
    if not isinstance(modality, Table):
        return modality
    frame = modality.frame.copy()
    for name in modality.categorical:
        levels = list(frame[name].cat.categories)
        frame[name] = frame[name].cat.set_categories([UNSEEN, *levels] if first else [*levels, UNSEEN])
        frame.loc[hit, name] = UNSEEN
    return Table(frame, modality.present)


def _with_constant(modality: Modality, rows: IntArray) -> Modality:
    """Give some rows the value of the first patient: in a numeric and a categorical column, or a matrix's first."""
    if isinstance(modality, Matrix):
        values = modality.values.copy()
        values[rows, 0] = values[0, 0]
        return replace(modality, values=values)
    if not isinstance(modality, Table):
        return modality
    frame: pd.DataFrame = modality.frame.copy()
    for names in (modality.numeric, modality.categorical):
        for name in names[:1]:
            frame.loc[rows, name] = frame[name].iloc[0]
    return Table(frame, modality.present)
