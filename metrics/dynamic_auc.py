"""Discrimination at fixed times: the cumulative/dynamic area under the ROC curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.calling import on_train_and_outcome
from metrics.censoring_influence import influence_of_censoring
from metrics.checks import BoolArray, FloatArray, IntArray, finite_vector, time_grid
from metrics.compiled import compiled
from metrics.errors import UndefinedError
from metrics.estimates import Estimates, Influence
from metrics.outcome import PreparedOutcome
from metrics.pair_counting import dense_ranks
from metrics.results import DynamicAUC


@on_train_and_outcome
def cumulative_dynamic_auc(outcome: PreparedOutcome, risk: ArrayLike, *, at: ArrayLike) -> DynamicAUC:
    r"""Probability that a patient with an event by t had a higher risk than one followed beyond t.

    .. math::

        AUC(t) = \frac{\sum_i \sum_j 1[T_i \le t, \delta_i = 1]\, 1[T_j > t]\, G(T_i-)^{-1}
                 (1[r_i > r_j] + \tfrac12 1[r_i = r_j])}
                 {\sum_i 1[T_i \le t, \delta_i = 1]\, G(T_i-)^{-1} \cdot \#\{T_j > t\}}

    G is fitted on the train fold, events before censorings (convention 4); the weight of the controls,
    1/G(t), is the same for all and cancels. Risks tie by exact equality (convention 3). The value is the
    plain mean over the times of `at` (convention 13).

    Parameters
    ----------
    train_time, train_event : array-like, shape (m,)
        Outcome of the train fold.
    time, event : array-like, shape (n,)
        Outcome of the patients scored. One `PreparedOutcome` may stand in place of these four.
    risk : array-like, shape (n,) or (n, k)
        Predicted risk, higher for an earlier event; one column per time where it depends on time.
    at : float or array-like, shape (k,)
        Times, strictly increasing, none beyond tau.

    Returns
    -------
    DynamicAUC
        The mean, and the area at each time, with standard errors that include the estimation of G.

    Raises
    ------
    UndefinedError
        If at one of the times there is no case or no control, or the train fold's follow-up ends before a case.
    ValueError
        If a time lies beyond tau, or an input is not valid.

    References
    ----------
    Uno, Cai, Tian and Wei (2007), Evaluating prediction rules for t-year survivors with censored regression
    models, JASA 102, eq. 5. Hung and Chiang (2010), Estimation methods for time-dependent AUC models with
    survival data, Canadian Journal of Statistics 38.

    Examples
    --------
    By 6 the first and the third patient have the event, with weights 1 and 1/G(5-) = 3/2, and only the fourth is
    followed beyond: the first has a higher risk than the fourth, the third has not, 1 / (1 + 3/2).

    >>> from metrics import cumulative_dynamic_auc
    >>> time, event = [2, 4, 5, 7], [1, 0, 1, 1]
    >>> result = cumulative_dynamic_auc(time, event, time, event, [3, 1, 0.5, 2], at=[3, 6])
    >>> result.by_time.value.round(4).tolist(), round(result.value, 4)
    ([1.0, 0.4], 0.7)
    """
    points = outcome.within_horizon(time_grid(np.atleast_1d(np.asarray(at)), "at"))
    ranks = _ranks(risk, len(outcome), points.size)
    case = outcome.event[:, np.newaxis] & (outcome.time[:, np.newaxis] <= points)
    control = outcome.time[:, np.newaxis] > points
    _require_both(points, case.sum(axis=0), control.sum(axis=0))
    weight = outcome.weights_before(case[:, -1])

    value = np.empty(points.size)
    scored = np.empty((len(outcome), points.size))
    train = np.empty((outcome.train_time.size, points.size))
    for k in range(points.size):
        order, rank = ranks[min(k, len(ranks) - 1)]
        value[k], net = _area(order, rank, np.where(case[:, k], weight, 0.0), control[:, k])
        scored[:, k] = len(outcome) * net
        train[:, k] = influence_of_censoring(outcome, np.where(case[:, k], -net, 0.0))
    shared = outcome.trained_on_itself
    return DynamicAUC(
        value=float(value.mean()),
        influence=Influence(scored.mean(axis=1), train.mean(axis=1), shared),
        at=points,
        by_time=Estimates(value=value, influence=Influence(scored, train, shared)),
        cases=case.sum(axis=0),
        controls=control.sum(axis=0),
    )


def _ranks(risk: ArrayLike, patients: int, times: int) -> list[tuple[IntArray, IntArray]]:
    """Return, for each column of risks, the patients in order of risk and their dense ranks."""
    array = np.asarray(risk)
    if array.ndim == 2 and array.shape[1] != times:
        raise ValueError(f"risk has {array.shape[1]} columns, expected {times} as `at` has {times} entries")
    columns = [array] if array.ndim == 1 else list(array.T)
    found = []
    for column in columns:
        ranks = dense_ranks(finite_vector(column, "risk", patients))
        found.append((np.argsort(ranks).astype(np.int64, copy=False), ranks))
    return found


def _require_both(points: FloatArray, cases: IntArray, controls: IntArray) -> None:
    if not cases.all():
        raise UndefinedError(f"no event by time {points[np.argmin(cases)]}: there is no case to rank")
    if not controls.all():
        raise UndefinedError(f"nobody is followed beyond time {points[np.argmin(controls)]}: there is no control")


@compiled
def _area(order: IntArray, rank: IntArray, weight: FloatArray, control: BoolArray) -> tuple[float, FloatArray]:
    """Return the area and, for each patient, the centred sum of its pairs divided by that of all pairs. O(n)."""
    n = order.size
    total_weight, total_controls = weight.sum(), control.sum()
    net = np.empty(n)
    controls_below, weight_below = 0.0, 0.0
    start = 0
    while start < n:
        end, controls, cases = start, 0.0, 0.0
        while end < n and rank[order[end]] == rank[order[start]]:
            controls += control[order[end]]
            cases += weight[order[end]]
            end += 1
        for k in range(start, end):
            i = order[k]
            # A case wins against the controls below it, a control against the cases above it.
            own_case = weight[i] * (controls_below + 0.5 * controls)
            own_control = control[i] * (total_weight - weight_below - 0.5 * cases)
            net[i] = own_case + own_control
        controls_below += controls
        weight_below += cases
        start = end
    area, pairs = 0.0, 0.0
    for i in range(n):
        if weight[i] > 0:
            area += net[i]
            # Added in the order of the area, so that a perfect ranking is exactly 1.
            pairs += weight[i] * total_controls
    area /= pairs
    for i in range(n):
        net[i] = (net[i] - area * (weight[i] * total_controls + control[i] * total_weight)) / pairs
    return area, net
