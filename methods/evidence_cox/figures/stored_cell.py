"""Which block says what: what each adds to the risk of every test patient."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.types import MAIN, Cell, FloatArray, PredictedPart, Prediction

# As the method writes it; to import it would make the method's cells stale with this file.
CONTRIBUTION = "contribution: "


def draw(cell: Cell, test: PredictedPart, folder: Path) -> list[Path]:
    """Draw the contributions of the blocks: their spread, and how they add up from the lowest risk to the highest.

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
    """
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="notebook")
    prediction = test.predictions[MAIN]
    parts = contributions(prediction)
    figure = Figure(figsize=(12, 4.8), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.3))
    _spread(left, parts, prediction)
    _stacked(right, parts, prediction)
    figure.suptitle(f"{cell.label}: {len(test.ids)} test patients", x=0.02, ha="left", fontsize=12)
    path = folder / "contributions.png"
    figure.savefig(path, dpi=130)
    return [path]


def contributions(prediction: Prediction) -> dict[str, FloatArray]:
    """Return what each block adds to the risk by its name, less the mean, each of shape (n,)."""
    found = {}
    for state, values in prediction.states.items():
        if state.startswith(CONTRIBUTION):
            column = np.asarray(values, dtype=np.float64)[:, 0]
            found[state.removeprefix(CONTRIBUTION)] = column - column.mean()
    return found


def _spread(axis: Axes, parts: dict[str, FloatArray], prediction: Prediction) -> None:
    told = {f"{name}\n(sd {values.std():.2f})": values for name, values in parts.items()}
    sns.stripplot(told, orient="h", color="0.5", size=3, alpha=0.6, ax=axis)
    axis.axvline(0, color="0.6", linewidth=1)
    axis.set(title=f"What the risk consists of (sd {prediction.risk.std():.2f})", ylabel="")
    axis.set(xlabel="contribution to the log hazard ratio, less its mean")
    sns.despine(ax=axis)


def _stacked(axis: Axes, parts: dict[str, FloatArray], prediction: Prediction) -> None:
    """Stack what raises the risk above 0 and what lowers it below, patients by rising risk."""
    order = np.argsort(prediction.risk, kind="stable")
    places = np.arange(len(order))
    above, below = np.zeros(len(order)), np.zeros(len(order))
    colours = sns.color_palette("colorblind", len(parts))
    for colour, (name, values) in zip(colours, parts.items(), strict=True):
        sorted_values = values[order]
        base = np.where(sorted_values >= 0, above, below)
        axis.bar(places, sorted_values, bottom=base, width=1.0, color=colour, linewidth=0, label=name)
        above += np.maximum(sorted_values, 0)
        below += np.minimum(sorted_values, 0)
    axis.plot(places, prediction.risk[order] - prediction.risk.mean(), color="black", linewidth=1.5, label="risk")
    axis.set(title="Patients from the lowest risk to the highest", xlabel="patient", ylabel="log hazard ratio")
    axis.legend(frameon=False, fontsize=9)
    sns.despine(ax=axis)
