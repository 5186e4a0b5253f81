"""What a cell's process says: how it ended, and its progress. Read as it may have been written by the method itself."""

import json
import os
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

# A report is some hundred bytes and at most twenty-odd warnings; nothing longer is read.
LONGEST_LINE = 2**20
LONGEST_CAUSE = 500

_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=0, lt=2**63)]


class Report(BaseModel):
    """How a cell's process ended.

    Parameters
    ----------
    status, cause, seconds, warnings, excluded
        As ``Record`` has them.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    status: Literal["ok", "failed", "out_of_memory"]
    cause: Annotated[str, Field(max_length=LONGEST_CAUSE)] = ""
    seconds: dict[str, _Seconds] = {}
    warnings: dict[str, _Count] = {}
    excluded: _Count = 0


class Progress(BaseModel):
    """Validation score of an epoch; a score may be infinite or NaN."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    epoch: Annotated[int, Field(ge=-(2**63), lt=2**63)]
    value: float


class Reports:
    """Writes lines into a pipe; the end that the cell's process has.

    Parameters
    ----------
    descriptor : int
        Where to write.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def progress(self, epoch: int, value: float) -> None:
        """Tell the validation score of an epoch."""
        self._send({"epoch": int(epoch), "value": float(value)})

    def end(self, report: Report) -> None:
        """Tell how the cell ended."""
        self._send(report.model_dump())

    def _send(self, message: dict[str, Any]) -> None:
        line = json.dumps(message).encode() + b"\n"
        while line:
            line = line[os.write(self._descriptor, line) :]


class Inbox:
    """Reads the lines of ``Reports``.

    Parameters
    ----------
    descriptor : int
        Where to read; it need not have anything.

    Attributes
    ----------
    open : bool
        Whether more can come.
    report : Report or None
        How the cell ended, once that has come.
    problem : str
        What is wrong with what came; the first such thing.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self.descriptor = descriptor
        self.open = True
        self.report: Report | None = None
        self.problem = ""
        self._rest = b""

    def read(self) -> list[Progress]:
        """Read what has come; return the progress in it."""
        found = []
        while self.open:
            try:
                part = os.read(self.descriptor, 2**16)
            except BlockingIOError:
                break
            self.open = bool(part)
            *lines, self._rest = (self._rest + part).split(b"\n")
            found += [progress for line in lines if (progress := self._line(line)) is not None]
            if len(self._rest) > LONGEST_LINE:
                self.problem = self.problem or f"a line of more than {LONGEST_LINE} bytes"
                self._rest = b""
        return found

    def _line(self, line: bytes) -> Progress | None:
        try:
            message = json.loads(line)
            if isinstance(message, dict) and "epoch" in message:
                return Progress.model_validate(message)
            if self.report is not None:
                raise ValueError("a second report")
            self.report = Report.model_validate(message)
        except (ValueError, RecursionError) as error:
            self.problem = self.problem or _told(error)
        return None


def _told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'a line'}: {first['msg']}"
    return "a line that is no JSON" if isinstance(error, json.JSONDecodeError) else str(error) or "too deep a line"
