"""What each pair contributes to the risk, which time a risk is mapped to, where the attention goes."""

from itertools import combinations
from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.types import MAIN, Cell, FloatArray, PredictedPart, Prediction
from methods.abmil_bilinear.rank_map import mean_absolute_error, tied_pairs
from methods.shared.figures.attention import draw_evenness, draw_top_shares, has_attention
from methods.shared.figures.attention_on_slides import draw_slides


def draw(cell: Cell, test: PredictedPart, folder: Path) -> list[Path]:
    """Draw contributions and mapped times of the test patients, and the attention to the bag if there is one.

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
    """
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="notebook")
    prediction = test.predictions[MAIN]
    title = f"{cell.label}: {len(test.ids)} test patients"
    figure = Figure(figsize=(12, 4.8), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1.3, 1))
    _contributions(left, prediction, _names(cell))
    _mapped_times(right, test, prediction)
    paths = [_saved(figure, title, folder / "contributions.png")]
    if has_attention(prediction):
        figure = Figure(figsize=(11, 4.6), layout="constrained")
        left, right = figure.subplots(1, 2)
        draw_evenness(left, prediction)
        draw_top_shares(right, prediction)
        paths.append(_saved(figure, title, folder / "attention.png"))
        paths += draw_slides(prediction, title, folder / "attention_on_slides.png")
    return paths


def _names(cell: Cell) -> list[str]:
    """Return the modalities in the order of the network: the bag, then the others."""
    bag = str(cell.config["bag"])
    return sorted(cell.modalities, key=lambda name: (name != bag, name))


def contributions(prediction: Prediction, names: list[str]) -> dict[str, FloatArray]:
    """Return what adds up to the risk by name, each of shape (n,): of pairs, of all together, of single modalities.

    Parts that are 0 for everybody are left out.
    """
    pairs = [f"{one} x {other}" for one, other in combinations(names, 2)]
    labels = {"pairs": pairs, "together": ["all together"], "singles": [f"{name} alone, or missing" for name in names]}
    found = {}
    for state, of_state in labels.items():
        if state in prediction.states:
            values = np.asarray(prediction.states[state], dtype=np.float64)
            found.update({label: values[:, k] for k, label in enumerate(of_state) if values[:, k].any()})
    return found


def _contributions(axis: Axes, prediction: Prediction, names: list[str]) -> None:
    """Show the contributions less their means, so that their spread is what tells patients apart."""
    parts = contributions(prediction, names)
    centred = {name: values - values.mean() for name, values in parts.items()}
    spread = {f"{name}\n(sd {values.std():.2f})": values for name, values in centred.items()}
    sns.stripplot(spread, orient="h", color="0.5", size=3, alpha=0.6, ax=axis)
    quartiles = np.array([np.percentile(values, [25, 50, 75]) for values in spread.values()])
    for place, (lower, middle, upper) in enumerate(quartiles):
        axis.plot([lower, upper], [place, place], color="C0", linewidth=4, alpha=0.7, solid_capstyle="butt")
        axis.plot(middle, place, marker="o", color="C0")
    axis.axvline(0, color="0.6", linewidth=1)
    axis.set(title=f"What the risk consists of (sd {prediction.risk.std():.2f})", ylabel="")
    axis.set(xlabel="contribution to the log hazard ratio, less its mean")
    sns.despine(ax=axis)


def _mapped_times(axis: Axes, test: PredictedPart, prediction: Prediction) -> None:
    """Show mapped against observed times, with how many different ones there are."""
    mapped = np.asarray(prediction.states["mapped_time"], dtype=np.float64)[:, 0]
    event = test.outcome.event
    for name, chosen, colour in (("event", event, "C3"), ("censored", ~event, "0.6")):
        axis.scatter(test.outcome.time[chosen], mapped[chosen], s=14, color=colour, label=name, alpha=0.8)
    top = float(max(test.outcome.time.max(), mapped.max()))
    axis.plot([0, top], [0, top], color="0.45", linestyle="--", linewidth=1)
    error = mean_absolute_error(mapped, test.outcome)
    said = "no event" if error is None else f"mean absolute error of the events {error:.3g}"
    ties = f"{tied_pairs(mapped):.0%} of the pairs tied"
    axis.set(title=f"Rank map: {len(np.unique(mapped))} different times of {len(mapped)}, {ties}\n{said}")
    axis.set(xlabel="observed time", ylabel="time by the rank of the risk")
    axis.legend(frameon=False)
    sns.despine(ax=axis)


def _saved(figure: Figure, title: str, path: Path) -> Path:
    figure.suptitle(title, x=0.02, ha="left", fontsize=12)
    figure.savefig(path, dpi=130)
    return path
