"""Brier score and concordance over time, several rows of one dataset in one figure."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure

import metrics
from benchmarks.storage.store import Store
from benchmarks.types import FloatArray
from leaderboards.boards.candidates import Candidate
from leaderboards.figures.folds import FoldCurves, curves_of
from leaderboards.figures.style import QUIET, look_of, named, new_figure, say

# Points of a curve. Its first is left out: before anything happened there is nothing to score.
POINTS = 30


def draw_over_time(store: Store, rows: Sequence[Candidate], dataset: str, time_unit: str) -> Figure:
    """Draw the Brier score at each time, and C-td of the pairs whose earlier time is before it; means over the folds.

    The dashed line is the Kaplan-Meier curve of the training patients. A fold that leaves a value undefined (no
    comparable pair so early, say) leaves a gap at that time, for every row alike.

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
    figure = new_figure(4.4, 9.6)
    brier, c_td = figure.subplots(1, 2)
    drawn = 0
    for row in rows:
        folds = [of_fold for of_fold in curves_of(store, row) if of_fold.prediction.survival is not None]
        if not folds:
            continue
        at = np.linspace(0, folds[0].times[-1], POINTS + 1)[1:]
        if drawn == 0:
            brier.plot(
                at,
                _mean(folds, at, _marginal_brier),
                color="black",
                linestyle=(0, (1, 1)),
                linewidth=1,
                label="Kaplan-Meier",
            )
            brier.set_xlim(0, at[-1])
            c_td.set_xlim(0, at[-1])
        brier.plot(at, _mean(folds, at, _brier), linewidth=1.3, label=named(row.name), **look_of(drawn))
        c_td.plot(at, _mean(folds, at, _c_td), linewidth=1.3, label=named(row.name), **look_of(drawn))
        drawn += 1
    c_td.axhline(0.5, color=QUIET, linewidth=0.8)
    brier.set(title="Brier score", xlabel=f"time ({time_unit})", ylabel="Brier score, lower is better")
    c_td.set(
        title="time-dependent concordance",
        xlabel=f"pairs whose earlier time is before ({time_unit})",
        ylabel="C-td, higher is better",
    )
    brier.set_ylim(bottom=0)
    for axes in (brier, c_td):
        axes.spines[["top", "right"]].set_visible(False)
        if not drawn:
            say(axes, "no row has curves")
    if drawn:
        handles, labels = brier.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(3, len(labels)), frameon=False)
    figure.suptitle(f"{dataset}: mean of the test folds", x=0.01, ha="left", fontsize=10)
    return figure


def _mean(
    folds: Sequence[FoldCurves], at: FloatArray, value: Callable[[FoldCurves, FloatArray], FloatArray]
) -> FloatArray:
    values: FloatArray = np.mean([value(of_fold, at) for of_fold in folds], axis=0)
    return values


def _brier(of_fold: FoldCurves, at: FloatArray) -> FloatArray:
    assert of_fold.prediction.survival is not None
    return _brier_of(of_fold, of_fold.prediction.times, of_fold.prediction.survival, at)


def _marginal_brier(of_fold: FoldCurves, at: FloatArray) -> FloatArray:
    curve = metrics.kaplan_meier(of_fold.train.time, of_fold.train.event).at(of_fold.times)
    return _brier_of(of_fold, of_fold.times, np.tile(curve, (len(of_fold.prediction), 1)), at)


def _brier_of(of_fold: FoldCurves, times: FloatArray, survival: FloatArray, at: FloatArray) -> FloatArray:
    values = np.full(len(at), np.nan)
    for place, time in enumerate(at):
        try:
            values[place] = metrics.brier_score(of_fold.outcome, times, survival, at=[time]).value[0]
        except metrics.UndefinedError:
            continue
    return values


def _c_td(of_fold: FoldCurves, at: FloatArray) -> FloatArray:
    values = np.full(len(at), np.nan)
    prediction = of_fold.prediction
    assert prediction.survival is not None
    for place, time in enumerate(at):
        try:
            values[place] = metrics.concordance_index_td(
                of_fold.outcome, prediction.times, prediction.survival, tau=time, strata=of_fold.patients.strata
            ).value
        except metrics.UndefinedError:
            continue
    return values


def shown_rows(rows: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the best rows that fit into one figure, and clinical-only Cox, whatever its rank."""
    from leaderboards.boards.gains import is_reference

    best = list(rows[:most])
    return best + [row for row in rows[most:] if is_reference(row)][:1]
