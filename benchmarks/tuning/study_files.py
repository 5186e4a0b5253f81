"""What is stored of a finished study, read as it may have been written by anybody."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from benchmarks.plain_text import one_line
from benchmarks.tuning.trials import CHOSEN, TRIALS, TrialResult, TrialState

# The most bytes of a file: some kilobytes a trial, where a pruner is told of many epochs.
MOST_BYTES = 2**26
_LONGEST_PROBLEM = 300

_Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_Setting = bool | _Whole | _Number | str | None
_Place = Annotated[int, Field(ge=0, lt=2**31)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Trial(_Part):
    number: _Place
    state: TrialState
    settings: dict[str, _Setting]
    values: list[_Number]
    cause: str
    reported: list[tuple[_Whole, float]]


class _Chosen(_Part):
    chosen: _Place
    settings: dict[str, _Setting]
    tuning: dict[str, _Setting | list[str]]


_TRIAL, _CHOSEN = TypeAdapter(_Trial), TypeAdapter(_Chosen)


@dataclass(frozen=True, slots=True)
class StudyOfCell:
    """The trials of a finished cell, and the number of the one whose settings it has."""

    trials: list[TrialResult]
    chosen: int


def read_study(folder: Path, tuning: Mapping[str, Any] | None = None) -> StudyOfCell:
    """Read the study of a finished cell.

    Parameters
    ----------
    folder : Path
        Of the cell.
    tuning : mapping, optional
        ``Cell.tuning``, which the study must have been made for.

    Raises
    ------
    FileNotFoundError
        If the cell was not tuned.
    ValueError
        If a file is of another form, or the two do not fit each other; it names the file.
    """
    trials = read_trials(folder)
    path = folder / CHOSEN
    found = _validated(path, _CHOSEN, _content(path))
    if found.chosen >= len(trials) or trials[found.chosen].state != "complete":
        raise ValueError(f"{path} names trial {found.chosen}, which is no complete one of {len(trials)}")
    if found.settings != trials[found.chosen].settings:
        raise ValueError(f"{path} has other settings than trial {found.chosen} of {TRIALS}")
    if tuning is not None and found.tuning != {**tuning, "fixed": list(tuning["fixed"])}:
        raise ValueError(f"{path} is of another tuning than the cell")
    return StudyOfCell(trials, found.chosen)


def read_trials(folder: Path) -> list[TrialResult]:
    """Return the trials of a finished cell; errors as of ``read_study``."""
    path = folder / TRIALS
    trials = []
    for number, line in enumerate(_content(path).splitlines()):
        trial = _validated(path, _TRIAL, line)
        if trial.number != number or (trial.state == "complete") != bool(trial.values):
            raise ValueError(f"{path} is no list of trials: line {number + 1} does not follow from those before it")
        trials.append(
            TrialResult(
                number=trial.number,
                state=trial.state,
                settings=trial.settings,
                values=tuple(trial.values),
                cause=trial.cause,
                reported=tuple(trial.reported),
            )
        )
    if not trials:
        raise ValueError(f"{path} holds no trial")
    return trials


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES or not path.is_file():
            raise ValueError(f"{path} is no file, or too large")
        return path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None


def _validated(path: Path, form: TypeAdapter[Any], content: bytes) -> Any:
    try:
        return form.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        told = ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))
        raise ValueError(f"{path} is of another form: {one_line(told, _LONGEST_PROBLEM)}") from None
