"""Where the attention goes."""

from pathlib import Path

import matplotlib as mpl
import seaborn as sns
from matplotlib.figure import Figure

from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Cell, PredictedPart
from methods.shared.figures.attention import draw_evenness, draw_top_shares, has_attention
from methods.shared.figures.attention_on_slides import draw_slides


def draw(cell: Cell, test: PredictedPart, folder: Path) -> list[Path]:
    """Draw how even the attention of each test patient is, and the share of the most attended instances.

    And the attention over slides, where the places of the instances are known.

    Parameters
    ----------
    cell : Cell
        What was run.
    test : PredictedPart
        The test patients and their predictions.
    folder : Path
        Where the PNG files go.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    UsageError
        If no test patient has a bag.
    """
    prediction = test.predictions[MAIN]
    if not has_attention(prediction):
        raise UsageError(f"no test patient has a bag ({cell.config['bag']})")
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="notebook")
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_evenness(left, prediction)
    draw_top_shares(right, prediction)
    sns.despine(figure)
    title = f"{cell.label}: {len(test.ids)} test patients"
    figure.suptitle(title, x=0.02, ha="left", fontsize=12)
    path = folder / "attention.png"
    figure.savefig(path, dpi=130)
    return [path, *draw_slides(prediction, title, folder / "attention_on_slides.png")]
