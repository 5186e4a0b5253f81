"""From a written text back to survival probabilities, with a count of all that had to be mended."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.types import BoolArray, FloatArray
from methods.llm_distillation.horizons import Horizons
from methods.llm_distillation.target_text import REASON
from methods.llm_distillation.teachers.answers import SMALLEST, clipped


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """What n texts say.

    Parameters
    ----------
    probabilities : array, shape (n, J)
        S at the horizons, in [0.005, 0.995] and never rising; NaN where nothing is said, and in all of a row that
        cannot be read.
    clipped, corrected : int
        Rows with a probability outside of these limits, and rows in which a later probability was above an earlier one.
    """

    probabilities: FloatArray
    clipped: int
    corrected: int

    @property
    def parseable(self) -> BoolArray:
        """Rows that can be read, shape (n,)."""
        return np.asarray(~np.isnan(self.probabilities).all(axis=1))

    def counts(self) -> dict[str, float]:
        """Return what was counted, for the record of a row."""
        return {
            "unparseable": float((~self.parseable).sum()),
            "clipped": float(self.clipped),
            "corrected": float(self.corrected),
        }


def parse(texts: Sequence[str], horizons: Horizons) -> Parsed:
    """Read n texts.

    A statement is ``12m 82%``: one of the horizons, then 0 to 100 percent; what stands behind ``Reason:`` is not looked
    at. The order does not matter. A text is unparseable if a horizon is stated twice, if a number is above 100, or if
    a horizon is missing.

    Parameters
    ----------
    texts : sequence of n str
        Word for word as written.
    horizons : Horizons
        What they are called.
    """
    said = np.array([_statements(text, horizons) for text in texts]).reshape(len(texts), len(horizons.numbers))
    outside = ((said < SMALLEST) | (said > 1 - SMALLEST)).any(axis=1)
    probabilities, corrected = clipped(said)
    return Parsed(probabilities, int(outside.sum()), corrected)


def has_numbers(text: str) -> bool:
    """Return whether all of a text that ``parse`` looks at stands there, whatever is written behind it."""
    return REASON in text


def _statements(text: str, horizons: Horizons) -> list[float]:
    numbers = text.partition(REASON)[0]
    said = []
    for number in horizons.numbers:
        found = re.findall(rf"(?<!\d){number}\s*{horizons.letter}\s+(\d{{1,3}})\s*%", numbers)
        if len(found) != 1 or int(found[0]) > 100:
            return [np.nan] * len(horizons.numbers)
        said.append(int(found[0]) / 100)
    return said
