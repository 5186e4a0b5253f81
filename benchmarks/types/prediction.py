"""What a method says of the patients."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field

import numpy as np
import pandas as pd

from benchmarks.errors import RowError
from benchmarks.types.arrays import BoolArray, Float32Array, FloatArray

# What a probability may be off by rounding (metric convention 7, as `metrics.checks` has it): a running sum of a
# thousand numbers in single precision is off by 2e-6.
ROUNDING = 1e-5
# A larger flaw, but one below this, may still come from sums in single or half precision.
LOW_PRECISION = 1e-3

# Numbers beyond this are no risks: sums and squares of them overflow.
LARGEST = 1e100

# Names are written into files and tables.
LONGEST_NAME = 200

# Areas under the curves that differ by less, as a share of the grid's length, are the same but for rounding.
SAME_AREA = 1e-6

# Names of variants: of the main prediction of a fit, which is no variant by itself, and of what a student was taught.
MAIN = ""
TEACHER = "teacher"


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Risks and survival curves of n patients.

    Parameters
    ----------
    risk : array, shape (n,)
        Finite, at most 1e100; higher risk = earlier event.
    times : array, shape (T,)
        Grid of the curves, in the cohort's unit: finite, >= 0, strictly increasing.
    survival : array, shape (n, T), or None
        S(t | x), a right-continuous step function with S(0) = 1; None if the method has no curves. It may be
        float32.
    texts : sequence of str, length n, or None
        What a language model wrote, for the record.
    parseable : array of bool, shape (n,), or None
        Patients whose risk and curve are what the model said; those of the others stand in for an answer that could
        not be read. None where there is nothing to read.
    states : mapping of str to array, shape (n, d)
        What a network holds of each patient (hidden states, attention weights), kept for figures; float32.
    diagnostics : mapping of str to float
        Numbers the method reports of its own prediction, such as the share of unparseable answers.
    variants : mapping of str to Prediction
        Further predictions of the same fit (another decoding, say); each is a row of its own on the board. The one
        called ``TEACHER`` is what the method was taught to say: the others are scored for fidelity to it, too. Names
        of variants, states and diagnostics have at most 200 printable characters.

    Raises
    ------
    RowError
        If a risk is not finite or beyond 1e100, or a curve is not 1 at time 0, leaves [0, 1] or rises above an earlier
        value, by more than 1e-5 (metric convention 7). Smaller deviations are rounding: curves are clipped and made
        non-increasing.
    ValueError
        If lengths differ, the grid is not strictly increasing, or a name is none.
    TypeError
        If a text is no ``str``.
    """

    risk: FloatArray
    times: FloatArray
    survival: FloatArray | None = None
    _: KW_ONLY
    texts: tuple[str, ...] | None = None
    parseable: BoolArray | None = None
    states: Mapping[str, Float32Array] = field(default_factory=dict)
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    variants: Mapping[str, "Prediction"] = field(default_factory=dict)

    def __post_init__(self) -> None:
        risk = np.array(self.risk, dtype=np.float64)
        if risk.ndim != 1:
            raise ValueError(f"risk must be a vector, got shape {risk.shape}")
        invalid = np.flatnonzero(~np.isfinite(risk))
        if invalid.size:
            raise RowError(int(invalid[0]), f"risk is {risk[invalid[0]]}, it must be finite")
        invalid = np.flatnonzero(np.abs(risk) > LARGEST)
        if invalid.size:
            raise RowError(int(invalid[0]), f"risk is {risk[invalid[0]]:g}, beyond {LARGEST:g}: sums of it overflow")
        times = _checked_grid(self.times)
        survival = None if self.survival is None else _checked_curves(self.survival, len(risk), times)
        texts = None if self.texts is None else tuple(self.texts)
        if texts is not None and len(texts) != len(risk):
            raise ValueError(f"{len(texts)} texts for {len(risk)} patients")
        for text in texts or ():
            if not isinstance(text, str):
                raise TypeError(f"a text is of type {type(text).__name__}, not str")
        for name in (*self.states, *self.diagnostics, *self.variants):
            _check_name(name)
        parseable = None if self.parseable is None else _checked_mask(self.parseable, len(risk))
        states = {name: _checked_state(name, state, len(risk)) for name, state in self.states.items()}
        diagnostics = {name: float(value) for name, value in self.diagnostics.items()}
        for name, value in diagnostics.items():
            if not abs(value) <= LARGEST:  # NaN, too
                raise ValueError(f"diagnostic {name!r} is {value:g}, it must be finite and at most {LARGEST:g}")
        for name, variant in self.variants.items():
            if set(name) & set("@."):
                raise ValueError(f"{name!r} is no name for a variant: it must not contain @ or .")
            if len(variant) != len(risk):
                raise ValueError(f"variant {name!r} has {len(variant)} patients, not {len(risk)}")
            if variant.variants:
                raise ValueError(f"variant {name!r} has variants of its own")
        clean = {"risk": risk, "times": times, "survival": survival, "texts": texts, "parseable": parseable}
        for attribute, checked in {**clean, "states": states, "diagnostics": diagnostics}.items():
            object.__setattr__(self, attribute, checked)

    @classmethod
    def from_curves(cls, times: FloatArray, survival: FloatArray) -> "Prediction":
        """Take the risk from the curves: the negative restricted mean survival time to the end of the grid.

        The scalar risk of metric convention 10: the area under the step function from 0 to ``times[-1]``.
        """
        return cls(risk=-_area_under_steps(times, survival), times=times, survival=survival)

    def __len__(self) -> int:
        return len(self.risk)

    def copied(self) -> "Prediction":
        """Return a plain prediction with arrays of its own, checked as a new one is.

        A method may have returned a subclass, or go on writing into what it returned.
        """
        return Prediction(
            self.risk,
            self.times,
            self.survival,
            texts=self.texts,
            parseable=self.parseable,
            states=self.states,
            diagnostics=self.diagnostics,
            variants={name: Prediction.copied(variant) for name, variant in self.variants.items()},
        )

    def agreement(self) -> float | None:
        """Return Spearman's correlation of the risk with the one that ``from_curves`` takes from the curves.

        Below 0 a higher risk goes with longer survival. None without curves, and where all risks or all curves are the
        same.
        """
        if self.survival is None or len(self) < 2:
            return None
        of_curves = -_area_under_steps(self.times, self.survival)
        if np.ptp(self.risk) == 0 or np.ptp(of_curves) <= SAME_AREA * self.times[-1]:
            return None
        ranks = pd.DataFrame({"risk": self.risk, "curves": of_curves}).rank()
        return float(np.corrcoef(ranks.to_numpy().T)[0, 1])

    def rows(self) -> Mapping[str, "Prediction"]:
        """Return the prediction under the name ``MAIN`` and its variants under theirs."""
        return {MAIN: self, **self.variants}


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        told = f"{str(name)[:LONGEST_NAME]!r}"
        raise ValueError(f"{told} is no name: it must be a text of 1 to {LONGEST_NAME} printable characters")


