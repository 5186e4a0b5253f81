"""What is said of figures that were drawn."""

from collections.abc import Sequence
from pathlib import Path

from benchmarks.commandline.literal import tell


def tell_files(paths: Sequence[Path]) -> None:
    """Name the files on standard error, one line a figure; standard output is the table's."""
    for path in paths:
        if path.suffix == ".pdf":
            tell(f"drawn: {path} and .png", stderr=True)
