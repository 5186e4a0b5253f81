"""Which modality counts for which patient, and which attends to which."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Cell, FloatArray, PredictedPart


def draw(cell: Cell, test: PredictedPart, folder: Path) -> list[Path]:
    """Draw the gate weights of the test patients and the mean attention between modalities.

    Parameters
    ----------
    cell : Cell
        What was run.
    test : PredictedPart
        The test patients and their predictions.
    folder : Path
        Where the PNG file goes.

    Returns
    -------
    list of Path
        The file.

    Raises
    ------
    UsageError
        If the fusion of the cell has no weights.
    """
    states = test.predictions[MAIN].states
    if "gate" not in states:
        raise UsageError(f"fusion={cell.config['fusion']} has no weights of modalities to draw")
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="notebook")
    names = list(cell.modalities)
    attention = states.get("attention")
    figure = Figure(figsize=(11 if attention is not None else 5.5, 4.6), layout="constrained")
    axes = figure.subplots(1, 2 if attention is not None else 1, squeeze=False)[0]
    _gate(axes[0], np.asarray(states["gate"], dtype=np.float64), names)
    if attention is not None:
        _attention(axes[1], np.asarray(attention, dtype=np.float64).reshape(-1, len(names), len(names)), names)
    figure.suptitle(f"{cell.label}: {len(test.ids)} test patients", x=0.02, ha="left", fontsize=12)
    path = folder / "modalities.png"
    figure.savefig(path, dpi=130)
    return [path]


def _gate(axis: Axes, gate: FloatArray, names: list[str]) -> None:
    """Show the weights of those who have the modality; a weight of exactly 0 is a missing one."""
    weights = [gate[gate[:, m] > 0, m] for m in range(len(names))]
    places = range(len(names))
    axis.boxplot(weights, positions=places, orientation="horizontal", widths=0.6, showfliers=False)
    for place, of_modality in zip(places, weights, strict=True):
        # Patients beside each other, in the order of their weights, so that they do not hide each other.
        offsets = 0.18 * np.sin(np.arange(len(of_modality)) * 2.4)
        axis.scatter(np.sort(of_modality), place + offsets, s=6, color="C0", alpha=0.5, linewidths=0)
    axis.invert_yaxis()
    axis.set(title="Weight of each modality", xlabel="gate weight (sum over modalities 1)", ylabel="", xlim=(0, 1))
    counts = (gate > 0).sum(axis=0)
    axis.set_yticks(places, [f"{name} (n = {n})" for name, n in zip(names, counts.tolist(), strict=True)])
    sns.despine(ax=axis)


def _attention(axis: Axes, attention: FloatArray, names: list[str]) -> None:
    """Show the mean attention over the patients whose modality asks."""
    asks = attention.sum(axis=2) > 0
    counts = np.maximum(asks.sum(axis=0), 1)[:, None]
    mean = attention.sum(axis=0) / counts
    sns.heatmap(
        mean,
        vmin=0,
        vmax=1,
        annot=True,
        fmt=".2f",
        cmap="Blues",
        xticklabels=names,
        yticklabels=names,
        mask=np.eye(len(names), dtype=bool) & (mean == 0),
        cbar=False,
        square=True,
        ax=axis,
    )
    axis.set(title="Who attends to whom (mean over patients and heads)", xlabel="attended to", ylabel="attends")
