"""The figures of a stored cell whose tokens of genes look at a bag."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure

from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Cell, PredictedPart
from methods.shared.figures.attention import draw_evenness, draw_top_shares, has_attention
from methods.shared.figures.token_attention import (
    draw_chosen_instances,
    draw_evenness_of_tokens,
    draw_weights,
    examples,
    instance_counts,
    least_even,
)
from methods.shared.training.token_attention_record import attention_of_tokens


def draw_token_cell(cell: Cell, test: PredictedPart, folder: Path, weights: dict[str, tuple[str, str]]) -> list[Path]:
    """Draw how even the attention of tokens is, what states weigh tokens, and what three patients' tokens look at.

    Parameters
    ----------
    cell : Cell
        What was run.
    test : PredictedPart
        The test patients and their predictions.
    folder : Path
        Where the PNG files go.
    weights : dict of str to tuple of two str
        States of one weight a token, with the title and the x label of their panel.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    UsageError
        If no test patient has a bag that tokens look at.
    """
    prediction = test.predictions[MAIN]
    if not has_attention(prediction):
        raise UsageError(f"no test patient has a bag ({cell.config['bag']}) that genes look at")
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="notebook")
    title = f"{cell.label}: {len(test.ids)} test patients"
    tokens, counts = attention_of_tokens(prediction.states), instance_counts(prediction)
    shown = {name: tokens[name] for name in least_even(tokens, counts)}
    height = 2.5 + 0.16 * len(shown)

    figure = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_evenness(left, prediction)
    draw_top_shares(right, prediction)
    sns.despine(figure)
    paths = [_saved(figure, title, folder / "attention.png")]

    figure = Figure(figsize=(5.5 * (1 + len(weights)), height), layout="constrained")
    first, *others = figure.subplots(1, 1 + len(weights), squeeze=False)[0]
    draw_evenness_of_tokens(first, tokens, counts)
    for axis, (state, (heading, label)) in zip(others, weights.items(), strict=True):
        draw_weights(axis, np.asarray(prediction.states[state], dtype=np.float64), list(tokens), heading, label)
    paths.append(_saved(figure, title, folder / "tokens.png"))

    figure = Figure(figsize=(16, height), layout="constrained")
    patients = examples(prediction, counts)
    for axis, (which, row) in zip(figure.subplots(1, len(patients)), patients.items(), strict=True):
        draw_chosen_instances(axis, shown, counts, row, which)
    paths.append(_saved(figure, f"{title}; blank: not among a token's three", folder / "chosen_instances.png"))
    return paths


def _saved(figure: Figure, title: str, path: Path) -> Path:
    figure.suptitle(title, x=0.02, ha="left", fontsize=12)
    figure.savefig(path, dpi=130)
    return path
