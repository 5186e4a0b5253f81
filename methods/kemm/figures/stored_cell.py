"""Which regions and which groups of genes each sentence of report and knowledge looks at."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Cell, FloatArray, PredictedPart, Prediction
from methods.kemm.inputs import GENES_OF, LOOKED_AT
from methods.shared.figures.attention import has_attention
from methods.shared.figures.token_attention import draw_weights
from methods.shared.figures.token_cell import draw_token_cell

# Sentences of an unrefined report that a figure shows, and groups of genes.
MOST = 30


def draw(cell: Cell, test: PredictedPart, folder: Path) -> list[Path]:
    """Draw where the sentences look on the slides and among the genes.

    Returns
    -------
    list of Path
        As of ``draw_token_cell`` if test patients have a bag, and ``genes.png`` if they have genes.

    Raises
    ------
    UsageError
        If nothing looks at anything.
    """
    prediction = test.predictions[MAIN]
    paths = draw_token_cell(cell, test, folder, {}) if has_attention(prediction) else []
    if any(name.startswith(GENES_OF) for name in prediction.states):
        paths.append(_draw_genes(cell, test, folder / "genes.png"))
    if not paths:
        raise UsageError("no test patient has a bag or genes that a sentence looks at")
    return paths


def _draw_genes(cell: Cell, test: PredictedPart, path: Path) -> Path:
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="notebook")
    prediction = test.predictions[MAIN]
    sentences, genes = _names(prediction, GENES_OF), _names(prediction, LOOKED_AT)
    figure = Figure(figsize=(15, 3 + 0.25 * min(MOST, len(sentences))), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[3, 2])
    _draw_mean_weights(left, prediction, sentences, genes)
    looked_at = np.concatenate([prediction.states[LOOKED_AT + name] for name in genes], axis=1)
    title = "How much all sentences look at a group"
    draw_weights(right, np.asarray(looked_at, dtype=np.float64), genes, title, "weight (dashed: even)")
    figure.suptitle(f"{cell.label}: {len(test.ids)} test patients", x=0.02, ha="left", fontsize=12)
    figure.savefig(path, dpi=130)
    return path


def _draw_mean_weights(axis: Axes, prediction: Prediction, sentences: list[str], genes: list[str]) -> None:
    """Show the mean weight of each group for each sentence, as a multiple of an even weight."""
    mean = np.stack([_mean_of_asking(prediction.states[GENES_OF + name].astype(np.float64)) for name in sentences])
    # Of many groups those whose weights differ most between sentences.
    columns = np.sort(np.argsort(-np.nanstd(mean, axis=0), kind="stable")[:MOST])
    sns.heatmap(
        (mean * len(genes))[:MOST, columns],
        cmap="viridis",
        xticklabels=[genes[column] for column in columns],
        yticklabels=sentences[:MOST],
        cbar_kws={"label": "weight / even weight"},
        ax=axis,
    )
    axis.tick_params(labelsize=8)
    axis.set(title="Which groups of genes each sentence looks at")


def _mean_of_asking(weights: FloatArray) -> FloatArray:
    """Return the mean weights, shape (G,), of the patients who have the sentence and genes; NaN if nobody has."""
    asking = weights.any(axis=1)
    return weights[asking].mean(axis=0) if asking.any() else np.full(weights.shape[1], np.nan)


def _names(prediction: Prediction, prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in prediction.states if name.startswith(prefix)]
