"""Ridge-penalised Cox regression, the one that every method of the suite with a Cox model uses.

The solver is the suite's own: that of scikit-survival 0.28 halves its steps towards a point that may be far from the
optimum, ends with a warning at most, and the running sum of its baseline hazard loses all digits where linear
predictors are far apart.
"""

from collections.abc import Sequence

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from benchmarks.types import FloatArray, Outcome
from methods.shared.heads.efron import EfronLikelihood
from methods.shared.heads.proportional_hazards import BreslowCurves

# Newton's method ends where a step would change no linear predictor by more than this.
SMALLEST_STEP = 1e-7
MOST_STEPS = 100
MOST_HALVINGS = 50
# Share of the decrease a straight line promises that a step has to keep (Armijo).
KEPT = 1e-4
# Of the gradient at the end, per event.
TOLERANCE = 1e-8
# Ratio of the largest to the smallest curvature. Where the likelihood rises for ever (a covariate that separates the
# events), or does not change at all (collinear covariates), the smallest falls to rounding.
WORST_CONDITION = 1e12
FLAT = "the likelihood is flat in some direction"


class DidNotConvergeError(RuntimeError):
    """The maximum of the partial likelihood was not reached, or there is none."""


class RidgeCox:
    """Cox model (Cox 1972) with Efron's ties; S(t | x) = exp(-H0(t) exp(x'b)), H0 by Breslow (1972).

    The coefficients b minimise the negative log partial likelihood, summed over the events, + sum of penalty b**2 / 2,
    by Newton's method on the exact gradient and Hessian; a step that does not lower that objective is halved.

    Parameters
    ----------
    penalty : float or array, shape (p,)
        Weight of the squared coefficients, of all or of each feature; the features should be standardised. 0 is the
        plain Cox model.
    mean : float or array, shape (p,)
        Where the coefficients are shrunk to: the mean of their Gaussian prior of variance 1 / penalty.
    """

    def __init__(self, penalty: float | FloatArray, mean: float | FloatArray = 0.0) -> None:
        self.penalty = penalty
        self.mean = mean

    def fit(self, features: FloatArray, outcome: Outcome, start: FloatArray | None = None) -> "RidgeCox":
        """Fit on n patients.

        Parameters
        ----------
        features : array, shape (n, p)
            Finite; no constant is added, the baseline takes its place.
        outcome : Outcome
            Of the same n patients, at least one event.
        start : array, shape (p,), optional
            Coefficients near the minimum, to be there sooner; 0 if not given.

        Raises
        ------
        DidNotConvergeError
            If the maximum was not reached, or there is none.
        ValueError
            If a feature is not finite, or there is no event.
        """
        self.coefficients = ridge_coefficients([(features, outcome)], self.penalty, mean=self.mean, start=start)
        self._curves = BreslowCurves().fit(self.linear_predictor(features), outcome)
        return self

    def linear_predictor(self, features: FloatArray) -> FloatArray:
        """Return x'b of n patients, shape (n,).

        A product for each row: the last bit of a product of the whole matrix depends on how many rows there are.
        """
        linear_predictor: FloatArray = np.vecdot(np.ascontiguousarray(features), self.coefficients)
        return linear_predictor

    def cumulative_hazard(self, times: FloatArray) -> FloatArray:
        """Return H0 at T times, shape (T,): 0 before the first event, constant after the last."""
        return self._curves.cumulative_hazard(times)

    def survival(self, features: FloatArray, times: FloatArray) -> FloatArray:
        """Return the curves of n patients at T times, shape (n, T)."""
        return self._curves.survival(self.linear_predictor(features), times)


