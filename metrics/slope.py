"""Calibration at a horizon in two numbers: slope and intercept on the scale of the log cumulative hazard."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.calling import on_outcome
from metrics.checks import FloatArray, survival_curves
from metrics.cox import baseline_hazard, fit_cox, hazard_residuals, score_residuals
from metrics.curves import steps_at
from metrics.errors import UndefinedError
from metrics.estimates import Estimate, Influence
from metrics.outcome import PreparedOutcome
from metrics.results import CalibrationSlope
from metrics.smoothed_calibration import complementary_log_log


@on_outcome
def calibration_slope(
    outcome: PreparedOutcome, times: ArrayLike, survival: ArrayLike, *, at: float | None = None
) -> CalibrationSlope:
    r"""Slope and intercept of the calibration of predicted probabilities at a horizon.

    With :math:`z_i = \log(-\log S_i(t))`, the slope is the coefficient of z in a Cox model; below 1 the
    predictions are too extreme. The intercept is :math:`\log \hat H_0(t)` of the model with z as an offset,

    .. math:: \hat H_0(t) = \sum_{T_j \le t} \frac{\delta_j}{\sum_{T_k \ge T_j} e^{z_k}},

    the log of observed over predicted hazard; below 0 the predicted risk is too high on the whole. Ties in
    time by Efron's method. Nothing depends on the unit of time (convention 12).

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
    CalibrationSlope
        Standard errors are robust: the predictions need not follow a proportional-hazards model.

    Raises
    ------
    UndefinedError
        If there is no event by the horizon, nobody is followed to it, all predictions are equal, every one is 0 or
        1, or the slope is not finite.
    ValueError
        If an input is not valid.

    References
    ----------
    van Houwelingen (2000), Validation, calibration, revision and combination of prognostic survival models,
    Statistics in Medicine 19, section 3.
    Lin and Wei (1989), The robust inference for the Cox proportional hazards model, JASA 84, eq. 2.9.

    Examples
    --------
    The predicted cumulative hazards are 1, 2 and 1. With w = 2**slope the partial likelihood is
    1 / (2 + w) * w / (1 + w), highest at w = 2**0.5; the hazard by 2 is 1 / (1 + 2 + 1) + 1 / (2 + 1) = 7/12 of the
    predicted one.

    >>> from math import exp, log
    >>> from metrics import calibration_slope
    >>> survival = [[exp(-1)], [exp(-2)], [exp(-1)]]
    >>> result = calibration_slope([1, 2, 3], [1, 1, 1], [2], survival, at=2)
    >>> round(result.value, 4), round(float(result.intercept), 4), round(log(7 / 12), 4)
    (0.5, -0.539, -0.539)
    """
    grid, curves = survival_curves(times, survival, len(outcome))
    horizon = outcome.horizon(at)
    order = outcome.order
    time, event = outcome.time[order], outcome.event[order]
    if not (event & (time <= horizon)).any():
        raise UndefinedError(f"no event by the horizon {horizon}: the observed probability is not known")
    z = complementary_log_log(1.0 - steps_at(grid, curves, np.array([horizon]))[:, 0])[order]
    if z.min() == z.max():
        raise UndefinedError("all predictions are equal: there is no slope through them")

    fit = fit_cox(time, event, z[:, np.newaxis])
    slope = float(fit.coefficients[0])
    on_slope = score_residuals(time, event, z, slope) * float(fit.covariance[0, 0])
    hazard = baseline_hazard(time, event, np.exp(z), horizon)
    on_hazard = hazard_residuals(time, event, np.exp(z), horizon)
    return CalibrationSlope(
        value=slope,
        influence=_influence(outcome, on_slope),
        intercept=Estimate(value=float(np.log(hazard)), influence=_influence(outcome, on_hazard / hazard)),
        at=horizon,
        events=int(np.count_nonzero(event)),
    )


def _influence(outcome: PreparedOutcome, per_unit_of_weight: FloatArray) -> Influence:
    scored = np.empty(len(outcome))
    scored[outcome.order] = len(outcome) * per_unit_of_weight
    return Influence(scored)
