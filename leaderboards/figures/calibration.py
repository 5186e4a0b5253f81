"""Calibration at the horizon of several rows of one dataset, a panel each."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import metrics
from benchmarks.storage.store import Store
from benchmarks.types import FloatArray, Outcome
from leaderboards.boards.candidates import Candidate
from leaderboards.figures.folds import FoldCurves, curves_of
from leaderboards.figures.style import COLOURS, QUIET, named, new_figure, say

COLUMNS = 4
GROUPS = 5


def draw_calibration(store: Store, rows: Sequence[Candidate], dataset: str, time_unit: str) -> Figure:
    """Draw observed against predicted probability of an event by the horizon, out-of-fold predictions together.

    The line is smoothed (hazard regression on restricted cubic splines, as of ICI), points are groups of predicted
    probability with their Kaplan-Meier estimate and its 95 % interval, the grey histogram says where predictions are.

    Parameters
    ----------
    store : Store
        Where the predictions are.
    rows : sequence of Candidate
        Complete rows of the dataset.
    dataset, time_unit : str
        For the titles.

    Raises
    ------
    UsageError
        If a file is damaged.
    """
    columns = min(COLUMNS, max(1, len(rows)))
    lines = math.ceil(max(1, len(rows)) / columns)
    figure = new_figure(0.6 + 2.3 * lines, 0.4 + 2.3 * columns)
    panels = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False).ravel()
    horizon = ""
    for axes, row in zip(panels, rows, strict=False):
        axes.set_title(named(row.name, 34), fontsize=7.5)
        folds = [of_fold for of_fold in curves_of(store, row) if of_fold.prediction.survival is not None]
        if folds:
            horizon = f" by {folds[0].times[-1]:g} {time_unit}"
            _draw_panel(axes, folds)
        else:
            say(axes, "no curves")
    for axes in panels[len(rows) :]:
        axes.set_axis_off()
    for axes in panels[max(0, len(rows) - columns) : len(rows)]:
        axes.tick_params(labelbottom=True)  # the lowest of its column
    for axes in panels:
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    figure.supxlabel(f"predicted probability of an event{horizon}", fontsize=8.5)
    figure.supylabel("observed", fontsize=8.5)
    figure.suptitle(f"{dataset}: calibration, test patients of all folds", x=0.01, ha="left", fontsize=10)
    return figure


def _draw_panel(axes: Axes, folds: Sequence[FoldCurves]) -> None:
    at = float(folds[0].times[-1])
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.8, linestyle="--")
    outcome = Outcome(
        np.concatenate([of_fold.patients.outcome.time for of_fold in folds]),
        np.concatenate([of_fold.patients.outcome.event for of_fold in folds]),
    )
    # Kaplan-Meier within groups needs no censoring weights: nobody's training patients are asked for.
    prepared = metrics.PreparedOutcome(None, None, outcome.time, outcome.event, at)
    survival = np.concatenate([_at_horizon(of_fold, at) for of_fold in folds])[:, None]
    grid = np.array([0.0, at])
    curves = np.hstack([np.ones_like(survival), survival])
    try:
        groups = metrics.km_calibration(prepared, grid, curves, at=at, bins=GROUPS)
    except metrics.UndefinedError as error:
        say(axes, str(error))
        return
    counts, edges = np.histogram(1 - survival, bins=40, range=(0, 1))
    axes.bar(edges[:-1], 0.18 * counts / counts.max(), width=np.diff(edges), align="edge", color="0.85", linewidth=0)
    errors = np.clip(np.stack([groups.observed - groups.lower, groups.upper - groups.observed]), 0, None)
    axes.errorbar(
        groups.predicted,
        groups.observed,
        yerr=errors,
        fmt="o",
        color=COLOURS[1],
        markersize=3.5,
        capsize=2,
        linewidth=0.9,
    )
    try:
        index = metrics.integrated_calibration_index(prepared, grid, curves, at=at)
    except metrics.UndefinedError:
        return  # the same predicted of everybody, say: the points alone
    order = np.argsort(index.predicted)
    axes.plot(index.predicted[order], index.observed[order], color=COLOURS[0], linewidth=1.3)


def _at_horizon(of_fold: FoldCurves, at: float) -> FloatArray:
    prediction = of_fold.prediction
    assert prediction.survival is not None
    return metrics.interpolate_steps(prediction.times, prediction.survival, [at])[:, 0]
