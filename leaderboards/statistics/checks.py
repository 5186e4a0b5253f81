"""What the statistics accept: arrays are checked where they enter and refused with a reason, never repaired."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
IntArray: TypeAlias = NDArray[np.int64]


class NoSpreadError(ValueError):
    """Two methods differ alike throughout: there is a difference, but no standard error of it."""


def finite_array(values: ArrayLike, name: str, dimensions: int = 1) -> FloatArray:
    """Return numbers as float64 with the given number of dimensions, all finite, or say which entry is not."""
    array = numbers(values, name, dimensions)
    finite = np.isfinite(array)
    if not finite.all():
        at = tuple(int(i) for i in np.argwhere(~finite)[0])
        where = at[0] if dimensions == 1 else at
        raise ValueError(f"{name}[{where}] is {array[at]}, not a finite number")
    return array


def numbers(values: ArrayLike, name: str, dimensions: int = 1) -> FloatArray:
    """Return numbers as float64 with the given number of dimensions; NaN and infinities pass."""
    array = np.asarray(values)
    if array.ndim != dimensions:
        raise ValueError(f"{name} has shape {array.shape}, expected {dimensions} dimension(s)")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must be numbers, got dtype {array.dtype}")
    return np.ascontiguousarray(array, dtype=np.float64)


def flags(values: ArrayLike | None, name: str, shape: tuple[int, ...]) -> BoolArray:
    """Return booleans of the given shape; None stands for all False."""
    if values is None:
        return np.zeros(shape, dtype=np.bool_)
    array = np.asarray(values)
    if array.shape != shape or array.dtype.kind != "b":
        raise ValueError(f"{name} must be booleans of shape {shape}, got {array.dtype} of shape {array.shape}")
    return array.astype(np.bool_)


def share(value: float, name: str) -> float:
    """Return a number strictly between 0 and 1, such as a level or a power."""
    number = float(value)
    if not 0 < number < 1:
        raise ValueError(f"{name} is {number}, it must lie between 0 and 1")
    return number


def not_negative(value: float, name: str) -> float:
    """Return a finite number that is at least 0."""
    number = float(value)
    if not (np.isfinite(number) and number >= 0):
        raise ValueError(f"{name} is {number}, it must be finite and at least 0")
    return number


def at_least(value: int, least: int, name: str) -> int:
    """Return a whole number that is at least `least`."""
    if isinstance(value, bool) or int(value) != value or value < least:
        raise ValueError(f"{name} is {value}, it must be a whole number of at least {least}")
    return int(value)
