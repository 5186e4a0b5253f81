"""Squared error of predicted survival curves under censoring: the Brier score and its integral over time."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.brier_weights import BrierWeights
from metrics.calling import on_train_and_outcome
from metrics.checks import FloatArray, survival_curves, time_grid
from metrics.curves import columns_at, steps_at
from metrics.errors import UndefinedError
from metrics.estimates import Estimate, Influence
from metrics.outcome import PreparedOutcome
from metrics.results import BrierScore, IntegratedBrierScore


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
    UndefinedError
        If a time lies beyond the last observed time, or G is 0, or the train fold has no follow-up, at a needed time.
    ValueError
        If a time lies beyond tau, or an input is not valid.

    References
    ----------
    Graf, Schmoor, Sauerbrei and Schumacher (1999), Statistics in Medicine 18, eq. 4.
    Gerds and Schumacher (2006), Consistent estimation of the expected Brier score, Biometrical Journal 48.

    Examples
    --------
    The second patient is censored at 4, which gives G(5-) = G(6) = 2/3: at 6 the first patient counts 0, the
    second nothing, the third 0.4**2 * 3/2 and the fourth (1 - 0.6)**2 * 3/2.

    >>> from metrics import brier_score
    >>> time, event = [2, 4, 5, 7], [1, 0, 1, 1]
    >>> survival = [[0.4, 0.0], [0.6, 0.4], [0.6, 0.4], [0.8, 0.6]]
    >>> score = brier_score(time, event, time, event, [3, 6], survival, at=[3, 6])
    >>> score.value.round(4).tolist()
    [0.13, 0.12]
    >>> score.events.tolist()
    [1, 2]
    """
    grid, curves = survival_curves(times, survival, len(outcome))
    points = outcome.within_follow_up(time_grid(np.atleast_1d(np.asarray(at)), "at"))
    weights = BrierWeights(outcome, points)
    losses = weights.losses(steps_at(grid, curves, points))
    value = losses.mean(axis=0)
    train = np.column_stack([weights.influence_at(k, losses[:, k]) for k in range(points.size)])
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
    UndefinedError
        If the grid reaches beyond the last observed time; if G is 0, or the train fold has no follow-up, at a needed
        time; or the reference is 0.
    ValueError
        If the grid has fewer than two times or reaches beyond tau, or an input is not valid.

    Notes
    -----
    The interval of the scaled form takes the reference curve as given.

    References
    ----------
    Graf et al. (1999), Statistics in Medicine 18, eq. 6 and 7.

    Examples
    --------
    The Brier scores at 3 and 6 are 0.13 and 0.12, those of the Kaplan-Meier estimate, 3/4 and 3/8, are 0.1875
    and 0.2344.

    >>> from metrics import integrated_brier_score
    >>> time, event = [2, 4, 5, 7], [1, 0, 1, 1]
    >>> survival = [[0.4, 0.0], [0.6, 0.4], [0.6, 0.4], [0.8, 0.6]]
    >>> score = integrated_brier_score(time, event, time, event, [3, 6], survival, grid=[3, 6])
    >>> round(score.value, 4), round(score.reference, 4), round(float(score.scaled), 4)
    (0.125, 0.2109, 0.4074)
    """
    curve_times, curves = survival_curves(times, survival, len(outcome))
    points = _default_grid(outcome, curve_times) if grid is None else time_grid(grid, "grid")
    if points.size < 2:
        raise ValueError("the integral needs a grid of at least two times")
    weights = BrierWeights(outcome, outcome.within_follow_up(points))

    loss, train = weights.integrate(curves, columns_at(curve_times, points))
    reference_loss, reference_train = weights.integrate_constant(outcome.train_survival.at(points))

    shared = outcome.trained_on_itself
    value, reference = float(loss.mean()), float(reference_loss.mean())
    if reference <= 0:
        raise UndefinedError("the Brier score of the Kaplan-Meier estimate is 0: there is no event to predict")
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
        events=int(np.count_nonzero(weights.before)),
    )


def _default_grid(outcome: PreparedOutcome, times: FloatArray) -> FloatArray:
    end = times[-1] if outcome.tau is None else outcome.tau
    inside = times[(times > 0) & (times < end)]
    # A grid that holds no time but 0 is too short, and is refused where it is used.
    return np.concatenate(([0.0], inside, [end])) if end > 0 else np.zeros(1)
