"""Options that several verbs share, and the headings under which the help lists options."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.comma_list import comma_list
from benchmarks.errors import UsageError

# The console script of pyproject.toml.
COMMAND = "survival-benchmarks"

# Headings of the help.
WHAT = "What to run"
SPLITS = "Splits"
DATA = "Data"
LIMITS = "Limits of a cell"
AGAIN = "What is stored already"
WHICH = "Which cells"
OUTPUT = "Output"


def _folder(option: str) -> Callable[[str], Path]:
    """Return what reads a folder's name; an empty one, of a variable that is not set, say, is not this folder."""

    def read(text: str) -> Path:
        if not str(text):
            raise UsageError(f"{option} '': the name of a folder is needed; . is the one you are in")
        return Path(text)

    return read


Results = Annotated[
    Path,
    typer.Option(
        "--results",
        help="Folder of the results.",
        envvar="BENCHMARKS_RESULTS",
        rich_help_panel=OUTPUT,
        parser=_folder("--results"),
        metavar="PATH",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.", rich_help_panel=OUTPUT)]
DataRoot = Annotated[
    Path | None,
    typer.Option(
        "--data-root",
        help="Folder of patient data.",
        envvar="BENCHMARKS_DATA",
        rich_help_panel=DATA,
        parser=_folder("--data-root"),
        metavar="PATH",
    ),
]
Wide = Annotated[
    bool, typer.Option("--wide", help="Print all columns, however wide the table gets.", rich_help_panel=OUTPUT)
]
KindOfSplit = Annotated[
    str,
    typer.Option(
        "--split",
        help="stratified: drawn by the suite; published: the dataset's folds; or a grouping of the dataset, such as "
        "site, of which one group at a time is left out.",
        rich_help_panel=SPLITS,
    ),
]
DEFAULT_RESULTS = Path("results")

MOST_JOBS = 1000
# What 64 bits address.
MOST_MEMORY = 2.0**63

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def check_jobs(jobs: int) -> None:
    """Refuse a number of cells side by side that no machine runs: each gets its share of the memory."""
    if jobs < 1:
        raise UsageError(f"--jobs {jobs}: at least 1 is needed")
    if jobs > MOST_JOBS:
        raise UsageError(f"--jobs: at most {MOST_JOBS:,} cells side by side")


def use_data_root(folder: Path | None) -> None:
    """Make a folder the data root of this process and of those it starts."""
    if folder is None:
        return
    if not folder.is_dir():
        raise UsageError(f"--data-root {folder}: no such folder (the variable BENCHMARKS_DATA sets it, too)")
    os.environ["BENCHMARKS_DATA"] = str(folder.resolve())


def fold_numbers(text: str) -> list[int]:
    """Return the folds of a text such as ``0,2``, in order."""
    names = comma_list(text, "fold")
    for name in names:
        if not (name.isdecimal() and len(name) < 6):
            raise UsageError(f"--fold {text}: expected numbers such as 0,2")
    return sorted({int(name) for name in names})


def parse_bytes(text: str) -> int:
    """Return the bytes of a text such as ``800M`` or ``2.5GiB``; units are powers of 1024."""
    match = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([KMGT]?)(?:I?B)?\s*", text.upper())
    size = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not 1 <= size < MOST_MEMORY:
        raise UsageError(f"--memory {text[:40] or repr('')}: expected a size such as 800M or 2.5G")
    return int(size)
