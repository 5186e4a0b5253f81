"""Survival curves on a grid: step functions, and curves of proportional hazards."""

import numpy as np

from benchmarks.types import FloatArray


def steps_at(knots: FloatArray, values: FloatArray, times: FloatArray, *, before: float) -> FloatArray:
    """Evaluate right-continuous step functions.

    Parameters
    ----------
    knots : array, shape (k,)
        Increasing times of the steps.
    values : array, shape (k,) or (n, k)
        Value from each knot on; the last one is held.
    times : array, shape (T,)
        Where to evaluate.
    before : float
        Value before the first knot: 1 for survival, 0 for a cumulative hazard.

    Returns
    -------
    array, shape (T,) or (n, T)
    """
    values = np.asarray(values, dtype=np.float64)
    start = np.full((*values.shape[:-1], 1), before)
    padded = np.concatenate([start, values], axis=-1)
    stepped: FloatArray = padded[..., np.searchsorted(knots, times, side="right")]
    return stepped


def proportional_hazards_survival(linear_predictor: FloatArray, cumulative_hazard: FloatArray) -> FloatArray:
    """Return S(t | x) = exp(-H0(t) exp(lp)).

    Computed as exp(-exp(lp + log H0(t))): where exp(lp) overflows, S is 0 and, where H0 is 0, still 1.

    Parameters
    ----------
    linear_predictor : array, shape (n,)
        Log hazard ratio of each patient.
    cumulative_hazard : array, shape (T,)
        H0 at the grid times.

    Returns
    -------
    array, shape (n, T)
    """
    with np.errstate(divide="ignore", over="ignore"):
        log_hazard = np.log(cumulative_hazard)
        survival: FloatArray = np.exp(-np.exp(linear_predictor[:, None] + log_hazard))
    return survival
