"""Predicted survival curves as right-continuous step functions (convention 7)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.checks import FloatArray, IntArray, finite_vector, positive_number, survival_curves


def columns_at(times: FloatArray, at: FloatArray) -> IntArray:
    """Return the column of each time of `at`: the last grid time not after it, -1 before the first."""
    return np.searchsorted(times, at, side="right").astype(np.int64) - 1


def interpolate_steps(times: ArrayLike, survival: ArrayLike, at: ArrayLike) -> FloatArray:
    """Evaluate survival curves at given times, as right-continuous steps.

    S(0) = 1 is put before the grid, the last value is held after it (convention 7).

    Parameters
    ----------
    times : array-like, shape (T,)
        Strictly increasing grid of the curves.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.
    at : array-like, shape (k,)
        Times, none negative, in any order; the same for every patient.

    Returns
    -------
    ndarray, shape (n, k)

    Raises
    ------
    ValueError
        If the grid does not increase strictly, a row is not a survival curve, or a time is negative.

    Examples
    --------
    >>> from metrics import interpolate_steps
    >>> interpolate_steps([3, 6], [[0.4, 0.1]], [0, 3, 4, 9]).tolist()
    [[1.0, 0.4, 0.4, 0.1]]
    """
    grid, curves = survival_curves(times, survival)
    points = finite_vector(at, "at")
    if points.size and points.min() < 0:
        raise ValueError(f"at holds {points.min()}, a time before 0")
    return steps_at(grid, curves, points)


def steps_at(times: FloatArray, survival: FloatArray, at: FloatArray) -> FloatArray:
    """Evaluate checked curves at the times of `at`, shape (n, k)."""
    columns = columns_at(times, at)
    values = survival[:, np.maximum(columns, 0)]
    values[:, columns < 0] = 1.0
    return values


def survival_at_observed(time: ArrayLike, times: ArrayLike, survival: ArrayLike) -> FloatArray:
    """Evaluate each patient's own curve at the patient's own observed time.

    Parameters
    ----------
    time : array-like, shape (n,)
        Observed times.
    times : array-like, shape (T,)
        Strictly increasing grid of the curves.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.

    Returns
    -------
    ndarray, shape (n,)
        What :func:`d_calibration` needs.

    Raises
    ------
    ValueError
        If the shapes do not fit, the grid does not increase strictly, or a row is not a survival curve.

    Examples
    --------
    >>> from metrics import survival_at_observed
    >>> survival_at_observed([2, 4, 7], [3, 6], [[0.4, 0.1], [0.6, 0.4], [0.8, 0.5]]).tolist()
    [1.0, 0.6, 0.5]
    """
    own = finite_vector(time, "time")
    grid, curves = survival_curves(times, survival, own.size)
    return own_values(curves, columns_at(grid, own))


def survival_around_observed(time: ArrayLike, times: ArrayLike, survival: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Evaluate each patient's own curve on both sides of the step in which the own observed time lies.

    Parameters
    ----------
    time : array-like, shape (n,)
        Observed times.
    times : array-like, shape (T,)
        Strictly increasing grid of the curves.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.

    Returns
    -------
    before, after : ndarray, shape (n,)
        At the last time of the grid before the observed time, 1 before the grid; and at the first that is not before
        it, the last value held. An event has the probability before - after by the curve.

    Raises
    ------
    ValueError
        If the shapes do not fit, the grid does not increase strictly, or a row is not a survival curve.

    Examples
    --------
    >>> from metrics import survival_around_observed
    >>> before, after = survival_around_observed([2, 6, 7], [3, 6], [[0.4, 0.1], [0.6, 0.4], [0.8, 0.5]])
    >>> before.tolist(), after.tolist()
    ([1.0, 0.6, 0.5], [0.4, 0.4, 0.5])
    """
    own = finite_vector(time, "time")
    grid, curves = survival_curves(times, survival, own.size)
    following = np.searchsorted(grid, own, side="left")
    return own_values(curves, following - 1), own_values(curves, np.minimum(following, grid.size - 1))


def own_values(survival: FloatArray, columns: IntArray) -> FloatArray:
    """Return each patient's survival at the patient's own column; 1 where the column is -1, before the grid."""
    values = survival[np.arange(columns.size), np.maximum(columns, 0)]
    return np.where(columns < 0, 1.0, values)


def restricted_mean_survival(times: ArrayLike, survival: ArrayLike, *, tau: float | None = None) -> FloatArray:
    r"""Mean survival time up to a horizon: the area under each curve.

    .. math:: \mathrm{RMST}_i(\tau) = \int_0^\tau S_i(t)\,dt

    Its negative is the scalar risk of a method that predicts curves only (convention 10).

    Parameters
    ----------
    times : array-like, shape (T,)
        Strictly increasing grid of the curves.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.
    tau : float, optional
        Horizon in the unit of `times`. Default: the end of the grid.

    Returns
    -------
    ndarray, shape (n,)
        In the unit of `times`; the area is exact for step functions.

    Raises
    ------
    ValueError
        If the grid does not increase strictly, a row is not a survival curve, or tau is not positive.

    References
    ----------
    Royston and Parmar (2013), Restricted mean survival time, BMC Medical Research Methodology 13, eq. 1.

    Examples
    --------
    Up to 3 the curve is 1, from 3 to 6 it is 0.5.

    >>> from metrics import restricted_mean_survival
    >>> restricted_mean_survival([3, 6], [[0.5, 0.1]]).tolist()
    [4.5]
    >>> restricted_mean_survival([3, 6], [[0.5, 0.1]], tau=4).tolist()
    [3.5]
    """
    grid, curves = survival_curves(times, survival)
    end = positive_number(grid[-1] if tau is None else tau, "tau")
    edges = np.minimum(np.concatenate(([0.0], grid, [max(end, grid[-1])])), end)
    widths = np.diff(edges)
    return np.asarray(widths[0] + curves @ widths[1:])
