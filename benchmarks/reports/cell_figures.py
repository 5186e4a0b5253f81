"""Figures of one stored cell: how it is calibrated, when it is wrong, whom it tells apart."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from lifelines.statistics import multivariate_logrank_test
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import metrics
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.evaluation import prepare
from benchmarks.types import FloatArray, Outcome, PredictedPart, Prediction, StoredPredictions

# What a page shows, in words.
SHOWS = "calibration, Brier score, concordance, risk groups"

RISK_GROUPS = ("low", "middle", "high")
CALIBRATION_GROUPS = 5
TIMES_OF_C_TD = 25
REFERENCE = "0.45"


def draw_cell(
    stored: StoredPredictions, protocol: EvaluationProtocol, title: str, time_unit: str, folder: Path
) -> list[Path]:
    """Draw one page of four figures for each variant of a cell's test predictions.

    Calibration at the horizon, Brier score over time beside the training patients' Kaplan-Meier curve, time-dependent
    concordance up to each time, and Kaplan-Meier curves by thirds of the risk with the log-rank test. What cannot be
    computed is said in its place.

    Parameters
    ----------
    stored : StoredPredictions
        Of the cell.
    protocol : EvaluationProtocol
        Of its dataset.
    title : str
        What the cell is.
    time_unit : str
        Unit of the time axes.
    folder : Path
        Where the PNG files go.

    Returns
    -------
    list of Path
        The files, one a variant.
    """
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="notebook", font_scale=0.9)
    part = stored.parts["test"]
    prepared = prepare(protocol, stored.train, part.outcome)
    paths = []
    for variant, prediction in part.predictions.items():
        figure = Figure(figsize=(11, 8.5), layout="constrained")
        axes = figure.subplots(2, 2)
        figure.suptitle(
            f"{title}{f' ({variant})' if variant else ''}: {len(part.ids)} test patients", x=0.02, ha="left"
        )
        _calibration(axes[0, 0], prepared, protocol, prediction, time_unit)
        _brier(axes[0, 1], prepared, stored.train, protocol, prediction, time_unit)
        _concordance_over_time(axes[1, 0], prepared, protocol, part, prediction, time_unit)
        _risk_groups(axes[1, 1], part, prediction, protocol, time_unit)
        sns.despine(figure)
        path = folder / f"figures{f'-{variant}' if variant else ''}.png"
        figure.savefig(path, dpi=110)
        paths.append(path)
    return paths


def _calibration(
    axes: Axes, prepared: metrics.PreparedOutcome, protocol: EvaluationProtocol, prediction: Prediction, unit: str
) -> None:
    axes.set(
        title="Calibration at the horizon", xlabel=f"predicted probability of an event by {protocol.horizon:g} {unit}"
    )
    axes.set(ylabel="observed (Kaplan-Meier)", xlim=(0, 1), ylim=(0, 1))
    axes.plot([0, 1], [0, 1], color=REFERENCE, linewidth=1, linestyle="--")
    if prediction.survival is None:
        _say(axes, "the method has no curves")
        return
    try:
        groups = metrics.km_calibration(
            prepared, prediction.times, prediction.survival, at=protocol.horizon, bins=CALIBRATION_GROUPS
        )
        index = metrics.integrated_calibration_index(
            prepared, prediction.times, prediction.survival, at=protocol.horizon
        )
    except metrics.UndefinedError as error:
        _say(axes, str(error))
        return
    order = np.argsort(index.predicted)
    axes.plot(index.predicted[order], index.observed[order], color="C0", label=f"smoothed, ICI {index.value:z.3f}")
    errors = np.clip(np.stack([groups.observed - groups.lower, groups.upper - groups.observed]), 0, None)
    axes.errorbar(
        groups.predicted, groups.observed, yerr=errors, fmt="o", color="C1", capsize=3, label="groups, 95 % interval"
    )
    axes.legend(frameon=False, loc="upper left")


def _brier(
    axes: Axes,
    prepared: metrics.PreparedOutcome,
    train: Outcome,
    protocol: EvaluationProtocol,
    prediction: Prediction,
    unit: str,
) -> None:
    axes.set(title="Brier score over time", xlabel=f"time ({unit})", ylabel="Brier score", xlim=(0, protocol.horizon))
    if prediction.survival is None:
        _say(axes, "the method has no curves")
        return
    curve = metrics.kaplan_meier(train.time, train.event)
    reference = np.tile(curve.at(protocol.times), (len(prediction), 1))
    at = protocol.times[1:]
    try:
        own = metrics.brier_score(prepared, prediction.times, prediction.survival, at=at)
        marginal = metrics.brier_score(prepared, protocol.times, reference, at=at)
        integrated = metrics.integrated_brier_score(
            prepared, prediction.times, prediction.survival, grid=protocol.times
        )
    except metrics.UndefinedError as error:
        _say(axes, str(error))
        return
    axes.plot(at, marginal.value, color=REFERENCE, linestyle="--", label="Kaplan-Meier of the training patients")
    axes.plot(at, own.value, color="C0", label=f"method, IBS {integrated.value:z.3f}")
    if own.interval is not None:
        axes.fill_between(at, *own.interval, color="C0", alpha=0.15, linewidth=0)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, loc="upper left")


def _concordance_over_time(
    axes: Axes,
    prepared: metrics.PreparedOutcome,
    protocol: EvaluationProtocol,
    part: PredictedPart,
    prediction: Prediction,
    unit: str,
) -> None:
    axes.set(title="Time-dependent concordance", xlabel=f"pairs whose earlier time is before ({unit})", ylabel="C-td")
    axes.axhline(0.5, color=REFERENCE, linewidth=1, linestyle="--")
    if prediction.survival is None:
        _say(axes, "the method has no curves")
        return
    points: list[tuple[float, float, float, float]] = []
    for tau in np.linspace(0, protocol.horizon, TIMES_OF_C_TD + 1)[1:]:
        try:
            c_td = metrics.concordance_index_td(
                prepared, prediction.times, prediction.survival, tau=tau, strata=part.strata
            )
        except metrics.UndefinedError:
            continue  # no comparable pair so early; the curve starts later
        points.append((tau, c_td.value, *(c_td.interval or (c_td.value, c_td.value))))
    if not points:
        _say(axes, "no comparable pair before the horizon")
        return
    taken, values, lows, highs = np.array(points).T
    axes.plot(taken, values, color="C0")
    axes.fill_between(taken, lows, highs, color="C0", alpha=0.15, linewidth=0)
    axes.set(xlim=(0, protocol.horizon), ylim=(0, 1))


def _risk_groups(
    axes: Axes, part: PredictedPart, prediction: Prediction, protocol: EvaluationProtocol, unit: str
) -> None:
    axes.set(title="Observed survival by thirds of the risk", xlabel=f"time ({unit})", ylabel="survival")
    axes.set(xlim=(0, protocol.horizon), ylim=(0, 1.02))
    edges = np.quantile(prediction.risk, [1 / 3, 2 / 3])
    group = np.searchsorted(edges, prediction.risk, side="left")
    outcome = part.outcome
    for number, name in enumerate(RISK_GROUPS):
        rows = np.flatnonzero(group == number)
        if rows.size:
            knots, survival = _steps(outcome.take(rows), protocol.horizon)
            events = int(outcome.event[rows].sum())
            label = f"{name}: {rows.size} patients, {events} events"
            axes.step(knots, survival, where="post", color=sns.color_palette("flare", 3)[number], label=label)
    if len(np.unique(group)) > 1:
        test = multivariate_logrank_test(outcome.time, group, outcome.event)
        axes.plot([], [], " ", label=f"log-rank p = {test.p_value:.2g}")
    else:
        axes.plot([], [], " ", label="all risks are equal")
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2, fontsize="small", columnspacing=1)


def _steps(outcome: Outcome, horizon: float) -> tuple[FloatArray, FloatArray]:
    curve = metrics.kaplan_meier(outcome.time, outcome.event)
    knots = np.concatenate([[0.0], curve.times[curve.times <= horizon]])
    return knots, np.concatenate([[1.0], curve.survival[curve.times <= horizon]])


def _say(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", wrap=True, color=REFERENCE)
