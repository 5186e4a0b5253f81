"""What is stored of a finished study, read as it may have been written by anybody."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from benchmarks.plain_text import one_line
from benchmarks.tuning.trials import CHOSEN, TRIALS, Place, Setting, TrialResult

# The most bytes of a file: some kilobytes a trial, where a pruner is told of many epochs.
MOST_BYTES = 2**26
_LONGEST_PROBLEM = 300

_Read = TypeVar("_Read")


class _Chosen(BaseModel):
    """``CHOSEN``."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    chosen: Place
    settings: dict[str, Setting]
    tuning: dict[str, Setting | list[str]]


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
    found = _told(path, _Chosen.model_validate_json, _content(path))
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
        trial = _told(path, TrialResult.of_line, line)
        if trial.number != number:
            raise ValueError(f"{path} is no list of trials: line {number + 1} does not follow from those before it")
        trials.append(trial)
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


def _told(path: Path, read: Callable[[bytes], _Read], content: bytes) -> _Read:
    """Return what is read; a ValueError that names the file if it is of another form."""
    try:
        return read(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        told = ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))
    except ValueError as error:
        told = str(error)
    raise ValueError(f"{path} is of another form: {one_line(told, _LONGEST_PROBLEM)}")
