"""Which pathways look at which instances, and which pathways the instances look at."""

from pathlib import Path

from benchmarks.types import Cell, PredictedPart
from methods.shared.figures.token_cell import draw_token_cell

WEIGHTS = {"to_pathways": ("Which pathways instances look at", "mean attention (dashed: even)")}


def draw(cell: Cell, test: PredictedPart, folder: Path) -> list[Path]:
    """Draw the attention of pathways to instances, and of instances to pathways; see ``draw_token_cell``."""
    return draw_token_cell(cell, test, folder, WEIGHTS)
