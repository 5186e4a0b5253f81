"""The trials of a study as lines of a file: each is there as soon as it is over, and a killed study goes on."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, Field

from benchmarks.atomic_write import write_atomically

TrialState: TypeAlias = Literal["complete", "pruned", "failed", "timeout"]
TRIAL_STATES: tuple[TrialState, ...] = get_args(TrialState)

# Names of the files in the folder of a study. The seconds are apart: they alone differ between runs.
TRIALS = "trials.jsonl"
SECONDS = "trial_seconds.jsonl"
# What Optuna's dashboard opens, and what says which trial was chosen.
JOURNAL = "study.journal"
CHOSEN = "study.json"
STUDY_FILES = (TRIALS, SECONDS, JOURNAL, CHOSEN)

Whole: TypeAlias = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Number: TypeAlias = Annotated[float, Field(allow_inf_nan=False)]
Setting: TypeAlias = bool | Whole | Number | str | None
Place: TypeAlias = Annotated[int, Field(ge=0, lt=2**31)]


class _Line(BaseModel):
    """A line of ``TRIALS``."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    number: Place
    state: TrialState
    settings: dict[str, Setting]
    values: list[Number]
    cause: str
    reported: list[tuple[Whole, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialResult:
    """What became of a trial.

    Parameters
    ----------
    number : int
        Counted from 0, the settings that were given.
    state : {"complete", "pruned", "failed", "timeout"}
        How it ended.
    settings : mapping
        What was drawn; of trial 0 what would be drawn, as it was given.
    values : tuple of float
        Of the objective's measures; empty unless complete.
    cause : str
        Why it is not complete.
    reported : sequence of (int, float)
        Epochs with their validation loss as the pruner saw them, of the first network of a fit; empty without one.
    """

    number: int
    state: TrialState
    settings: Mapping[str, Any]
    values: tuple[float, ...] = ()
    cause: str = ""
    reported: Sequence[tuple[int, float]] = ()

    def as_line(self) -> str:
        """Return a line of JSON."""
        return json.dumps(asdict(self), sort_keys=True, allow_nan=False)

    @classmethod
    def of_line(cls, line: str | bytes) -> "TrialResult":
        """Read what ``as_line`` returned; a ``ValueError`` if it is of another form (pydantic's)."""
        read = _Line.model_validate_json(line)
        if (read.state == "complete") != bool(read.values):
            raise ValueError("a trial has values if it is complete")
        return cls(
            number=read.number,
            state=read.state,
            settings=read.settings,
            values=tuple(read.values),
            cause=read.cause,
            reported=tuple(read.reported),
        )


class TrialLog:
    """The trials of a study in a folder.

    Parameters
    ----------
    folder : Path
        Of the study; it is made if there is none.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        lines = zip(_whole_lines(folder / TRIALS), _whole_lines(folder / SECONDS), strict=False)
        self.trials: list[TrialResult] = []
        self.seconds: list[float] = []
        for number, (line, seconds) in enumerate(lines):
            try:
                trial, took = TrialResult.of_line(line), float(seconds)
            except ValueError:
                break
            if trial.number != number or not 0 <= took < math.inf:
                break
            self.trials.append(trial)
            self.seconds.append(took)
        # What a crash left behind the last whole trial goes.
        _rewrite(folder / TRIALS, [trial.as_line() for trial in self.trials])
        _rewrite(folder / SECONDS, [repr(took) for took in self.seconds])

    def add(self, trial: TrialResult, seconds: float) -> None:
        """Keep a trial; it is on the disk when this returns."""
        _append(self.folder / TRIALS, trial.as_line())
        _append(self.folder / SECONDS, repr(seconds))
        self.trials.append(trial)
        self.seconds.append(seconds)


def _whole_lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    *lines, _ = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return lines


def _rewrite(path: Path, lines: Sequence[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    write_atomically(path, text.encode())


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())
