"""Where the encoder's heads look in a note, and how right the probabilities at a horizon are."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.metrics import average_precision_score

import metrics
from benchmarks.errors import UsageError
from benchmarks.types import MAIN, BoolArray, Cell, FloatArray, Outcome, PredictedPart, Prediction

# Patients whose attention is drawn: those of lowest and of highest risk who have a note.
PATIENTS = 4
# Groups of predicted probability, in which the observed one is estimated.
GROUPS = 5


def draw(cell: Cell, test: PredictedPart, folder: Path) -> list[Path]:
    """Draw attention to a few patients' notes, and the probabilities at the horizon, as far as a cell has them.

    A word is told by where it stands in its note: a results folder holds no text.

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

    Raises
    ------
    UsageError
        If the cell has neither.
    """
    prediction = test.predictions[MAIN]
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="notebook")
    drawn = {}
    if "word_starts" in prediction.states and (prediction.states["word_starts"] >= 0).any():
        drawn["attention.png"] = _attention(prediction)
    if "event_probability" in prediction.states:
        drawn["horizon.png"] = _horizon(prediction, test.outcome)
    if not drawn:
        raise UsageError("only cells with attention=true or loss=bce have figures of their own")
    for name, figure in drawn.items():
        figure.suptitle(f"{cell.label}: {len(test.ids)} test patients", x=0.02, ha="left", fontsize=12)
        figure.savefig(folder / name, dpi=130)
    return [folder / name for name in drawn]


def _attention(prediction: Prediction) -> Figure:
    starts = np.asarray(prediction.states["word_starts"], dtype=np.int64)
    ends = np.asarray(prediction.states["word_ends"], dtype=np.int64)
    own = np.asarray(prediction.states["own_tokens_weight"], dtype=np.float64)
    weights = np.asarray(prediction.states["word_weights"], dtype=np.float64)
    weights = weights.reshape(len(weights), starts.shape[1], own.shape[1])
    chosen = _extremes(prediction.risk, starts[:, 0] >= 0)
    figure = Figure(figsize=(11, 2.6 * len(chosen) + 0.8), layout="constrained")
    for axis, row in zip(figure.subplots(len(chosen), 1, squeeze=False)[:, 0], chosen, strict=True):
        there = starts[row] >= 0
        # In the order of the note.
        order = np.flatnonzero(there)[np.argsort(starts[row][there], kind="stable")]
        names = [f"{starts[row, k]}-{ends[row, k]}" for k in order]
        sns.heatmap(weights[row, order].T, xticklabels=names, cmap="Blues", vmin=0, ax=axis)
        elsewhere = f"{own[row].mean():.0%} of the attention is to the encoder's own tokens"
        axis.set(title=f"risk {prediction.risk[row]:.2f}; {elsewhere}")
        axis.set(xlabel="characters of the note at which the word stands", ylabel="head")
    return figure


def _extremes(risk: FloatArray, there: BoolArray) -> list[int]:
    """Return the rows of lowest and of highest risk among those that are there."""
    rows = np.flatnonzero(there)
    order = rows[np.argsort(risk[rows], kind="stable")]
    few = min(PATIENTS, len(order))
    return [int(row) for row in [*order[: few // 2], *order[len(order) - (few - few // 2) :]]]


def _horizon(prediction: Prediction, outcome: Outcome) -> Figure:
    figure = Figure(figsize=(5.6, 5.2), layout="constrained")
    axis = figure.subplots()
    horizon = prediction.diagnostics["horizon"]
    probability = np.asarray(prediction.states["event_probability"], dtype=np.float64)[:, 0]
    _observed(axis, probability, outcome, horizon)
    axis.set(title=_scores(prediction.risk, probability, outcome, horizon))
    axis.set(xlabel=f"predicted probability of the event up to {horizon:g}", ylabel="observed (Kaplan-Meier)")
    axis.set(xlim=(0, 1), ylim=(0, 1))
    sns.despine(figure)
    return figure


def _observed(axis: Axes, probability: FloatArray, outcome: Outcome, horizon: float) -> None:
    """Show, in groups of predicted probability, the observed one against the mean predicted one."""
    axis.plot([0, 1], [0, 1], color="0.6", linewidth=1)
    for rows in np.array_split(np.argsort(probability, kind="stable"), min(GROUPS, len(probability))):
        survived = metrics.kaplan_meier(outcome.time[rows], outcome.event[rows]).at(np.array([horizon]))
        axis.plot(probability[rows].mean(), 1 - survived[0], "o", color="C0")
    axis.plot(probability, np.full(len(probability), 0.01), "|", color="C0", alpha=0.5)


def _scores(risk: FloatArray, probability: FloatArray, outcome: Outcome, horizon: float) -> str:
    """Return areas under ROC and precision-recall curve and the Brier score at the horizon.

    They are weighted by the inverse probability of censoring among the test patients themselves.
    """
    prepared = metrics.PreparedOutcome(outcome.time, outcome.event, outcome.time, outcome.event, horizon)
    times, curves = np.array([0.0, horizon]), np.stack([np.ones(len(risk)), 1 - probability], axis=1)
    try:
        area = float(metrics.cumulative_dynamic_auc(prepared, risk, at=[horizon]))
        brier = float(metrics.brier_score(prepared, times, curves, at=[horizon]))
    except metrics.UndefinedError as error:
        return f"no score at the horizon: {error}"
    happened = outcome.event & (outcome.time <= horizon)
    known = happened | (outcome.time > horizon)
    uncensored = metrics.censoring_distribution(outcome.time, outcome.event)
    seen = np.where(happened, uncensored.before(outcome.time), uncensored.at(horizon))
    precision = average_precision_score(happened[known], risk[known], sample_weight=1 / seen[known])
    return f"AUC {area:.3f}, precision-recall {precision:.3f}, Brier {brier:.3f}"