def _checked_grid(times: FloatArray) -> FloatArray:
    grid = np.array(times, dtype=np.float64)
    if grid.ndim != 1 or grid.size == 0:
        raise ValueError(f"times must be a non-empty vector, got shape {grid.shape}")
    if not np.isfinite(grid).all() or grid[0] < 0 or (np.diff(grid) <= 0).any():
        raise ValueError("times must be finite, >= 0 and strictly increasing")
    return grid


def _checked_curves(survival: FloatArray, n: int, times: FloatArray) -> FloatArray:
    curves = np.array(survival, dtype=np.float64)
    if curves.shape != (n, len(times)):
        raise ValueError(f"survival has shape {curves.shape}, expected {(n, len(times))} (patients, times)")
    clean = np.minimum.accumulate(np.clip(curves, 0.0, 1.0), axis=1)
    # `not (within)` so that NaN counts as a flaw.
    flawed = ~(np.abs(curves - clean) <= ROUNDING).all(axis=1)
    if flawed.any():
        row = int(np.flatnonzero(flawed)[0])
        raise RowError(row, f"the survival curve {_flaw(times, curves[row], clean[row])}")
    if times[0] == 0 and n:
        row = int(np.argmin(clean[:, 0]))
        if clean[row, 0] < 1 - ROUNDING:
            raise RowError(row, f"the survival curve is {clean[row, 0]:.9g} at time 0, it must be 1")
    return clean


def _flaw(times: FloatArray, curve: FloatArray, clean: FloatArray) -> str:
    """Say what is wrong with a curve: value, time and amount."""
    if not np.isfinite(curve).all():
        place = int(np.argmin(np.isfinite(curve)))
        return f"is {curve[place]} at time {times[place]:g}"
    outside = np.abs(curve - np.clip(curve, 0.0, 1.0))
    place = int(np.argmax(outside))
    if outside[place] > ROUNDING:
        return f"leaves [0, 1]: it is {curve[place]:.9g} at time {times[place]:g}, {_by(outside[place])}"
    place = int(np.argmax(curve - clean))
    rise = f"from {clean[place]:.9g} to {curve[place]:.9g} at time {times[place]:g}"
    return f"rises {rise}, {_by(curve[place] - clean[place])}"


def _by(amount: float) -> str:
    return f"by {amount:.2g}" + (": computed in float32?" if amount < LOW_PRECISION else "")


def _checked_mask(parseable: BoolArray, n: int) -> BoolArray:
    mask = np.array(parseable)
    if mask.dtype != np.bool_ or mask.shape != (n,):
        raise ValueError(f"parseable is {mask.dtype} of shape {mask.shape}, expected bool of shape ({n},)")
    return mask


def _checked_state(name: str, state: Float32Array, n: int) -> Float32Array:
    values = np.array(state, dtype=np.float32)
    if values.ndim != 2 or len(values) != n:
        raise ValueError(f"state {name!r} has shape {values.shape}, expected ({n}, d)")
    invalid = np.flatnonzero(~np.isfinite(values).all(axis=1))
    if invalid.size:
        raise RowError(int(invalid[0]), f"state {name!r} is not finite")
    return values


def _area_under_steps(times: FloatArray, survival: FloatArray) -> FloatArray:
    """Area of each row's step function from 0 to the last time; S = 1 before the first time."""
    area: FloatArray = times[0] + np.asarray(survival)[:, :-1] @ np.diff(times)
    return area
