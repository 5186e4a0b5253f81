"""What every conversion of a downloaded table needs: refuse what is not as expected, write whole or not at all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.atomic_write import replacing
from benchmarks.errors import UsageError


class WrongContentError(UsageError):
    """A downloaded file is damaged, or not what was expected under its address."""


def write_table(frame: pd.DataFrame, made: Path) -> None:
    """Write a gzipped table, whole or not at all."""
    try:
        made.parent.mkdir(parents=True, exist_ok=True)
        with replacing(made) as unfinished:
            # No time in the header: the same table is the same file.
            frame.to_csv(unfinished, index=False, compression={"method": "gzip", "mtime": 0})
    except OSError as error:
        raise UsageError(f"{made}: cannot be written: {error.strerror or error}") from None


def require_columns(path: Path, frame: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse a table that lacks a column."""
    for name in names:
        if name not in frame:
            raise WrongContentError(
                f"{path}: there is no column {name}; it has {', '.join(map(str, frame.columns[:6]))}"
            )


def require_unique(path: Path, keys: "pd.Series[Any]") -> None:
    """Refuse a table in which a key stands more than once."""
    doubled = keys[keys.duplicated()]
    if len(doubled):
        raise WrongContentError(f"{path}: {doubled.iloc[0]} stands there twice")


def first_line(error: Exception) -> str:
    """Return the first line of an error's text."""
    return (str(error).splitlines() or [type(error).__name__])[0]
