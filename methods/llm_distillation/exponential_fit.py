"""The exponential curve through survival probabilities at a few horizons."""

import numpy as np
from scipy.optimize import minimize_scalar

from benchmarks.types import FloatArray
from methods.llm_distillation.teachers.answers import SMALLEST

SMALLEST_RATE = 1e-8
# The search ends when the rate, in units of the start, is known so well.
TOLERANCE = 1e-12
# How many times the start the rate may be: the start is the answer where the probabilities are exactly exponential.
WIDEST = 20.0


def exponential_rates(horizons: FloatArray, probabilities: FloatArray) -> FloatArray:
    """Return the rate of each of n patients, shape (n,): NaN where no probability is known.

    It minimises sum_j (exp(-rate tau_j) - p_j)^2 over the known horizons, rate >= 1e-8, by Brent's bounded search
    from rate_0 = sum_j tau_j (-ln p_j) / sum_j tau_j^2, the least-squares line of -ln p through the origin.

    Parameters
    ----------
    horizons : array, shape (J,)
        tau, positive.
    probabilities : array, shape (n, J)
        p, clipped to [0.005, 0.995]; NaN where nothing is said.
    """
    return np.array([_rate(horizons, row) for row in probabilities], dtype=np.float64)


def exponential_survival(rates: FloatArray, times: FloatArray) -> FloatArray:
    """Return S(t) = exp(-rate t), shape (n, T)."""
    survival: FloatArray = np.exp(-rates[:, None] * times)
    return survival


def _rate(horizons: FloatArray, probabilities: FloatArray) -> float:
    known = ~np.isnan(probabilities)
    if not known.any():
        return np.nan
    tau, p = horizons[known], np.clip(probabilities[known], SMALLEST, 1 - SMALLEST)
    start = float(np.sum(tau * -np.log(p)) / np.sum(tau**2))
    if len(tau) == 1:
        return max(start, SMALLEST_RATE)
    # In units of the start: rates per day and per year are then found equally well.
    found = minimize_scalar(
        lambda factor: float(np.sum((np.exp(-factor * start * tau) - p) ** 2)),
        bounds=(0.0, WIDEST),
        method="bounded",
        options={"xatol": TOLERANCE},
    )
    return max(float(found.x) * start, SMALLEST_RATE)
