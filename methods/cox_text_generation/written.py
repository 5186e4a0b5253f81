"""What a student wrote, and the numbers that it says."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.types import BoolArray, FloatArray
from methods.cox_text_generation.number_text import NumberFormat


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What the student wrote of n patients.

    Parameters
    ----------
    texts : list of str, length n
        Word for word.
    numbers : array, shape (n,)
        The numbers they say; where a text says none, the fallback.
    unparseable : array of bool, shape (n,)
        Which texts are not exactly of the format.
    """

    texts: list[str]
    numbers: FloatArray
    unparseable: BoolArray

    @classmethod
    def of(cls, texts: Sequence[str], number_format: NumberFormat, fallback: float) -> "Written":
        """Read n texts."""
        numbers = [number_format.parse(text) for text in texts]
        return cls(
            list(texts),
            np.array([fallback if number is None else number for number in numbers]),
            np.array([number is None for number in numbers]),
        )
