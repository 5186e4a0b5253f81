"""Which columns of codes another one tells: a value of that one always goes with the same value here."""

import numpy as np

from benchmarks.types import BoolArray, IntArray
from metrics.compiled import compiled

# Of a patient without a value.
MISSING = -1
# One column tells another one if chance would not let so many repeats agree.
CHANCE_OF_A_FUNCTION = 1e-3
# As many values in the same order are no accident.
SAME_ORDER = 10
# So many patients are looked at before all are: most pairs of columns differ in order among them.
_FIRST_LOOK = 32


def columns_not_told(codes: IntArray, outcome_columns: int) -> IntArray:
    """Return the columns that no other one tells; of two that tell each other the first, in O(p² n) at most.

    One column tells another one if each of its values always goes with the same value there, among the patients who
    have both, and either chance hardly lets so many repeats agree, or both put the patients into the same order or the
    reverse.

    Parameters
    ----------
    codes : array of int, shape (n, p)
        Which value of its column a patient has, from 0 on; ``MISSING`` if none.
    outcome_columns : int
        So many columns are returned whatever tells them, and tell none.

    Returns
    -------
    array of int
        Numbers of columns, rising.
    """
    columns = np.ascontiguousarray(codes.T, dtype=np.int64)
    kept = _kept(columns, outcome_columns, np.log(CHANCE_OF_A_FUNCTION))
    return np.flatnonzero(kept)


@compiled
def _kept(columns: IntArray, outcome_columns: int, least: float) -> BoolArray:
    n_columns = columns.shape[0]
    kept = np.ones(n_columns, dtype=np.bool_)
    levels = 1
    for column in range(n_columns):
        levels = max(levels, columns[column].max() + 1)
    repeats = np.zeros(n_columns, dtype=np.bool_)
    goes_with = np.full(levels, -1, dtype=np.int64)
    counts = np.zeros(levels, dtype=np.int64)
    for column in range(n_columns):
        repeats[column] = _has_repeats(columns[column], counts)
    for column in range(outcome_columns, n_columns):
        for other in range(outcome_columns, n_columns):
            if other == column or (other < column and not kept[other]):
                continue
            if not _tells(columns[other], columns[column], repeats[other], goes_with, counts, least):
                continue
            # Two columns that tell each other would both go: one that is not decided on yet must not be told itself.
            if other < column or not _tells(columns[column], columns[other], repeats[column], goes_with, counts, least):
                kept[column] = False
                break
    return kept


@compiled
def _has_repeats(codes: IntArray, counts: IntArray) -> bool:
    counts[:] = 0
    for code in codes:
        if code >= 0:
            counts[code] += 1
            if counts[code] > 1:
                return True
    return False


@compiled
def _tells(
    first: IntArray, second: IntArray, repeats: bool, goes_with: IntArray, counts: IntArray, least: float
) -> bool:
    n = first.size
    if not repeats and not _may_have_same_order(first, second):
        return False
    goes_with[:] = -1
    known = 0
    values = 0
    for row in range(n):
        if first[row] < 0 or second[row] < 0:
            continue
        known += 1
        if goes_with[first[row]] < 0:
            goes_with[first[row]] = second[row]
            values += 1
        elif goes_with[first[row]] != second[row]:
            return False
    if known == 0:
        return False
    if known > values:
        counts[:] = 0
        for row in range(n):
            if first[row] >= 0 and second[row] >= 0:
                counts[second[row]] += 1
        squares = 0.0
        for count in counts:
            squares += (count / known) ** 2
        if np.log(squares) * (known - values) < least:
            return True
    return values >= SAME_ORDER and _same_order(goes_with)


@compiled
def _may_have_same_order(first: IntArray, second: IntArray) -> bool:
    rising, falling = True, True
    for row in range(1, min(first.size, _FIRST_LOOK)):
        if first[row] < 0 or second[row] < 0 or first[row - 1] < 0 or second[row - 1] < 0:
            continue
        same = (first[row] > first[row - 1]) == (second[row] > second[row - 1])
        rising, falling = rising and same, falling and not same
        if not rising and not falling:
            return False
    return True


@compiled
def _same_order(goes_with: IntArray) -> bool:
    """Return whether the values that those of the other column go with rise strictly, or fall."""
    rising, falling, last = True, True, -1
    for value in goes_with:
        if value < 0:
            continue
        if last >= 0:
            rising, falling = rising and value > last, falling and value < last
        last = value
    return rising or falling
