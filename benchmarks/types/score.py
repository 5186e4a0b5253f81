"""Scores: one measure of one prediction, and everything a scored cell holds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any, Literal, TypeAlias

from pydantic import TypeAdapter

Status: TypeAlias = Literal["defined", "undefined", "not applicable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One measure of one prediction.

    Parameters
    ----------
    status : {"defined", "undefined", "not applicable"}
        Undefined: the data do not allow it (no comparable pair, say). Not applicable: the method has no curves.
    value : float or None
        The number; None unless the measure is defined.
    standard_error, low, high : float or None
        Standard error and 95 % interval by the influence of the patients, where there are such; a value at the end of
        its range (a concordance of 1) has no interval.
    reason : str
        Why there is no number.
    counts : tuple of float
        Patients per bin, of a test that is made of all test parts together; empty of every other measure.
    events : int
        How many of these patients have the event.

    Raises
    ------
    ValueError
        If a defined measure has no finite value, or another one has a value.
    """

    status: Status
    value: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    counts: tuple[float, ...] = ()
    events: int = 0

    def __post_init__(self) -> None:
        if (self.value is None) == (self.status == "defined"):
            raise ValueError(f"a measure that is {self.status} has the value {self.value}")
        if self.value is not None and not isfinite(self.value):
            raise ValueError(f"the value is {self.value}: a measure is a finite number, or undefined with a reason")

    @classmethod
    def of(
        cls, value: float, standard_error: float | None = None, interval: tuple[float, float] | None = None
    ) -> "Score":
        """Return a defined score."""
        low, high = interval or (None, None)
        return cls(status="defined", value=value, standard_error=standard_error, low=low, high=high)

    @classmethod
    def undefined(cls, reason: str) -> "Score":
        """Return a score that the data do not allow."""
        return cls(status="undefined", reason=reason)

    @classmethod
    def not_applicable(cls, reason: str) -> "Score":
        """Return a score that the method or the dataset cannot have."""
        return cls(status="not applicable", reason=reason)


# By measure.
Scores: TypeAlias = Mapping[str, Score]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellScores:
    """All scores of a cell, with what they were computed from.

    Parameters
    ----------
    protocol : str
        Id of the evaluation protocol.
    predictions, influence : str
        sha256 of the file of predictions that was scored, and of the file of influence that was written with them.
    variants : mapping of str to mapping of str to mapping of str to Score
        By variant (``MAIN`` is the main prediction), part (``test``, ``validation``) and measure.
    """

    protocol: str
    predictions: str
    influence: str
    variants: Mapping[str, Mapping[str, Scores]]

    def of_part(self, part: str) -> dict[str, Scores]:
        """Return the scores of one part by variant and measure."""
        return {variant: parts[part] for variant, parts in self.variants.items()}

    def as_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> "CellScores":
        """Make the scores from what ``as_json`` returned.

        Raises
        ------
        ValueError
            If they are not of that form.
        """
        return _CELL_SCORES.validate_python(values)


_CELL_SCORES = TypeAdapter(CellScores)
