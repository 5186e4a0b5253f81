"""What is known of patients as codes, and how much it says that two of them share a value."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.types import Cohort, FloatArray, IntArray, Matrix, Table

MISSING = -1
# One column tells another one if chance would not let so many repeats agree.
CHANCE_OF_A_FUNCTION = 1e-3
# As many values in the same order are no accident.
SAME_ORDER = 10
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
    codes = coded.codes[rows]
    kept: list[int] = list(range(coded.outcome_columns))
    for column in range(coded.outcome_columns, len(coded.names)):
        others = [*kept[coded.outcome_columns :], *range(column + 1, len(coded.names))]
        if not any(_tells(codes[:, other], codes[:, column], other in kept) for other in others):
            kept.append(column)
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


def _tells(first: IntArray, second: IntArray, is_kept: bool) -> bool:
    """Return whether one column tells another one, more surely than chance lets it.

    Two columns that tell each other would both go: one that is not kept yet must tell without being told.
    """
    known = (first != MISSING) & (second != MISSING)
    if not _is_function(first[known], second[known]):
        return False
    return is_kept or not _is_function(second[known], first[known])


def _is_function(first: IntArray, second: IntArray) -> bool:
    """Return whether a value of the first column always goes with the same one of the second."""
    pairs = len(np.unique(np.column_stack([first, second]), axis=0)) if first.size else 0
    values = np.unique(first).size
    if pairs != values or not pairs:
        return False
    shares = np.bincount(second) / second.size
    chance = float(np.log((shares**2).sum())) * (first.size - values)
    return chance < np.log(CHANCE_OF_A_FUNCTION) or _same_order(first, second)


def _same_order(first: IntArray, second: IntArray) -> bool:
    """Return whether two columns with many values put the patients into the same order, or the reverse."""
    one, other = (np.unique(column, return_inverse=True)[1] for column in (first, second))
    if one.max() + 1 < SAME_ORDER:
        return False
    return bool((one == other).all() or (one == other.max() - other).all())
