"""Which gene families look at which instances, and which tokens count."""

from pathlib import Path

from benchmarks.types import Cell, PredictedPart
from methods.shared.figures.token_cell import draw_token_cell

WEIGHTS = {
    "gene_pool": ("Weights of the gene tokens", "weight (dashed: even)"),
    "slide_pool": ("Weights of the slide tokens", "weight (dashed: even)"),
}


def draw(cell: Cell, test: PredictedPart, folder: Path) -> list[Path]:
    """Draw the attention of the families and the weights of the pools; see ``draw_token_cell``."""
    return draw_token_cell(cell, test, folder, WEIGHTS)
