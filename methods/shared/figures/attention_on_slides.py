"""The attention drawn over the slides of the patients of highest and lowest risk."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure
from scipy.spatial import cKDTree

from benchmarks.types import FloatArray, Prediction
from methods.shared.training.attention_on_slides import SLIDE, SLIDE_ATTENTION, SLIDE_X, SLIDE_Y


def draw_slides(prediction: Prediction, title: str, path: Path) -> list[Path]:
    """Draw x and y of each instance, coloured by the percentile of its attention; the highest risk first.

    Parameters
    ----------
    prediction : Prediction
        With the states of ``methods.shared.training.attention_on_slides``, if the places were known.
    title : str
        Above the figure.
    path : Path
        The PNG file.

    Returns
    -------
    list of Path
        The file; none where the places of no patient's instances were known.
    """
    if SLIDE not in prediction.states:
        return []
    kept = np.flatnonzero(prediction.states[SLIDE][:, 0] > 0)
    rows = kept[np.argsort(-prediction.risk[kept], kind="stable")]
    figure = Figure(figsize=(3.4 * len(rows) + 1, 4.2), layout="constrained")
    axes = figure.subplots(1, len(rows), squeeze=False)[0]
    drawn = [(axis, _slide(axis, prediction, int(row))) for axis, row in zip(axes, rows, strict=True)]
    figure.draw_without_rendering()
    for axis, points in drawn:
        _fit_squares(axis, points)
    figure.colorbar(drawn[-1][1], ax=[*axes], label="attention, percentile of the patient's instances")
    figure.suptitle(
        f"{title}; where the attention lies at the highest and lowest risks", x=0.02, ha="left", fontsize=12
    )
    figure.savefig(path, dpi=130)
    return [path]


def _slide(axis: Axes, prediction: Prediction, row: int) -> PathCollection:
    places, percentile = _instances(prediction, row)
    number, slides, share = prediction.states[SLIDE][row]
    points = axis.scatter(
        places[:, 0], places[:, 1], c=100 * percentile, cmap="viridis", vmin=0, vmax=100, marker="s", lw=0
    )
    rank = 1 + int((prediction.risk > prediction.risk[row]).sum())
    of_slides = f"slide {number:.0f} of {slides:.0f}, {share:.0%} of the attention\n" if slides > 1 else ""
    axis.set_title(
        f"risk {prediction.risk[row]:.2f}, place {rank} of {len(prediction)}\n{of_slides}{len(places)} instances",
        fontsize=10,
    )
    # As on the slide: y runs downwards.
    axis.set(aspect="equal", xticks=[], yticks=[])
    axis.margins(0.05)
    axis.invert_yaxis()
    return points


def _fit_squares(axis: Axes, points: PathCollection) -> None:
    """Make each square as wide as the instances are apart."""
    places = np.asarray(points.get_offsets(), dtype=np.float64)
    if len(places) < 2:
        return
    nearest: FloatArray = np.asarray(cKDTree(places).query(places, k=2)[0])
    apart = float(np.median(nearest[:, 1]))
    ends: FloatArray = np.asarray(axis.transData.transform(np.array([[0.0, 0.0], [apart, 0.0]])))
    points.set_sizes([max(1.0, abs(ends[1, 0] - ends[0, 0]) * 72 / axis.figure.dpi) ** 2])


def _instances(prediction: Prediction, row: int) -> tuple[FloatArray, FloatArray]:
    """Return x and y of a patient's instances, shape (k, 2), and the percentile of each one's attention, (k,)."""
    x, y, percentile = (
        np.asarray(prediction.states[name][row], dtype=np.float64) for name in (SLIDE_X, SLIDE_Y, SLIDE_ATTENTION)
    )
    there = percentile >= 0
    return np.column_stack([x[there], y[there]]), percentile[there]
