"""The file of stored answers that anybody can write: a line for each patient, horizon and model."""

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.errors import UsageError

NEEDED = ("patient", "months", "probability")
SUFFIXES = (".jsonl", ".csv")
# Digits of a checksum that stand for the content of a file in a setting.
SHORT = 12


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of the file.

    Parameters
    ----------
    patient : str
        Identifier, as the dataset has it.
    months : float
        Horizon, above 0.
    probability : float or str
        Probability to live beyond it, in [0, 1]; or why there is none: "refused" (nothing stands there), "unparseable"
        (no number), "out_of_range" (below 0 or above 100 %).
    rationale : str
        Why; may be empty.
    model : str
        Who said it; may be empty.
    """

    patient: str
    months: float
    probability: float | str
    rationale: str
    model: str


def pinned_file(path: str) -> str:
    """Return a path with the checksum of the content behind it, as settings keep it: ``answers.csv@0a1b2c3d4e5f``.

    A result hangs on its settings, so a file whose content changes must change them too. What has a checksum stays.

    Raises
    ------
    UsageError
        If there is no such file.
    """
    place, at, checksum = path.rpartition("@")
    return path if at and place and len(checksum) >= SHORT else f"{path}@{_checksum(_content(path))}"


def read_statements(path: str) -> list[Statement]:
    """Return the lines of a ``.jsonl`` or ``.csv`` file of stored answers.

    Parameters
    ----------
    path : str
        Of the file, with or without ``@`` and the checksum of its content. Each line has ``patient``, ``months`` and
        ``probability`` ("0.82" or "82%"), and may have ``rationale`` and ``model``.

    Raises
    ------
    UsageError
        If there is no such file, its content is another one, it has no line, or a line is broken: no JSON object, a
        missing column, no patient, months that are no number above 0. It names the line.
    """
    place, at, checksum = path.rpartition("@")
    if not (at and place and len(checksum) >= SHORT):
        place, checksum = path, ""
    content = _content(place)
    if checksum and _checksum(content) != checksum:
        raise UsageError(
            f"{place} has the checksum {_checksum(content)}, not {checksum}: it has changed; leave out @{checksum} to "
            "take it as it is"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{place} is not written in UTF-8") from None
    lines = _json_lines(place, text) if place.endswith(".jsonl") else _csv_lines(place, text)
    statements = [_statement(f"{place}, line {number}", line) for number, line in lines]
    if not statements:
        raise UsageError(f"{place} has no answer: write a line with {', '.join(NEEDED)} for each")
    return statements


def probability_of(value: Any) -> float | str:
    """Return a written probability, or why it is none: "0.82", 0.82 and "82%" are 0.82, 82 is out of range."""
    written = "" if value is None else str(value).strip()
    if not written or written.lower() in ("nan", "none", "null", "refused"):
        return "refused"
    if isinstance(value, bool):
        return "unparseable"
    share = 100.0 if written.endswith("%") else 1.0
    try:
        number = float(written.removesuffix("%")) / share
    except ValueError:
        return "unparseable"
    return number if 0 <= number <= 1 else "out_of_range"


def _content(place: str) -> bytes:
    if not place.endswith(SUFFIXES):
        raise UsageError(f"{place!r} is no file of stored answers: its name must end in {' or '.join(SUFFIXES)}")
    try:
        return Path(place).expanduser().read_bytes()
    except OSError as error:
        raise UsageError(f"the stored answers {place} cannot be read: {error.strerror}") from None


def _checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:SHORT]


def _json_lines(place: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except ValueError:
            raise UsageError(f"{place}, line {number} is no JSON") from None
        if not isinstance(found, dict):
            raise UsageError(f"{place}, line {number} is no JSON object")
        yield number, found


def _csv_lines(place: str, text: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text))
    for line in reader:
        if None in line:
            raise UsageError(f"{place}, line {reader.line_num} has more values than columns")
        yield reader.line_num, line


def _statement(where: str, line: Mapping[str, Any]) -> Statement:
    missing = [name for name in NEEDED if name not in line]
    if missing:
        raise UsageError(f"{where} has no {missing[0]!r}; it must have {', '.join(NEEDED)}")
    patient = str(line["patient"] or "").strip()
    if not patient:
        raise UsageError(f"{where} names no patient")
    try:
        months = float(line["months"])
    except (TypeError, ValueError):
        months = math.nan
    if not 0 < months < math.inf:
        raise UsageError(f"{where}: months is {line['months']!r}, it must be a number above 0")
    rationale, model = (str(line.get(name) or "").strip() for name in ("rationale", "model"))
    return Statement(patient, months, probability_of(line["probability"]), rationale, model)
