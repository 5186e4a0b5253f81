"""Squared error of predicted survival curves under censoring: the Brier score and its integral over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.calling import on_train_and_outcome
from metrics.censoring_influence import influence_of_censoring
from metrics.checks import BoolArray, FloatArray, IntArray, survival_curves, time_grid
from metrics.compiled import compiled
from metrics.curves import columns_at
from metrics.outcome import PreparedOutcome
from metrics.results import BrierScore, Estimate, Influence, IntegratedBrierScore


@on_train_and_outcome
def brier_score(outcome: PreparedOutcome, times: ArrayLike, survival: ArrayLike, *, at: ArrayLike) -> BrierScore:
    r"""Brier score of survival curves at given times, weighted by the inverse probability of censoring.

    .. math::

        BS(t) = \frac1n \sum_i \frac{1[T_i \le t, \delta_i = 1]\, S_i(t)^2}{G(T_i-)}
                + \frac{1[T_i > t]\, (1 - S_i(t))^2}{G(t)}

    Patients censored at or before t contribute 0; the sum is divided by n (convention 9). G is fitted on the
    train fold, events before censorings (convention 4), so that a constant prediction of 0.5 scores 0.25 on
    the patients G is fitted on. Curves are right-continuous steps with S(0) = 1, their last value held
    (convention 7).

    Parameters
    ----------
    train_time, train_event : array-like, shape (m,)
        Outcome of the train fold.
    time, event : array-like, shape (n,)
        Outcome of the patients scored. One `PreparedOutcome` may stand in place of these four.
    times : array-like, shape (T,)
        Strictly increasing grid of the curves, in the unit of `time`.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.
    at : float or array-like, shape (k,)
        Times at which to score, strictly increasing, none beyond tau.

    Returns
    -------
    BrierScore
        Values, standard errors and per-patient contributions at each time.

    Raises
    ------
    ValueError
        If G is 0, or the train fold has no follow-up, at a needed time; a time lies beyond tau; or an input
        is not valid.

    References
    ----------
    Graf, Schmoor, Sauerbrei and Schumacher (1999), Statistics in Medicine 18, eq. 4.
    Gerds and Schumacher (2006), Consistent estimation of the expected Brier score, Biometrical Journal 48.
    """
    grid, curves = survival_curves(times, survival, len(outcome))
    points = outcome.within_horizon(time_grid(np.atleast_1d(np.asarray(at)), "at"))
    weights = _Weights(outcome, points)
    columns = columns_at(grid, points)

    losses = _losses(curves, columns, weights.alive, outcome.event, weights.before, weights.after)
    value = losses.mean(axis=0)
    train = np.column_stack(
        [
            weights.influence(np.where(outcome.time <= t, losses[:, k], 0.0), _only(k, losses, outcome.time > t))
            for k, t in enumerate(points)
        ]
    )
    return BrierScore(
        at=points,
        value=value,
        influence=Influence(losses - value, train, outcome.trained_on_itself),
        events=np.array([np.count_nonzero(outcome.event & (outcome.time <= t)) for t in points], dtype=np.int64),
    )


@on_train_and_outcome
def integrated_brier_score(
    outcome: PreparedOutcome, times: ArrayLike, survival: ArrayLike, *, grid: ArrayLike | None = None
) -> IntegratedBrierScore:
    r"""Brier score averaged over time by the trapezoidal rule, and its scaled form.

    .. math::

        IBS = \frac{1}{t_k - t_1} \int_{t_1}^{t_k} BS(t)\,dt, \qquad
        \text{scaled} = 1 - \frac{IBS}{IBS(\mathrm{KM})}

    with the Kaplan-Meier estimate of the train fold as the reference (convention 9). The Brier score is that
    of :func:`brier_score`.

    Parameters
    ----------
    train_time, train_event : array-like, shape (m,)
        Outcome of the train fold.
    time, event : array-like, shape (n,)
        Outcome of the patients scored. One `PreparedOutcome` may stand in place of these four.
    times : array-like, shape (T,)
        Strictly increasing grid of the curves, in the unit of `time`.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.
    grid : array-like, shape (k,), optional
        Times to integrate over, at least two, none beyond tau. Default: 0, the curves' own times up to the
        outcome's tau, and tau itself; without a tau up to the end of the curves.

    Returns
    -------
    IntegratedBrierScore

    Raises
    ------
    ValueError
        If G is 0, or the train fold has no follow-up, at a needed time; the grid has fewer than two times or
        reaches beyond tau; the reference is 0; or an input is not valid.

    Notes
    -----
    The interval of the scaled form takes the reference curve as given.

    References
    ----------
    Graf et al. (1999), Statistics in Medicine 18, eq. 6 and 7.
    """
    curve_times, curves = survival_curves(times, survival, len(outcome))
    points = _default_grid(outcome, curve_times) if grid is None else time_grid(grid, "grid")
    if points.size < 2:
        raise ValueError("the integral needs a grid of at least two times")
    weights = _Weights(outcome, outcome.within_horizon(points))

    loss, train = weights.integrate(curves, columns_at(curve_times, points))
    reference_loss, reference_train = weights.integrate_constant(outcome.train_survival.at(points))

    shared = outcome.trained_on_itself
    value, reference = float(loss.mean()), float(reference_loss.mean())
    if reference <= 0:
        raise ValueError("the Brier score of the Kaplan-Meier estimate is 0: there is no event to predict")
    ratio = value / reference
    return IntegratedBrierScore(
        value=value,
        influence=Influence(loss - value, train, shared),
        scaled=Estimate(
            value=1.0 - ratio,
            influence=Influence(
                (ratio * reference_loss - loss) / reference,
                (ratio * reference_train - train) / reference,
                shared,
            ),
        ),
        reference=reference,
        grid=points,
        events=int(np.count_nonzero(outcome.event & (outcome.time <= points[-1]))),
    )


class _Weights:
    """Inverse probabilities of censoring at every place where a Brier score over a grid needs them."""

    def __init__(self, outcome: PreparedOutcome, grid: FloatArray) -> None:
        self.outcome = outcome
        self.grid = grid
        #: Number of grid times at which each patient is still free of event and censoring (T > t).
        self.alive = outcome.count_before(grid)
        self.before = outcome.weights_before(outcome.event & (outcome.time <= grid[-1]))
        self.after = outcome.weights_at(grid)

        #: Weight of each grid time in the trapezoidal mean.
        self.share = np.zeros(grid.size)
        if grid.size > 1:
            widths = np.diff(grid) / (2.0 * (grid[-1] - grid[0]))
            self.share[:-1] += widths
            self.share[1:] += widths

    def integrate(self, curves: FloatArray, columns: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return each patient's integrated loss and each train patient's influence on their mean. O(n k)."""
        until, since = np.zeros(self.alive.size), np.zeros(self.alive.size)
        at_time = np.zeros(self.grid.size)
        after = self.after * self.share
        # Grid times whose columns follow one another are one block of the matrix: usually there are one or
        # two.
        breaks = np.flatnonzero((np.diff(columns) != 1) | (columns[:-1] < 0)) + 1
        for start, end in zip(np.append(0, breaks), np.append(breaks, columns.size), strict=True):
            if columns[start] < 0:
                since += self.share[start] * (self.alive <= start)
            else:
                block = int(columns[start]), int(start), int(end)
                _add_block(curves, *block, self.alive, self.outcome.event, after, self.share, until, since, at_time)
        since *= self.before
        return until + since, self.influence(since, at_time)

    def integrate_constant(self, curve: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Do what :meth:`integrate` does for one curve, given at the grid, that predicts for everybody. O(n + k)."""
        alive_loss = self.after * self.share * (1.0 - curve) ** 2
        late_loss = self.share * curve**2
        until = np.concatenate(([0.0], np.cumsum(alive_loss)))[self.alive]
        since = self.before * np.append(np.cumsum(late_loss[::-1])[::-1], 0.0)[self.alive]
        followed = self.alive.size - np.cumsum(np.bincount(self.alive, minlength=self.grid.size + 1))[:-1]
        return until + since, self.influence(since, alive_loss * followed)

    def influence(self, after_event: FloatArray, at_time: FloatArray) -> FloatArray:
        """Influence of the train patients on the mean of losses weighted by 1/G(T-) and by 1/G(t)."""
        n = len(self.outcome)
        return influence_of_censoring(self.outcome, -after_event / n, self.grid, -at_time / n)


def _default_grid(outcome: PreparedOutcome, times: FloatArray) -> FloatArray:
    end = times[-1] if outcome.tau is None else outcome.tau
    return np.unique(np.concatenate(([0.0], times[times <= end], [end])))


def _only(k: int, losses: FloatArray, rows: BoolArray) -> FloatArray:
    total = np.zeros(losses.shape[1])
    total[k] = losses[rows, k].sum()
    return total


@compiled
def _losses(
    curves: FloatArray,
    columns: IntArray,
    alive: IntArray,
    event: BoolArray,
    before: FloatArray,
    after: FloatArray,
) -> FloatArray:
    """Weighted squared error of each patient at each time, (n, k). O(n k)."""
    n, k = alive.size, columns.size
    losses = np.zeros((n, k))
    for i in range(n):
        for c in range(k):
            survival = 1.0 if columns[c] < 0 else curves[i, columns[c]]
            if c < alive[i]:
                losses[i, c] = after[c] * (1.0 - survival) ** 2
            elif event[i]:
                losses[i, c] = before[i] * survival**2
    return losses


@compiled
def _add_block(
    curves: FloatArray,
    column: int,
    start: int,
    end: int,
    alive: IntArray,
    event: BoolArray,
    after: FloatArray,
    share: FloatArray,
    until: FloatArray,
    since: FloatArray,
    at_time: FloatArray,
) -> None:
    """Add the losses at the grid times start..end, whose values begin at a column. One pass over the rows, O(n k).

    `until` receives each patient's weighted loss while at risk, `since` the unweighted one after an event,
    `at_time` the sum over the patients at risk at each grid time.
    """
    for i in range(alive.size):
        row = curves[i, column : column + end - start]
        change = min(max(alive[i], start), end)
        total = 0.0
        for c in range(start, change):
            error = 1.0 - row[c - start]
            loss = after[c] * error * error
            total += loss
            at_time[c] += loss
        until[i] += total
        if event[i]:
            total = 0.0
            for c in range(change, end):
                survival = row[c - start]
                total += share[c] * survival * survival
            since[i] += total
