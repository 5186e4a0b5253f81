"""Squared errors weighted by the inverse probability of censoring, and their sums over patients and time."""

from __future__ import annotations

import numpy as np

from metrics.censoring_influence import influence_of_censoring
from metrics.checks import BoolArray, FloatArray, IntArray
from metrics.compiled import compiled, compiled_reduction
from metrics.outcome import PreparedOutcome


class BrierWeights:
    """Inverse probabilities of censoring at every place where a Brier score over a grid needs them.

    Parameters
    ----------
    outcome : PreparedOutcome
        Outcome of the train fold and of the patients scored.
    grid : ndarray, shape (k,)
        Increasing times.

    Attributes
    ----------
    alive : ndarray of int64, shape (n,)
        Number of grid times before each patient's time, at which the patient is free of event and censoring.
    before : ndarray, shape (n,)
        1/G(T-) of those with an event on the grid, 0 for all others.
    after : ndarray, shape (k,)
        1/G(t) of those alive at each grid time.
    share : ndarray, shape (k,)
        Weight of each grid time in the trapezoidal mean.
    """

    def __init__(self, outcome: PreparedOutcome, grid: FloatArray) -> None:
        self.outcome = outcome
        self.grid = grid
        self._followed = outcome.followed_beyond(grid)
        self.alive = outcome.count_before(self._followed)
        self.before = outcome.weights_before(outcome.event & (outcome.time <= grid[-1]))
        self.after = outcome.weights_at(grid)
        self.share = np.zeros(grid.size)
        if grid.size > 1:
            widths = (grid[1:] - grid[:-1]) / (2.0 * (grid[-1] - grid[0]))
            self.share[:-1] += widths
            self.share[1:] += widths

    def losses(self, survival: FloatArray) -> FloatArray:
        """Return the weighted squared error of each patient at each grid time; `survival` and result are (n, k)."""
        at_risk = self.alive[:, np.newaxis] > np.arange(self.grid.size)
        return np.where(at_risk, self.after * (1.0 - survival) ** 2, self.before[:, np.newaxis] * survival**2)

    def influence_at(self, k: int, losses: FloatArray) -> FloatArray:
        """Influence of the train patients on the mean of the losses at one grid time."""
        at_risk = self.alive > k
        at_time = np.zeros(self.grid.size)
        at_time[k] = losses[at_risk].sum()
        return self._influence(np.where(at_risk, 0.0, losses), at_time)

    def integrate(self, curves: FloatArray, columns: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return each patient's loss integrated over the grid, and each train patient's influence on their mean.

        Parameters
        ----------
        curves : ndarray, shape (n, T)
            One row per patient.
        columns : ndarray of int64, shape (k,)
            Column that holds each grid time, -1 before the first.

        Returns
        -------
        loss, influence : ndarray, shape (n,), (m,)
            O(n T).
        """
        first, starts, ends = _runs(columns)
        weights = self.alive, self.outcome.event, self.before, self.after * self.share, self.share
        until, since, at_time = _integrate(curves, first, starts, ends, *weights)
        return until + since, self._influence(since, at_time)

    def integrate_constant(self, curve: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Do what :meth:`integrate` does for one curve, given at the grid, that predicts for everybody. O(n + k)."""
        at_risk = self.after * self.share * (1.0 - curve) ** 2
        until, since = _integrate_constant(self.alive, self.before, at_risk, self.share * curve**2)
        return until + since, self._influence(since, at_risk * self._followed)

    def _influence(self, since: FloatArray, at_time: FloatArray) -> FloatArray:
        """Influence of the train patients on the mean of losses weighted by 1/G(T-) and by 1/G(t)."""
        n = len(self.outcome)
        return influence_of_censoring(self.outcome, since / -n, self.grid, at_time / -n)


@compiled
def _runs(columns: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Split grid times into runs whose columns follow one another: first column, start and end of each. O(k)."""
    starts, ends = np.empty(columns.size, np.int64), np.empty(columns.size, np.int64)
    runs, start = 0, 0
    for c in range(1, columns.size + 1):
        if c == columns.size or columns[c] != columns[c - 1] + 1 or columns[c - 1] < 0:
            starts[runs], ends[runs] = start, c
            runs, start = runs + 1, c
    return columns[starts[:runs]], starts[:runs].copy(), ends[:runs].copy()


@compiled_reduction
def _integrate(
    curves: FloatArray,
    columns: IntArray,
    starts: IntArray,
    ends: IntArray,
    alive: IntArray,
    event: BoolArray,
    before: FloatArray,
    after: FloatArray,
    share: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sum the losses over the grid in one pass over the matrix. O(n T).

    Parameters
    ----------
    curves : ndarray, shape (n, T)
        One row per patient.
    columns, starts, ends : ndarray, shape (b,)
        Runs of the grid, starts to ends, whose values begin at a column, or are 1 if it is -1.
    alive, event, before, after, share : ndarray
        The weights, those after each grid time already multiplied by its share.

    Returns
    -------
    until, since : ndarray, shape (n,)
        Loss of each patient while at risk, and after the event.
    at_time : ndarray, shape (k,)
        Loss of all patients at risk at each grid time.
    """
    n = alive.size
    until, since, at_time = np.zeros(n), np.zeros(n), np.zeros(share.size)
    for i in range(n):
        for run in range(columns.size):
            start, end = starts[run], ends[run]
            change = min(max(alive[i], start), end)
            if columns[run] < 0:
                since[i] += before[i] * share[change:end].sum()
                continue
            row = curves[i, columns[run] : columns[run] + end - start]
            early, weight, sums = row[: change - start], after[start:change], at_time[start:change]
            total = 0.0
            for c in range(early.size):
                error = 1.0 - early[c]
                total += weight[c] * error * error
            # A loop of its own: the two vectorise apart, not together.
            for c in range(early.size):
                error = 1.0 - early[c]
                sums[c] += weight[c] * error * error
            until[i] += total
            if event[i]:
                late, length = row[change - start :], share[change:end]
                total = 0.0
                for c in range(late.size):
                    total += length[c] * late[c] * late[c]
                since[i] += before[i] * total
    return until, since, at_time


@compiled
def _integrate_constant(
    alive: IntArray, before: FloatArray, at_risk: FloatArray, after_event: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return each patient's loss while at risk and after the event, the same curve for everybody. O(n + k)."""
    n, k = alive.size, at_risk.size
    until_change, since_change = np.zeros(k + 1), np.zeros(k + 1)
    for c in range(k):
        until_change[c + 1] = until_change[c] + at_risk[c]
    for c in range(k - 1, -1, -1):
        since_change[c] = since_change[c + 1] + after_event[c]
    until, since = np.empty(n), np.empty(n)
    for i in range(n):
        until[i] = until_change[alive[i]]
        since[i] = before[i] * since_change[alive[i]]
    return until, since
