"""When two predictions are the same, to the bit or but for rounding."""

import numpy as np

from benchmarks.types import FloatArray, IntArray, Prediction

RELATIVE_TOLERANCE = 1e-5
ABSOLUTE_TOLERANCE = 1e-6


class ContractError(AssertionError):
    """A method breaks the contract; the message says how."""


def require_same_bits(first: Prediction, second: Prediction, message: str) -> None:
    """Raise if two predictions of the same patients differ in a bit of anything the method gave out."""
    if _content(first) != _content(second):
        raise ContractError(message)


def require_close(whole: Prediction, part: Prediction, rows: IntArray, message: str) -> None:
    """Raise if ``part`` differs from those rows of ``whole`` by more than rounding.

    The size of a matrix product changes its last bits: a patient alone need not have the bits it has among others.
    """
    for name, row in whole.rows().items():
        other = part.rows()[name]
        close = _close(row.risk[rows], other.risk)
        if row.survival is not None and other.survival is not None:
            close = close and _close(row.survival[rows], other.survival)
        if not close:
            raise ContractError(message)


def _close(first: FloatArray, second: FloatArray) -> bool:
    return np.allclose(first, second, rtol=RELATIVE_TOLERANCE, atol=ABSOLUTE_TOLERANCE)


def _content(prediction: Prediction) -> dict[str, object]:
    """Return all outputs of a prediction and its variants as bytes, texts and numbers."""
    return {
        name: (
            row.risk.tobytes(),
            None if row.survival is None else row.survival.tobytes(),
            row.texts,
            None if row.parseable is None else row.parseable.tobytes(),
            {state: values.tobytes() for state, values in row.states.items()},
            dict(row.diagnostics),
        )
        for name, row in prediction.rows().items()
    }
