"""The clinical JSON of CHIMERA, one file per patient: every form of a value, errors that name the patient.

The release writes numbers as numbers or as text (``"1.0"``), and a missing value as ``"x"``, ``"-1"``, ``-1`` or
``" "``; every other text that is not a documented level is an error, never a new level.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import UsageError
from benchmarks.plain_file import read_plain

from ..readers.damaged_files import told_in_one_line

MISSING = frozenset({"x", "", "-1"})

# Expression of all genes has some hundred kilobytes.
MOST_BYTES = 2**26
_LONGEST_TOLD = 100
_KINDS: dict[type, str] = {list: "a list", dict: "an object"}


@dataclass(frozen=True, slots=True)
class ClinicalRecord:
    """The clinical file of one patient.

    Parameters
    ----------
    patient : str
        Identifier of the patient.
    path : Path
        The file, named in errors.
    values : mapping of str to value
        What it holds.
    """

    patient: str
    path: Path
    values: Mapping[str, Any]

    def number(self, key: str, low: float, high: float) -> float:
        """Return a number within [low, high], or NaN where it is missing.

        Raises
        ------
        UsageError
            If the key is not there, or the value is no number or impossible.
        """
        value = self._value(key)
        return math.nan if value is None else self._number(key, value, low, high)

    def count(self, key: str, low: int, high: int) -> float:
        """Return a whole number within [low, high], or NaN where it is missing; errors as of ``number``."""
        number = self.number(key, low, high)
        if not math.isnan(number) and number != round(number):
            raise self._error(f"{key!r} is {_told(self.values[key])}, expected a whole number")
        return number

    def flag(self, key: str, no: str = "0", yes: str = "1") -> float:
        """Return 0 or 1 for two documented values, or NaN where it is missing; ``0``, ``"0"``, ``"0.0"`` are equal.

        Raises
        ------
        UsageError
            If the key is not there, or the value is another one.
        """
        value = self._value(key)
        if value is None:
            return math.nan
        text = _plain(value)
        if text not in (no, yes):
            raise self._error(f"{key!r} is {_told(value)}, expected {no} or {yes}")
        return float(text == yes)

    def level(self, key: str, levels: Sequence[str], unknown: str = "") -> str | None:
        """Return one of the documented levels, or None where it is missing or ``unknown``.

        Raises
        ------
        UsageError
            If the key is not there, or the value is another one.
        """
        value = self._value(key)
        if value is None or value == unknown:
            return None
        text = _plain(value)
        if text not in levels:
            raise self._error(f"{key!r} is {_told(value)}, expected one of {', '.join(levels)}")
        return text

    def months(self, key: str) -> float:
        """Return the time to event or censoring, > 0.

        Raises
        ------
        UsageError
            If it is missing, no number, or not between 0 and 600 months.
        """
        time = self.number(key, 0, 600)
        if not time > 0:
            raise self._error(f"{key!r} is {_told(self.values[key])}, expected months > 0")
        return time

    def event(self, key: str) -> bool:
        """Return whether the event was observed.

        Raises
        ------
        UsageError
            If it is missing, or neither 0 nor 1.
        """
        flag = self.flag(key)
        if math.isnan(flag):
            raise self._error(f"{key!r} is {_told(self.values[key])}, expected 0 or 1")
        return flag == 1

    def has(self, key: str) -> bool:
        """Return whether the file has a key at all."""
        return key in self.values

    def _value(self, key: str) -> Any:
        """Return a value, None where it is missing."""
        if key not in self.values:
            raise self._error(f"the key {key!r} is missing")
        value = self.values[key]
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise self._error(f"{key!r} is {_KINDS.get(type(value)) or json.dumps(value)}, expected a number or a text")
        return None if _plain(value) in MISSING else value

    def _number(self, key: str, value: str | float, low: float, high: float) -> float:
        try:
            number = float(value)
        except (ValueError, OverflowError):
            raise self._error(f"{key!r} is {_told(value)}, expected a number") from None
        if not low <= number <= high:
            raise self._error(f"{key!r} is {_told(value)}, which is impossible: expected {low:g} to {high:g}")
        return number

    def _error(self, problem: str) -> UsageError:
        return UsageError(f"{self.path}: patient {self.patient}: {problem}")


def read_clinical(patient: str, path: Path) -> ClinicalRecord:
    """Read the clinical file of a patient.

    Raises
    ------
    UsageError
        If the file is missing, not JSON, or not one object; it names file and patient.
    """
    return ClinicalRecord(patient, path, read_object(patient, path))


def read_object(patient: str, path: Path) -> dict[str, Any]:
    """Read one JSON object of a patient; errors as of ``read_clinical``."""
    where = f"{path}: patient {patient}"
    if not path.exists():
        raise UsageError(f"{where}: the file is missing")
    with told_in_one_line(where):
        content = read_plain(path, MOST_BYTES)
    with told_in_one_line(where, "not valid JSON"):
        values = json.loads(content, object_pairs_hook=_unique)
    if not isinstance(values, dict):
        raise UsageError(f"{path}: patient {patient}: expected one JSON object")
    return values


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its pairs; the json module would keep the last of two equal keys without a word."""
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f"the key {key[:_LONGEST_TOLD]!r} stands twice")
        values[key] = value
    return values


def _told(value: str | float) -> str:
    """Return a value as it stands in the file, the end of a long one cut off."""
    return repr(value[:_LONGEST_TOLD]) if isinstance(value, str) else repr(value)[:_LONGEST_TOLD]


def _plain(value: str | float) -> str:
    """Return a value as text in one form: 1, 1.0, "1" and "1.0" are all ``1``."""
    text = value.strip() if isinstance(value, str) else repr(value)
    return text.removesuffix(".0")
