"""What is known of patients as codes, and how much it says that two of them share a value."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.contract.told_columns import columns_not_told
from benchmarks.types import Cohort, FloatArray, IntArray, Matrix, Table

# Of a wide matrix whose row two patients share, so many columns say how unlikely that is.
COUNTED_COLUMNS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Outcome and covariates of n patients as codes, the outcome first; a matrix is one column.

    Parameters
    ----------
    names : tuple of str, length p
        Of the columns.
    codes : array of int, shape (n, p)
        Which value of its column a patient has; ``MISSING`` if none.
    surprise : array, shape (n, p)
        Minus the logarithm of the share of patients, beside two, with the same value; of half a patient if there is
        none.
    outcome_columns : int
        How many of the columns are the outcome.
    """

    names: tuple[str, ...]
    codes: IntArray
    surprise: FloatArray
    outcome_columns: int


def coded_columns(cohort: Cohort) -> Coded:
    """Code time, event, and everything in tables and matrices."""
    outcome = cohort.outcome
    columns = [("time", *_coded(pd.Series(outcome.time))), ("event", *_coded(pd.Series(outcome.event)))]
    for name, modality in cohort.patients.modalities.items():
        if isinstance(modality, Table):
            columns += [(str(column), *_coded(modality.frame[column])) for column in modality.frame]
        elif isinstance(modality, Matrix):
            columns.append((name, *_coded_rows(modality)))
    names, codes, surprise = zip(*columns, strict=True)
    return Coded(tuple(names), np.column_stack(codes), np.column_stack(surprise), outcome_columns=2)


def without_redundant(coded: Coded, rows: IntArray) -> Coded:
    """Return the columns that no other one tells among some rows; of two that tell each other the first."""
    kept = columns_not_told(coded.codes[rows], coded.outcome_columns)
    names = tuple(coded.names[column] for column in kept)
    return Coded(names, coded.codes[:, kept], coded.surprise[:, kept], coded.outcome_columns)


def _coded(values: "pd.Series[float]") -> tuple[IntArray, FloatArray]:
    codes, levels = pd.factorize(values, sort=True)
    return codes.astype(np.int64), _surprise(codes, len(levels))


def _coded_rows(matrix: Matrix) -> tuple[IntArray, FloatArray]:
    """Code the rows of a matrix; a row that two patients alone share says as much as its columns together."""
    rows = (row.tobytes() if has else None for row, has in zip(matrix.values, matrix.present.tolist(), strict=True))
    codes, levels = pd.factorize(pd.Series(list(rows), dtype=object))
    surprise = _surprise(codes, len(levels))
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    shared_by_two = np.flatnonzero(np.isin(codes, np.flatnonzero(counts == 2)))
    if shared_by_two.size:
        values = matrix.values[matrix.present]
        spread = np.nan_to_num(values).std(axis=0)
        widest = np.argsort(-spread, kind="stable")[:COUNTED_COLUMNS]
        for row in shared_by_two:
            alike = (values[:, widest] == matrix.values[row, widest]).sum(axis=0) - 2
            surprise[row] = max(surprise[row], float(-np.log(np.maximum(alike, 0.5) / len(codes)).sum()))
    return codes.astype(np.int64), surprise


def _surprise(codes: IntArray, n_levels: int) -> FloatArray:
    counts = np.bincount(codes[codes >= 0], minlength=n_levels + 1)
    others = np.maximum(counts[codes] - 2, 0.5)
    return np.where(codes >= 0, -np.log(others / codes.size), 0.0)
