"""What the metrics accept: every array is checked once, where it enters, and refused with a reason.

Nothing is repaired here except what the conventions allow: survival curves that leave [0, 1] or rise by
rounding are clipped and made non-increasing (convention 7).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.compiled import compiled

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
IntArray: TypeAlias = NDArray[np.int64]

#: What a probability may be off by rounding: a running sum of a thousand numbers in single precision is off by 2e-6.
ROUNDING = 1e-5
#: A larger flaw, but one below this, may still come from sums in single or half precision.
LOW_PRECISION = 1e-3


def finite_vector(values: ArrayLike, name: str, length: int | None = None) -> FloatArray:
    """Return `values` as a contiguous float64 vector of finite numbers, or say which entry is not one."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must be numbers, got dtype {array.dtype}")
    if length is not None and array.size != length:
        raise ValueError(f"{name} has {array.size} entries, expected {length}")
    vector = np.ascontiguousarray(array, dtype=np.float64)
    finite = np.isfinite(vector)
    if not finite.all():
        first = int(np.argmin(finite))
        raise ValueError(f"{name} of patient {first} is {vector[first]}, not a finite number")
    return vector


def observed_times(values: ArrayLike, name: str = "time") -> FloatArray:
    """Return observed times: finite and greater than zero (convention 14)."""
    time = finite_vector(values, name)
    if time.size == 0:
        raise ValueError(f"{name} is empty: there is no patient")
    if time.min() <= 0:
        first = int(np.argmax(time <= 0))
        raise ValueError(f"{name} of patient {first} is {time[first]}, observed times must be greater than 0")
    return time


def event_indicators(values: ArrayLike, length: int, name: str = "event") -> BoolArray:
    """Return event indicators as bool; only bool or 0/1 are accepted (convention 14)."""
    array = np.asarray(values)
    if array.shape != (length,):
        raise ValueError(f"{name} has shape {array.shape}, expected ({length},)")
    if array.dtype.kind == "b":
        return np.ascontiguousarray(array)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"{name} must be bool or 0/1, got dtype {array.dtype}")
    allowed = (array == 0) | (array == 1)
    if not allowed.all():
        first = int(np.argmin(allowed))
        raise ValueError(f"{name} of patient {first} is {array[first]}, it must be bool or 0/1")
    return np.ascontiguousarray(array == 1)


def time_grid(values: ArrayLike, name: str = "times") -> FloatArray:
    """Return a strictly increasing grid of finite times, none negative (convention 7)."""
    array = np.asarray(values)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "fiu":
        raise ValueError(f"{name} must be a non-empty vector of numbers, got shape {array.shape}")
    grid = np.ascontiguousarray(array, dtype=np.float64)
    if not np.isfinite(grid).all():
        raise ValueError(f"{name} holds a value that is not finite")
    if grid[0] < 0:
        raise ValueError(f"{name} starts at {grid[0]}, before time 0")
    if (np.diff(grid) <= 0).any():
        first = int(np.argmax(np.diff(grid) <= 0))
        raise ValueError(f"{name} must increase strictly, entries {first} and {first + 1} do not")
    return grid


def positive_number(value: float, name: str) -> float:
    """Return a finite number greater than zero."""
    number = float(value)
    if not np.isfinite(number) or number <= 0:
        raise ValueError(f"{name} is {number}, it must be finite and greater than 0")
    return number


def stratum_codes(values: ArrayLike, length: int) -> IntArray:
    """Return strata as codes 0, 1, ... in the sorted order of their labels."""
    labels = np.asarray(values)
    if labels.shape != (length,):
        raise ValueError(f"strata has shape {labels.shape}, expected ({length},)")
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        raise ValueError(f"stratum of patient {int(np.argmax(np.isnan(labels)))} is missing")
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


@compiled
def _count_flaws(curve: FloatArray) -> tuple[int, int]:
    """Return how often a row breaks convention 7, and how often it does so by rounding alone. O(T)."""
    rises = 0
    for k in range(1, curve.size):
        rises += not (curve[k] <= curve[k - 1])
    # A curve that never rises has its largest and smallest value at its ends; nearly all curves end here.
    if rises == 0 and curve[0] <= 1.0 and curve[-1] >= 0.0:
        return 0, 0
    flaws, rounded = 0, rises
    for k in range(curve.size):
        flaws += not (-ROUNDING <= curve[k] <= 1.0 + ROUNDING)
        rounded += (curve[k] < 0.0) | (curve[k] > 1.0)
    lowest = curve[0]
    for k in range(1, curve.size):
        flaws += not (curve[k] - lowest <= ROUNDING)
        lowest = min(lowest, curve[k])
    return flaws, rounded


@compiled
def _find_flaws(survival: FloatArray) -> tuple[int, bool]:
    """Return the first row that is no survival curve (or -1), and whether rounding is to be repaired. O(n T)."""
    any_rounded = 0
    for i in range(survival.shape[0]):
        flaws, rounded = _count_flaws(survival[i])
        if flaws > 0:
            return i, False
        any_rounded += rounded
    return -1, any_rounded > 0


def survival_curves(times: ArrayLike, survival: ArrayLike, length: int | None = None) -> tuple[FloatArray, FloatArray]:
    """Return a grid (T,) and curves (n, T) that are survival curves on it (convention 7).

    Parameters
    ----------
    times : array-like, shape (T,)
        Strictly increasing grid.
    survival : array-like, shape (n, T)
        Survival probabilities, one row per patient.
    length : int, optional
        Number of patients expected.

    Returns
    -------
    times, survival : ndarray
        float64, contiguous, clipped to [0, 1] and made non-increasing where rounding had left that.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a curve is not finite, leaves [0, 1] or rises above an earlier value by more
        than 1e-5; the message names the first such patient, the time and the amount.
    """
    grid = time_grid(times)
    array = np.asarray(survival)
    if array.ndim != 2 or array.shape[1] != grid.size:
        expected = f"(n, {grid.size}) as times has {grid.size} entries"
        raise ValueError(f"survival has shape {array.shape}, expected {expected}")
    if length is not None and array.shape[0] != length:
        raise ValueError(f"survival has {array.shape[0]} rows, expected {length}")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"survival must be numbers, got dtype {array.dtype}")
    curves = np.ascontiguousarray(array, dtype=np.float64)
    flawed, rounded = _find_flaws(curves)
    if flawed >= 0:
        raise ValueError(f"survival curve of patient {flawed} {_flaw(grid, curves[flawed])}")
    return grid, np.minimum.accumulate(np.clip(curves, 0.0, 1.0), axis=1) if rounded else curves


def _flaw(grid: FloatArray, curve: FloatArray) -> str:
    """Say in words why a row is not a survival curve: value, time and amount."""
    if not np.isfinite(curve).all():
        return f"holds a value that is not finite at time {grid[np.argmin(np.isfinite(curve))]:g}"
    outside = np.maximum(-curve, curve - 1.0)
    place = int(np.argmax(outside))
    if outside[place] > ROUNDING:
        return f"leaves [0, 1]: it is {curve[place]:.9g} at time {grid[place]:g}, {_by(outside[place])}"
    lowest = np.minimum.accumulate(curve)
    place = int(np.argmax(curve - lowest))
    before = int(np.argmin(curve[:place]))
    rise = f"from {curve[before]:.9g} at time {grid[before]:g} to {curve[place]:.9g} at time {grid[place]:g}"
    return f"rises {rise}, {_by(curve[place] - curve[before])}"


def _by(amount: float) -> str:
    return f"by {amount:.2g}" + (": computed in float32?" if amount < LOW_PRECISION else "")