def ridge_coefficients(
    strata: Sequence[tuple[FloatArray, Outcome]],
    penalty: float | FloatArray,
    *,
    mean: float | FloatArray = 0.0,
    start: FloatArray | None = None,
) -> FloatArray:
    """Return the coefficients of a ridge Cox model that several strata share, each with a baseline of its own.

    Parameters
    ----------
    strata : sequence of (features, outcome)
        Features of shape (n_s, p), finite, and the outcome of the same n_s patients; at least one event in each.
    penalty, mean : float or array, shape (p,)
        As of ``RidgeCox``.
    start : array, shape (p,), optional
        Coefficients near the minimum.

    Returns
    -------
    array, shape (p,)

    Raises
    ------
    DidNotConvergeError
        If the maximum was not reached, or there is none.
    ValueError
        If a feature is not finite, or a stratum has no event.
    """
    if not all(np.isfinite(features).all() for features, _ in strata):
        raise ValueError("a feature is not finite")
    width = strata[0][0].shape[1]
    begin = np.zeros(width) if start is None else start
    # The partial likelihood does not depend on the features' means; without them the Hessian loses fewer digits.
    centred = [features - features.mean(axis=0) for features, _ in strata]
    likelihoods = [EfronLikelihood(own, outcome) for own, (_, outcome) in zip(centred, strata, strict=True)]
    objective = _Objective(likelihoods, np.broadcast_to(penalty, width), np.broadcast_to(mean, width))
    events = sum(outcome.n_events for _, outcome in strata)
    return _minimise(objective, np.concatenate(centred), events, begin)


class _Objective:
    """Negative log partial likelihood + sum of penalty (b - mean)**2 / 2, and its derivatives."""

    def __init__(self, likelihoods: Sequence[EfronLikelihood], penalty: FloatArray, mean: FloatArray) -> None:
        self._likelihoods = likelihoods
        self._penalty = penalty
        self._mean = mean

    def value(self, coefficients: FloatArray) -> float:
        fitted = sum(likelihood.value(coefficients) for likelihood in self._likelihoods)
        return fitted + 0.5 * float(np.sum(self._penalty * (coefficients - self._mean) ** 2))

    def derivatives(self, coefficients: FloatArray) -> tuple[FloatArray, FloatArray]:
        gradient, hessian = self._penalty * (coefficients - self._mean), np.diag(self._penalty)
        for likelihood in self._likelihoods:
            slope, curvature = likelihood.derivatives(coefficients)
            gradient, hessian = slope + gradient, curvature + hessian
        return gradient, hessian


def _minimise(objective: _Objective, centred: FloatArray, events: int, start: FloatArray) -> FloatArray:
    """Return the coefficients at the minimum of the objective, shape (p,)."""
    coefficients = start
    value = objective.value(coefficients)
    gradient, hessian = objective.derivatives(coefficients)
    for _ in range(MOST_STEPS):
        try:
            step = -cho_solve(cho_factor(hessian), gradient)
        except LinAlgError:
            raise _failed(FLAT, gradient) from None
        change = float(np.max(np.abs(centred @ step), initial=0.0))
        coefficients, value = _move(objective, coefficients, value, step, gradient)
        gradient, hessian = objective.derivatives(coefficients)
        if change <= SMALLEST_STEP:
            break
    else:
        raise _failed(f"{MOST_STEPS} steps were not enough", gradient)
    if not np.max(np.abs(gradient), initial=0.0) <= TOLERANCE * events:
        raise _failed("the gradient is not zero", gradient)
    curvatures = np.linalg.eigvalsh(hessian)
    if curvatures[0] * WORST_CONDITION < curvatures[-1]:
        raise _failed(FLAT, gradient)
    return coefficients


def _move(
    objective: _Objective, coefficients: FloatArray, value: float, step: FloatArray, gradient: FloatArray
) -> tuple[FloatArray, float]:
    """Return the coefficients after the step, halved until it lowers the objective enough, and the objective there."""
    slope = float(gradient @ step)
    # Near the minimum a decrease is smaller than the rounding of the objective.
    rounding = 1e-12 * (1 + abs(value))
    for halvings in range(MOST_HALVINGS):
        size = 0.5**halvings
        moved = coefficients + size * step
        found = objective.value(moved)
        if found <= value + KEPT * size * slope + rounding:
            return moved, found
    raise _failed("no step lowers the objective", gradient)


def _failed(why: str, gradient: FloatArray) -> DidNotConvergeError:
    largest = float(np.max(np.abs(gradient), initial=0.0))
    return DidNotConvergeError(
        f"Cox regression did not converge: {why} (largest component of the gradient {largest:.2g}); a larger penalty "
        "helps where covariates are collinear or separate the events"
    )
