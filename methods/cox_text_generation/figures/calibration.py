"""Predicted against observed probability of an event by the horizon, student beside teacher."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import fill

import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import metrics
from benchmarks.types import Outcome, Prediction

# About 19 events in a test part of ACTG 320: more groups than these would show noise.
GROUPS = 5


def draw_calibration(outcome: Outcome, predictions: Mapping[str, Prediction], path: Path, *, title: str = "") -> None:
    """Draw a panel for each prediction: groups of predicted risk against Kaplan-Meier, and the smoothed curve.

    Parameters
    ----------
    outcome : Outcome
        Of n patients.
    predictions : mapping of str to Prediction
        Of the same patients, with curves; the horizon is the end of their grid.
    path : Path
        Where to write; the suffix names the format.
    title : str
        Above all panels.
    """
    sns.set_theme(style="ticks", context="notebook")
    figure = Figure(figsize=(4.1 * len(predictions) + 0.4, 5.0), layout="constrained")
    panels = figure.subplots(1, len(predictions), squeeze=False, sharex=True, sharey=True)[0]
    for axis, (name, prediction) in zip(panels, predictions.items(), strict=True):
        _panel(axis, name, outcome, prediction)
    panels[0].set_ylabel("observed probability of an event")
    if title:
        figure.suptitle(title, fontsize=12)
    figure.savefig(path, dpi=150)


def _panel(axis: Axes, name: str, outcome: Outcome, prediction: Prediction) -> None:
    assert prediction.survival is not None, f"{name} has no curves"
    horizon = float(prediction.times[-1])
    axis.plot([0, 1], [0, 1], color="0.6", linewidth=1, linestyle="--")
    axis.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel=f"predicted, by {horizon:.0f}")
    try:
        groups = metrics.km_calibration(
            outcome.time, outcome.event, prediction.times, prediction.survival, at=horizon, bins=GROUPS
        )
        smooth = metrics.integrated_calibration_index(
            outcome.time, outcome.event, prediction.times, prediction.survival, at=horizon
        )
    except metrics.UndefinedError as error:
        # A barely trained student predicts all but one probability for everybody, which no curve can be drawn over.
        axis.set_title(fill(f"{name}: {error}", 40), fontsize=9)
        return
    colour, observed = sns.color_palette("colorblind")[:2]
    order = smooth.predicted.argsort()
    axis.plot(smooth.predicted[order], smooth.observed[order], color=colour, linewidth=1.8, label="smoothed (Cox)")
    axis.errorbar(
        groups.predicted,
        groups.observed,
        [groups.observed - groups.lower, groups.upper - groups.observed],
        fmt="o",
        color=observed,
        capsize=3,
        label="fifths (merged where nobody is\nfollowed so far), Kaplan-Meier",
    )
    axis.set_title(f"{name}\nICI {float(smooth):.3f}", fontsize=11.5)
    axis.legend(loc="lower right", fontsize=8.5, frameon=False)
    sns.despine(ax=axis)
