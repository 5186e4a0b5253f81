"""Calibration at a horizon with a smooth calibration curve: ICI, E50 and E90."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.calling import on_outcome
from metrics.checks import FloatArray, survival_curves
from metrics.cox import baseline_hazard, fit_cox
from metrics.curves import steps_at
from metrics.errors import UndefinedError
from metrics.outcome import PreparedOutcome
from metrics.product_limit import kaplan_meier
from metrics.results import CalibrationIndex

#: Harrell's quantiles for three knots.
KNOT_QUANTILES = (0.1, 0.5, 0.9)


@on_outcome
def integrated_calibration_index(
    outcome: PreparedOutcome, times: ArrayLike, survival: ArrayLike, *, at: float | None = None
) -> CalibrationIndex:
    r"""Integrated calibration index: mean distance of predicted from observed probability at a horizon.

    .. math:: \mathrm{ICI} = \frac1n \sum_i |\hat p_i - p_i|, \qquad p_i = 1 - S_i(t)

    where :math:`\hat p_i` is the observed probability at the prediction :math:`p_i`, smoothed by a Cox model
    on a restricted cubic spline of :math:`z = \log(-\log(1 - p))` with knots at its 10th, 50th and 90th
    percentile. E50 and E90 are the median and the 90th percentile of the same distances (convention 12).
    Nothing depends on the unit of time.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        Observed times, greater than 0, and event indicators, bool or 0/1; or one `PreparedOutcome` in their
        place.
    times : array-like, shape (T,)
        Strictly increasing grid of the curves, in the unit of `time`.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.
    at : float, optional
        The horizon. Default: the outcome's tau.

    Returns
    -------
    CalibrationIndex

    Raises
    ------
    UndefinedError
        If no event happens by the horizon, nobody is followed to it, every predicted probability is 0 or 1, or the
        Cox model has no finite maximum.
    ValueError
        If an input is not valid.

    Notes
    -----
    The transformation has no value at p = 0 and p = 1: such a prediction takes the z of the nearest
    prediction strictly between, and keeps its own p in the distance. Where the knots coincide the spline is a
    line, where all predictions are equal the observed probability is that of everybody together.

    References
    ----------
    Austin, Harrell and van Klaveren (2020), Graphical calibration curves and the integrated calibration index
    (ICI) for survival models, Statistics in Medicine 39, sections 2.2 and 2.3.

    Examples
    --------
    Everybody has the predicted probability 0.4; two of four have the event by 2.

    >>> from metrics import integrated_calibration_index
    >>> result = integrated_calibration_index([1, 2, 3, 4], [1, 1, 1, 1], [2], [[0.6]] * 4, at=2)
    >>> round(result.value, 4), round(result.largest, 4)
    (0.1, 0.1)
    """
    grid, curves = survival_curves(times, survival, len(outcome))
    horizon = outcome.horizon(at)
    events = int(np.count_nonzero(outcome.event & (outcome.time <= horizon)))
    if events == 0:
        raise UndefinedError(f"no event by the horizon {horizon}: the observed probability is not known")
    predicted = 1.0 - steps_at(grid, curves, np.array([horizon]))[:, 0]

    if predicted.min() == predicted.max():
        observed = np.full(predicted.size, 1.0 - float(kaplan_meier(outcome.time, outcome.event).at(horizon)))
    else:
        observed = _observed(outcome, _spline(complementary_log_log(predicted)), horizon)
    distance = np.abs(observed - predicted)
    return CalibrationIndex(
        value=float(distance.mean()),
        e50=float(np.median(distance)),
        e90=float(np.quantile(distance, 0.9)),
        largest=float(distance.max()),
        at=horizon,
        predicted=predicted,
        observed=observed,
        events=events,
    )


def complementary_log_log(probability: FloatArray) -> FloatArray:
    """Return log(-log(1 - p)); p = 0 and p = 1 take the value of the nearest p strictly between."""
    inside = (probability > 0) & (probability < 1)
    if not inside.any():
        raise UndefinedError("every predicted probability is 0 or 1: there is no calibration curve through them")
    limited = np.clip(probability, probability[inside].min(), probability[inside].max())
    return np.asarray(np.log(-np.log1p(-limited)))


def _spline(z: FloatArray) -> FloatArray:
    """Return the restricted cubic spline (n, 2): a line (n, 1) where knots coincide, (n, 0) if constant."""
    if z.min() == z.max():
        return np.empty((z.size, 0))
    low, middle, high = np.quantile(z, KNOT_QUANTILES)
    if not low < middle < high:
        return z[:, np.newaxis]
    cubes = np.maximum(z[:, np.newaxis] - (low, middle, high), 0.0) ** 3
    bend = cubes[:, 0] - (cubes[:, 1] * (high - low) - cubes[:, 2] * (middle - low)) / (high - middle)
    return np.column_stack([z, bend / (high - low) ** 2])


def _observed(outcome: PreparedOutcome, covariates: FloatArray, horizon: float) -> FloatArray:
    """Probability of the event by the horizon by a Cox model on the covariates."""
    order = outcome.order
    time, event = outcome.time[order], outcome.event[order]
    eta = np.zeros(time.size)
    if covariates.shape[1]:
        eta = covariates @ fit_cox(time, event, np.ascontiguousarray(covariates[order])).coefficients
    relative_hazard = np.exp(eta - eta.mean())
    hazard = baseline_hazard(time, event, relative_hazard[order], horizon)
    return np.asarray(-np.expm1(-hazard * relative_hazard))
