"""Reading of stored JSON that anybody may have made: of a size and of the form that it must have."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from benchmarks.types import Cell, Record, Tuning
from benchmarks.types.canonical import canonical_json

# The most bytes of a file of JSON: scores of a cell with many variants have some 100 KiB.
MOST_BYTES = 2**26

# What a cell without failure tells the seconds of, and the file that it has.
SECONDS = ("fit", "predict", "total")

_RECORD = TypeAdapter(Record)
_FILE_NAME = re.compile(r"\w[\w.-]{0,99}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_EXTRA_DATA = {"dataset", "asked", "modalities", "sha256"}


def read_json(path: Path) -> Any:
    """Return the content of a file of JSON.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    ValueError
        If it is no file, too large, not JSON, too deep, or holds a number that is not finite or beyond 64 bits.
    OSError
        If it cannot be read.
    """
    size = path.stat().st_size
    if not path.is_file() or size > MOST_BYTES:
        raise ValueError("no file, or too large")
    try:
        return json.loads(path.read_bytes(), parse_constant=_refuse_constant, parse_int=_int)
    except RecursionError:
        raise ValueError("nested too deep") from None


def record_of(content: Mapping[str, Any]) -> Record:
    """Return the record that the content of its file stands for.

    Raises
    ------
    ValueError
        If it has a key too many or too few, or a value of another type.
    """
    cell = content.get("cell")
    if not isinstance(cell, Mapping):
        raise ValueError("it has no cell")
    for values, known in ((content, Record), (cell, Cell)):
        unknown = sorted({*values} - {f.name for f in fields(known)})
        if unknown:
            raise ValueError(f"unknown: {', '.join(unknown)}")
    record = _RECORD.validate_json(canonical_json(content), strict=True)
    _check_cell(record.cell)
    for name, checksum in record.files.items():
        if not _FILE_NAME.fullmatch(name) or not _SHA256.fullmatch(checksum):
            raise ValueError(f"files: {name[:100]!r} is no file with its checksum")
    timed = record.status == "ok" and not record.cell.external
    if timed and (lacking := [name for name in SECONDS if name not in record.seconds]):
        raise ValueError(f"no seconds of {', '.join(lacking)}")
    return record


def _check_cell(cell: Cell) -> None:
    if cell.folds < 1 or not 0 <= cell.fold < cell.folds or cell.repeat < 0 or cell.seed < 0:
        raise ValueError(f"fold {cell.fold} of {cell.folds}, repeat {cell.repeat}, seed {cell.seed}")
    if cell.tuning:
        try:
            Tuning.of(cell.tuning)
        except (KeyError, TypeError) as error:
            raise ValueError(f"tuning: {error}") from None
    if cell.extra_data and {*cell.extra_data} != _EXTRA_DATA:
        raise ValueError("extra_data of another form")


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _int(digits: str) -> int:
    value = int(digits) if len(digits) <= 20 else 2**64
    if not -(2**63) <= value < 2**63:
        raise ValueError("a whole number of more than 64 bits")
    return value
