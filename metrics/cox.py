"""Cox regression on few covariates, as calibration curves need it. Ties in time by Efron's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from metrics.checks import BoolArray, FloatArray
from metrics.compiled import compiled
from metrics.errors import UndefinedError

ITERATIONS = 50
TOLERANCE = 1e-10
#: Relative rounding of the log partial likelihood, a sum over all events: near the maximum of a large sample it is
#: more than a step gains, and a step must not be refused for it.
ROUNDING = 1e-12
#: Information per event, of covariates with unit variance, below which the likelihood has gone flat: it then grows
#: for ever in some direction, as when a covariate separates those with an event from those who outlive them.
LEAST_INFORMATION = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class CoxFit:
    """A fitted Cox model.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Log hazard ratios.
    covariance : ndarray, shape (p, p)
        Inverse of the observed information.
    """

    coefficients: FloatArray
    covariance: FloatArray


def fit_cox(time: FloatArray, event: BoolArray, covariates: FloatArray) -> CoxFit:
    """Maximise Efron's partial likelihood by Newton's method with step halving.

    Parameters
    ----------
    time, event : ndarray, shape (n,)
        Sorted by time, events before censorings.
    covariates : ndarray, shape (n, p)
        In the same order.

    Returns
    -------
    CoxFit

    Raises
    ------
    UndefinedError
        If the maximum is not finite, as when a covariate separates the events.
    """
    center, spread = covariates.mean(axis=0), covariates.std(axis=0)
    scaled = np.ascontiguousarray((covariates - center) / spread)
    beta = np.zeros(covariates.shape[1])
    value, gradient, information = _partial_likelihood(time, event, scaled, beta)
    for _ in range(ITERATIONS):
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            break
        # Half the decrement is the gain that the quadratic model still promises.
        if gradient @ step < TOLERANCE:
            if np.linalg.eigvalsh(information)[0] < LEAST_INFORMATION * np.count_nonzero(event):
                break
            beta = beta + step
            return CoxFit(beta / spread, np.linalg.inv(information) / np.outer(spread, spread))
        for _ in range(30):
            proposal = _partial_likelihood(time, event, scaled, beta + step)
            if proposal[0] >= value - ROUNDING * abs(value):
                break
            step = step / 2
        beta = beta + step
        value, gradient, information = proposal
    raise UndefinedError("the Cox model for the calibration curve has no finite maximum")


@compiled
def _partial_likelihood(
    time: FloatArray, event: BoolArray, covariates: FloatArray, beta: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """Efron's log partial likelihood, its gradient and its negative Hessian. O(n p^2)."""
    n, p = covariates.shape
    value = 0.0
    gradient = np.zeros(p)
    information = np.zeros((p, p))
    eta = np.zeros(n)
    for i in range(n):
        for a in range(p):
            eta[i] += covariates[i, a] * beta[a]
    shift = eta.max()
    sum0, sum1, sum2 = 0.0, np.zeros(p), np.zeros((p, p))
    tied1, tied2 = np.zeros(p), np.zeros((p, p))
    mean = np.zeros(p)
    end = n
    while end > 0:
        start = end - 1
        while start > 0 and time[start - 1] == time[end - 1]:
            start -= 1
        deaths = 0
        tied0 = 0.0
        tied1[:] = 0.0
        tied2[:] = 0.0
        for i in range(start, end):
            weight = np.exp(eta[i] - shift)
            sum0 += weight
            for a in range(p):
                sum1[a] += weight * covariates[i, a]
                for b in range(p):
                    sum2[a, b] += weight * covariates[i, a] * covariates[i, b]
            if event[i]:
                deaths += 1
                value += eta[i] - shift
                tied0 += weight
                for a in range(p):
                    gradient[a] += covariates[i, a]
                    tied1[a] += weight * covariates[i, a]
                    for b in range(p):
                        tied2[a, b] += weight * covariates[i, a] * covariates[i, b]
        for d in range(deaths):
            part = d / deaths
            risk = sum0 - part * tied0
            value -= np.log(risk)
            for a in range(p):
                mean[a] = (sum1[a] - part * tied1[a]) / risk
                gradient[a] -= mean[a]
            for a in range(p):
                for b in range(p):
                    information[a, b] += (sum2[a, b] - part * tied2[a, b]) / risk - mean[a] * mean[b]
        end = start
    return value, gradient, information


