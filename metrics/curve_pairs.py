"""Counting comparable pairs by survival curves, each pair at the time of its earlier event.

On a grid of T times all events of one cell compare the same column of survival probabilities. The events of
the cell are sorted, and each patient who outlives the cell is looked up among them, which counts both sides
of the pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from metrics.checks import BoolArray, FloatArray, IntArray
from metrics.compiled import compiled

#: Columns of the survival matrix read together: one cache line.
COLUMNS = 8
#: Patients looked up together.
BATCH = 512


@compiled
def count_across_cells(
    rows: IntArray,
    time: FloatArray,
    event: BoolArray,
    column: IntArray,
    curves: FloatArray,
    horizon: float,
    greater: FloatArray,
    tied: FloatArray,
    lost: FloatArray,
    lost_tied: FloatArray,
) -> None:
    """Count the comparable pairs whose times lie in different cells of the grid.

    Parameters
    ----------
    rows, time, event, column : ndarray, shape (n,)
        Patients sorted by time, events first, and the column that holds each one's time, -1 before the grid.
    curves : ndarray, shape (N, T)
        Survival curves of all patients.
    horizon : float
        Only events before it open a pair.
    greater, tied : ndarray, shape (n,)
        Receive, for each event, the number of later patients with greater, and with the same survival.
    lost, lost_tied : ndarray, shape (n,)
        Receive, for each patient, the number of earlier events with lower, and with the same survival.

    Notes
    -----
    O(n T log(n / T)) with memory for 8 columns.
    """
    n = rows.size
    block = np.ones((COLUMNS, n))
    ones = np.ones(n)
    openers = np.empty(n, np.int64)
    held = -COLUMNS
    start = 0
    while start < n:
        own = column[start]
        end = start
        opening = 0
        while end < n and column[end] == own:
            if event[end] and time[end] < horizon:
                openers[opening] = end
                opening += 1
            end += 1
        if opening > 0:
            if own >= held + COLUMNS:
                held = own
                for p in range(start, n):
                    for c in range(min(COLUMNS, curves.shape[1] - held)):
                        block[c, p] = curves[rows[p], held + c]
            values = ones if own < 0 else block[own - held]
            _count_after(openers[:opening], values, end, greater, tied, lost, lost_tied)
        start = end


@compiled
def _count_after(
    openers: IntArray,
    values: FloatArray,
    first: int,
    greater: FloatArray,
    tied: FloatArray,
    lost: FloatArray,
    lost_tied: FloatArray,
) -> None:
    """Compare the events of a cell with everybody from `first` on, who outlives the cell. O((n + e) log e)."""
    order = openers[np.argsort(values[openers])]
    # Distinct values of the events, how many events lie below each, and how many share it.
    distinct = np.empty(order.size)
    below = np.zeros(order.size + 1)
    sharing = np.zeros(order.size + 1)
    size = 0
    for k in range(order.size):
        if k == 0 or values[order[k]] != distinct[size - 1]:
            distinct[size] = values[order[k]]
            below[size] = k
            size += 1
        sharing[size - 1] += 1
    below[size] = order.size

    between = np.zeros(size + 1)
    equal = np.zeros(size + 1)
    found = np.empty(BATCH, np.uint32)
    for start in range(first, values.size, BATCH):
        end = min(start + BATCH, values.size)
        _search(distinct[:size], values[start:end], found)
        for j in range(start, end):
            position = found[j - start]
            between[position] += 1
            lost[j] += below[position]
            if position < size and distinct[position] == values[j]:
                equal[position] += 1
                lost_tied[j] += sharing[position]

    higher = between[size]
    k = order.size - 1
    for position in range(size - 1, -1, -1):
        for _ in range(int(sharing[position])):
            greater[order[k]] += higher
            tied[order[k]] += equal[position]
            k -= 1
        higher += between[position]


@compiled
def _search(ascending: FloatArray, values: FloatArray, found: NDArray[np.uint32]) -> None:
    """Find for each value how many of `ascending` lie below it. O(n log e).

    All searches take their steps together and none branches: the processor overlaps them, where it would
    otherwise wait at every second guess.
    """
    found[:] = 0
    width = ascending.size
    while width > 1:
        half = width >> 1
        probe = ascending[half - 1 :]
        for j in range(values.size):
            found[j] = found[j] + np.uint32(half) if probe[found[j]] < values[j] else found[j]
        width -= half
    for j in range(values.size):
        found[j] += np.uint32(ascending[found[j]] < values[j])
