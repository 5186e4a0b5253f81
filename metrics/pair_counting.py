"""Counting comparable pairs in O(n log n): a sweep through time over a Fenwick tree of predictions.

Patients arrive sorted by time, events before censorings of the same time, and with their predictions replaced
by dense ranks, so that only exact ties are ties (convention 3).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.checks import BoolArray, FloatArray, IntArray
from metrics.compiled import compiled

#: Up to this many patients in a cell it is faster to look at all pairs than to sort.
FEW = 64


def dense_ranks(values: FloatArray) -> IntArray:
    """Return ranks 0, 1, ... in which equal values, and only they, share a rank. O(n log n)."""
    order = np.argsort(values)
    ascending = values[order]
    ranks = np.empty(values.size, dtype=np.int64)
    ranks[order] = np.concatenate(([0], np.cumsum(ascending[1:] != ascending[:-1])))
    return ranks


@compiled
def count_later(time: FloatArray, event: BoolArray, rank: IntArray, horizon: float) -> tuple[FloatArray, FloatArray]:
    """Count, for each event before the horizon, the comparable later patients by their prediction.

    Parameters
    ----------
    time, event, rank : ndarray, shape (n,)
        Sorted by time, events first.
    horizon : float
        Only events before it open a pair (convention 5).

    Returns
    -------
    lower, tied : ndarray, shape (n,)
        Number of comparable later patients with a lower rank, and with the same rank. O(n log n).
    """
    n = time.size
    lower, tied = np.zeros(n), np.zeros(n)
    tree = np.zeros(n + 1, np.int64)
    count = np.zeros(n, np.int64)
    end = n
    while end > 0:
        start = end - 1
        while start > 0 and time[start - 1] == time[end - 1]:
            start -= 1
        middle = start
        while middle < end and event[middle]:
            middle += 1
        # Those censored at this time outlive its events (convention 1), so they enter first.
        for j in range(middle, end):
            _insert(tree, rank[j], 1)
            count[rank[j]] += 1
        if time[start] < horizon:
            for i in range(start, middle):
                lower[i] = _below(tree, rank[i])
                tied[i] = count[rank[i]]
        for j in range(start, middle):
            _insert(tree, rank[j], 1)
            count[rank[j]] += 1
        end = start
    return lower, tied


@compiled
def weigh_earlier(
    time: FloatArray, event: BoolArray, rank: IntArray, weight: FloatArray, horizon: float
) -> tuple[FloatArray, FloatArray]:
    """Sum, for each patient, the weights of the comparable pairs in which the patient is the later one.

    Parameters
    ----------
    time, event, rank, weight : ndarray, shape (n,)
        Sorted by time, events first; the weight of a pair is that of its earlier patient.
    horizon : float
        Only events before it open a pair.

    Returns
    -------
    higher, tied : ndarray, shape (n,)
        Weight of the comparable earlier events with a higher rank, and with the same rank. O(n log n).
    """
    n = time.size
    higher, tied = np.zeros(n), np.zeros(n)
    tree, at_rank = np.zeros(n + 1), np.zeros(n)
    total = 0.0
    start = 0
    while start < n:
        middle, end = _same_time(time, event, start)
        # First those with an event now, who see earlier events only; then those censored now, who see these
        # too.
        for stage in range(2):
            for j in range(start if stage == 0 else middle, middle if stage == 0 else end):
                tied[j] = at_rank[rank[j]]
                higher[j] = total - _below(tree, rank[j]) - tied[j]
            if stage == 0 and time[start] < horizon:
                for i in range(start, middle):
                    _insert(tree, rank[i], weight[i])
                    at_rank[rank[i]] += weight[i]
                    total += weight[i]
        start = end
    return higher, tied


@compiled
def count_within_cells(
    bounds: IntArray,
    time: FloatArray,
    event: BoolArray,
    survival: FloatArray,
    horizon: float,
    greater: FloatArray,
    tied: FloatArray,
    lost: FloatArray,
    lost_tied: FloatArray,
) -> None:
    """Count the comparable pairs within each cell of a grid of times, by one survival probability per patient.

    Parameters
    ----------
    bounds : ndarray, shape (c + 1,)
        Where each cell begins, and the number of patients.
    time, event, survival : ndarray, shape (n,)
        Sorted by time, events first.
    horizon : float
        Only events before it open a pair.
    greater, tied : ndarray, shape (n,)
        Receive, for each event, the number of later patients of its cell with greater, and with the same
        survival.
    lost, lost_tied : ndarray, shape (n,)
        Receive, for each patient, the number of earlier events of its cell with lower, and with the same
        survival.

    Notes
    -----
    O(n log n).
    """
    for cell in range(bounds.size - 1):
        start, end = bounds[cell], bounds[cell + 1]
        if end - start > FEW:
            inside = slice(start, end)
            rank = _ranks_of_risk(survival[inside])
            lower, tied_later = count_later(time[inside], event[inside], rank, horizon)
            higher, tied_earlier = weigh_earlier(time[inside], event[inside], rank, np.ones(end - start), horizon)
            greater[inside] += lower
            tied[inside] += tied_later
            lost[inside] += higher
            lost_tied[inside] += tied_earlier
            continue
        for i in range(start, end):
            if event[i] and time[i] < horizon:
                for j in range(i + 1, end):
                    if time[j] > time[i] or not event[j]:
                        more = survival[j] > survival[i]
                        same = survival[j] == survival[i]
                        greater[i] += more
                        tied[i] += same
                        lost[j] += more
                        lost_tied[j] += same


@compiled
def _ranks_of_risk(survival: FloatArray) -> IntArray:
    """Return dense ranks of risk: the greatest survival has rank 0. O(n log n)."""
    order = np.argsort(survival)
    rank = np.zeros(survival.size, np.int64)
    for k in range(survival.size - 2, -1, -1):
        rank[order[k]] = rank[order[k + 1]] + (survival[order[k]] != survival[order[k + 1]])
    return rank


@compiled
def count_comparable(time: FloatArray, event: BoolArray, horizon: float) -> FloatArray:
    """Count the comparable later patients of each event before the horizon; 0 for all others. O(n)."""
    n = time.size
    later = np.zeros(n)
    start = 0
    while start < n:
        middle, end = _same_time(time, event, start)
        if time[start] < horizon:
            later[start:middle] = n - middle
        start = end
    return later


@compiled
def weigh_comparable(time: FloatArray, event: BoolArray, weight: FloatArray, horizon: float) -> FloatArray:
    """Sum the weights of the comparable earlier events of each patient. O(n)."""
    n = time.size
    earlier = np.zeros(n)
    total = 0.0
    start = 0
    while start < n:
        middle, end = _same_time(time, event, start)
        earlier[start:middle] = total
        if time[start] < horizon:
            total += weight[start:middle].sum()
        earlier[middle:end] = total
        start = end
    return earlier


@compiled
def _same_time(time: FloatArray, event: BoolArray, start: int) -> tuple[int, int]:
    """Return where the events at the time of patient `start` end, and where the censorings at that time do."""
    middle, end = start, start
    while end < time.size and time[end] == time[start]:
        middle += event[end]
        end += 1
    return middle, end


@compiled
def _insert(tree: NDArray[Any], rank: int, amount: Any) -> None:
    position = rank + 1
    while position < tree.size:
        tree[position] += amount
        position += position & -position


@compiled
def _below(tree: NDArray[Any], rank: int) -> Any:
    total = tree[0]
    position = rank
    while position > 0:
        total += tree[position]
        position -= position & -position
    return total
