"""The map of hidden states, coloured by the teacher's risk."""

from pathlib import Path

import seaborn as sns
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from scipy.stats import rankdata

from benchmarks.types import Float32Array, FloatArray
from methods.cox_text_generation.figures.geometry import NEIGHBOURS, LatentGeometry, latent_geometry

PALETTE = "viridis"


def draw_latent_map(
    states: Float32Array, untrained: Float32Array, risk: FloatArray, path: Path, *, title: str = ""
) -> tuple[LatentGeometry, LatentGeometry]:
    """Draw the trained model's map beside that of the untrained one, each with its numbers.

    Parameters
    ----------
    states, untrained : arrays, shape (n, d)
        Hidden states of the same patients in the trained and in the untrained model.
    risk : array, shape (n,)
        The teacher's risk; the colour is its rank, so that a few extreme patients do not take the whole scale.
    path : Path
        Where to write; the suffix names the format.
    title : str
        Above both maps.

    Returns
    -------
    tuple of two LatentGeometry
        Of the trained and of the untrained model.
    """
    shares = rankdata(risk) / len(risk)
    found = latent_geometry(states, risk), latent_geometry(untrained, risk)
    sns.set_theme(style="white", context="notebook")
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    axes = figure.subplots(1, 2)
    for axis, name, geometry in zip(axes, ("trained", "untrained (control)"), found, strict=True):
        axis.scatter(*geometry.points.T, c=shares, cmap=PALETTE, vmin=0, vmax=1, s=34, edgecolor="white", linewidth=0.4)
        axis.set(xticks=[], yticks=[], aspect="equal", box_aspect=1)
        axis.set_adjustable("datalim")
        axis.set_title(name, fontsize=12, loc="left", weight="bold")
        axis.set_xlabel(_numbers(geometry), fontsize=10.5)
        sns.despine(ax=axis, left=True, bottom=True)
    scale = figure.colorbar(ScalarMappable(Normalize(0, 1), PALETTE), ax=list(axes), shrink=0.75, pad=0.02)
    scale.set_label("teacher's risk, as a share of the patients below", fontsize=10.5)
    scale.set_ticks([0, 0.25, 0.5, 0.75, 1])
    heading = f"Hidden state at the question for the risk, t-SNE, {len(risk)} patients not trained on"
    figure.suptitle(f"{title}\n{heading}" if title else heading, fontsize=12)
    figure.savefig(path, dpi=150)
    return found


def _numbers(geometry: LatentGeometry) -> str:
    return (
        f"risk in the raw state: $R^2$ of {NEIGHBOURS} neighbours {geometry.neighbour_r2:.2f},\n"
        f"of a ridge probe {geometry.probe_r2:.2f}; trustworthiness of the map {geometry.trustworthiness:.3f}"
    )