@compiled
def baseline_hazard(time: FloatArray, event: BoolArray, relative_hazard: FloatArray, at: float) -> float:
    """Cumulative baseline hazard at a time, Efron's correction for ties. O(n).

    Parameters
    ----------
    time, event, relative_hazard : ndarray, shape (n,)
        Sorted by time, events before censorings; the hazard of each patient relative to the baseline.
    at : float
        The time.

    Returns
    -------
    float
        The Nelson-Aalen estimate where all relative hazards are 1 and no times are tied.
    """
    total = 0.0
    risk = 0.0
    end = time.size
    while end > 0:
        start = end - 1
        while start > 0 and time[start - 1] == time[end - 1]:
            start -= 1
        deaths = 0
        tied = 0.0
        for i in range(start, end):
            risk += relative_hazard[i]
            if event[i]:
                deaths += 1
                tied += relative_hazard[i]
        if time[start] <= at:
            for d in range(deaths):
                total += 1.0 / (risk - d / deaths * tied)
        end = start
    return total


@compiled
def score_residuals(time: FloatArray, event: BoolArray, covariate: FloatArray, beta: float) -> FloatArray:
    """Share of each patient in the derivative of Efron's log partial likelihood, for one covariate. O(n).

    Parameters
    ----------
    time, event, covariate : ndarray, shape (n,)
        Sorted by time, events before censorings.
    beta : float
        Coefficient.

    Returns
    -------
    ndarray, shape (n,)
        Their sum is 0 at the maximum; times the inverse information they are the influence on beta (Lin and
        Wei 1989, eq. 2.9).
    """
    n = time.size
    weight = np.exp(beta * (covariate - covariate.mean()))
    residual = np.zeros(n)
    sum0 = np.cumsum(weight[::-1])[::-1]
    sum1 = np.cumsum((weight * covariate)[::-1])[::-1]
    hazard, hazard_mean = 0.0, 0.0
    start = 0
    while start < n:
        end, deaths = start, 0
        tied0, tied1 = 0.0, 0.0
        while end < n and time[end] == time[start]:
            if event[end]:
                deaths += 1
                tied0 += weight[end]
                tied1 += weight[end] * covariate[end]
            end += 1
        mean, own_hazard, own_hazard_mean = 0.0, 0.0, 0.0
        for d in range(deaths):
            part = d / deaths
            risk = sum0[start] - part * tied0
            center = (sum1[start] - part * tied1) / risk
            mean += center / deaths
            hazard += 1.0 / risk
            hazard_mean += center / risk
            # A patient who dies here is at risk of the d-th of the tied deaths by a share only.
            own_hazard += part / risk
            own_hazard_mean += part * center / risk
        for i in range(start, end):
            if event[i]:
                at_risk = covariate[i] * (hazard - own_hazard) - (hazard_mean - own_hazard_mean)
                residual[i] = covariate[i] - mean - weight[i] * at_risk
            else:
                residual[i] = -weight[i] * (covariate[i] * hazard - hazard_mean)
        start = end
    return residual


@compiled
def hazard_residuals(time: FloatArray, event: BoolArray, relative_hazard: FloatArray, at: float) -> FloatArray:
    """Change of :func:`baseline_hazard` per unit of weight put on each patient. O(n).

    Parameters
    ----------
    time, event, relative_hazard : ndarray, shape (n,)
        Sorted by time, events before censorings; the hazard of each patient relative to the baseline.
    at : float
        The time.

    Returns
    -------
    ndarray, shape (n,)
        Their sum is 0.
    """
    n = time.size
    residual = np.zeros(n)
    sum0 = np.cumsum(relative_hazard[::-1])[::-1]
    squares = 0.0
    start = 0
    while start < n:
        end, deaths, tied = start, 0, 0.0
        while end < n and time[end] == time[start]:
            if event[end]:
                deaths += 1
                tied += relative_hazard[end]
            end += 1
        rise, own = 0.0, 0.0
        if time[start] <= at:
            for d in range(deaths):
                risk = sum0[start] - d / deaths * tied
                rise += 1.0 / risk / deaths
                squares += 1.0 / risk**2
                own += d / deaths / risk**2
        for i in range(start, end):
            residual[i] = -relative_hazard[i] * squares
            if event[i]:
                residual[i] += rise + relative_hazard[i] * own
        start = end
    return residual
