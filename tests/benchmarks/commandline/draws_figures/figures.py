"""The figure of the method: a text file stands in for a picture."""

from pathlib import Path

from benchmarks.types import MAIN, Cell, PredictedPart


def draw(cell: Cell, test: PredictedPart, folder: Path) -> list[Path]:
    """Write the method and the number of test patients."""
    path = folder / "risks.txt"
    path.write_text(f"{cell.method}: {len(test.predictions[MAIN])} risks")
    return [path]
