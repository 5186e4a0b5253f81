"""Right-censored survival times."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.errors import RowError
from benchmarks.types.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Observed times and event indicators of n patients.

    Parameters
    ----------
    time : array, shape (n,)
        Time to event or censoring, in the cohort's unit; finite and > 0.
    event : array, shape (n,)
        True (or 1) if the event was observed, False (or 0) if the patient was censored.

    Raises
    ------
    RowError
        If a time is not finite or not positive, or an event indicator is neither 0 nor 1; it names the row.
    ValueError
        If the lengths differ.
    """

    time: FloatArray
    event: BoolArray

    def __post_init__(self) -> None:
        time = np.array(self.time, dtype=np.float64)
        if time.ndim != 1:
            raise ValueError(f"time must be a vector, got shape {time.shape}")
        event = _as_indicator(self.event)
        if event.shape != time.shape:
            raise ValueError(f"time has {time.size} entries but event has shape {event.shape}")
        invalid = np.flatnonzero(~(np.isfinite(time) & (time > 0)))
        if invalid.size:
            raise RowError(int(invalid[0]), f"time is {time[invalid[0]]}, it must be finite and > 0")
        for array in (time, event):
            array.flags.writeable = False
        object.__setattr__(self, "time", time)
        object.__setattr__(self, "event", event)

    def __len__(self) -> int:
        return self.time.size

    def take(self, rows: IntArray) -> "Outcome":
        """Return the outcome of some rows."""
        return Outcome(self.time[rows], self.event[rows])

    @property
    def n_events(self) -> int:
        """Number of observed events."""
        return int(self.event.sum())

    def as_structured(self) -> NDArray[np.void]:
        """Return the structured array (``event`` bool, ``time`` float64) that scikit-survival fits on."""
        structured = np.empty(len(self), dtype=[("event", "?"), ("time", "<f8")])
        structured["event"], structured["time"] = self.event, self.time
        return structured


def _as_indicator(values: ArrayLike) -> BoolArray:
    """Return a bool copy of a 0/1 vector; anything else is an error, never a truth value."""
    indicator = np.asarray(values)
    if indicator.dtype == np.bool_:
        return indicator.copy()
    if not np.issubdtype(indicator.dtype, np.number):
        raise ValueError(f"event must be bool or 0/1, got values of type {indicator.dtype}")
    invalid = np.flatnonzero((indicator != 0) & (indicator != 1))
    if invalid.size:
        raise RowError(int(invalid[0]), f"event is {indicator.flat[invalid[0]]}, it must be 0 or 1")
    return indicator.astype(np.bool_)
