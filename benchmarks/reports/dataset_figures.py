"""Figures of a dataset: survival, follow-up, and which modalities patients have together."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.stats import norm

import metrics
from benchmarks.catalog.loading import LoadedDataset
from benchmarks.reports.dataset import Description
from benchmarks.types import FloatArray

RISK_TABLE_TIMES = 5
# Rarer combinations of modalities are drawn together as one column without dots.
MOST_COLUMNS = 20
LONGEST_TITLE = 75  # characters
QUIET = "0.85"


def draw_description(loaded: LoadedDataset, description: Description, folder: Path) -> list[Path]:
    """Draw survival, follow-up and overlap of the modalities as PNG files.

    Parameters
    ----------
    loaded : LoadedDataset
        The dataset.
    description : Description
        Its figures.
    folder : Path
        Where the files go; it exists.

    Returns
    -------
    list of Path
        ``<dataset>-survival.png``, ``-follow-up.png`` and, where there are several modalities, ``-overlap.png``.
    """
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="notebook", font_scale=0.9)
    name, endpoint, outcome = loaded.card.name, loaded.card.endpoint, loaded.cohort.outcome
    events = metrics.kaplan_meier(outcome.time, outcome.event)
    censoring = metrics.censoring_distribution(outcome.time, outcome.event)
    horizon = description.horizon
    survival = _curve(events, loaded, horizon, f"{name}: {endpoint}", "without the event")
    follow_up = _curve(censoring, loaded, horizon, f"{name}: follow-up, reverse Kaplan-Meier", "still followed up")
    drawn = {"survival": survival, "follow-up": follow_up}
    if len(description.modalities) > 1:
        drawn["overlap"] = _overlap(name, description)
    paths = []
    for part, figure in drawn.items():
        path = folder / f"{name}-{part}.png"
        figure.savefig(path, dpi=150)
        paths.append(path)
    return paths


def _curve(curve: metrics.KaplanMeier, loaded: LoadedDataset, horizon: float | None, title: str, what: str) -> Figure:
    """Draw a product-limit estimate with its 95 % band, the horizon if there is one, and the number at risk below."""
    observed = loaded.cohort.outcome.time
    low, high = _band(curve)
    figure = Figure(figsize=(7, 4.8), layout="constrained")
    axes = figure.subplots()
    times = np.concatenate([[0.0], curve.times])
    axes.step(times, np.concatenate([[1.0], curve.survival]), where="post", color="C0")
    axes.fill_between(
        times,
        np.concatenate([[1.0], low]),
        np.concatenate([[1.0], high]),
        step="post",
        color="C0",
        alpha=0.2,
        linewidth=0,
    )
    if horizon is not None:
        _mark_horizon(axes, curve, horizon)
    axes.set(xlim=(0, observed.max() * 1.02), ylim=(0, 1.02), ylabel=f"share {what}")
    ticks = [time for time in MaxNLocator(RISK_TABLE_TIMES).tick_values(0, observed.max()) if time <= observed.max()]
    at_risk = [int((observed >= time).sum()) for time in ticks]
    axes.set_xticks(ticks, [f"{time:.4g}\n{number}" for time, number in zip(ticks, at_risk, strict=True)])
    axes.set_xlabel(f"{loaded.cohort.time_unit}; below: patients at risk")
    axes.set_title(_short(title), loc="left", parse_math=False)
    sns.despine(figure)
    return figure


def _mark_horizon(axes: Axes, curve: metrics.KaplanMeier, horizon: float) -> None:
    axes.axvline(horizon, color="0.45", linestyle="--", linewidth=1)
    # Where the curve is not.
    height, anchor = (0.04, "bottom") if curve.at(horizon) > 0.5 else (0.98, "top")
    axes.annotate(
        f"horizon {horizon:.4g}",
        (horizon, height),
        xytext=(-4, 0),
        textcoords="offset points",
        rotation=90,
        ha="right",
        va=anchor,
        fontsize=9,
        color="0.35",
    )


def _band(curve: metrics.KaplanMeier) -> tuple[FloatArray, FloatArray]:
    """Return the pointwise 95 % interval by Greenwood's variance on the log(-log S) scale; none where S is 0 or 1."""
    inside = (curve.survival > 0) & (curve.survival < 1)
    # Where nobody is left the terms are of no use and need only be finite: the curve is 0, or unchanged, there.
    left = np.maximum(curve.at_risk - curve.events, 1)
    greenwood = np.cumsum(curve.events / (np.maximum(curve.at_risk, 1) * left))
    low, high = curve.survival.copy(), curve.survival.copy()
    log = np.log(curve.survival[inside])
    reach = norm.ppf(0.975) * np.sqrt(greenwood[inside]) / np.abs(log)
    low[inside], high[inside] = np.exp(log * np.exp(reach)), np.exp(log * np.exp(-reach))
    return low, high


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TITLE else text[: LONGEST_TITLE - 1].rstrip() + "…"


def _overlap(name: str, description: Description) -> Figure:
    """Draw who has what as an UpSet plot (Lex et al. 2014): a column a combination, a row a modality."""
    columns = description.overlaps[:MOST_COLUMNS]
    rest = sum(overlap.patients for overlap in description.overlaps[MOST_COLUMNS:])
    rows = sorted(description.modalities, key=lambda modality: -modality.patients)
    width = max(7.0, 3.6 + 0.45 * (len(columns) + bool(rest)))
    figure = Figure(figsize=(width, 2.6 + 0.34 * len(rows)), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=[1.6, width - 2.6], height_ratios=[2.0, 0.34 * len(rows)])
    bars = figure.add_subplot(grid[0, 1])
    dots = figure.add_subplot(grid[1, 1], sharex=bars)
    totals = figure.add_subplot(grid[1, 0], sharey=dots)
    heights = [overlap.patients for overlap in columns] + ([rest] if rest else [])
    with_events = [overlap.events for overlap in columns]
    drawn = bars.bar(range(len(heights)), heights, color="C0", alpha=0.45, label="patients")
    bars.bar(range(len(with_events)), with_events, color="C0", label="with the event")
    bars.bar_label(drawn, fontsize=8, padding=1)
    bars.margins(y=0.15)
    bars.set(ylabel="patients")
    bars.legend(frameon=False, fontsize=8, loc="upper right")
    bars.tick_params(labelbottom=False, bottom=False)
    _dots(dots, [[row.name in overlap.modalities for row in rows] for overlap in columns], len(rows))
    if rest:
        dots.text(len(columns), (len(rows) - 1) / 2, "others", rotation=90, ha="center", va="center", fontsize=8)
    totals.barh(range(len(rows)), [row.patients for row in rows], color="0.6", height=0.6)
    totals.invert_xaxis()
    totals.set_yticks(range(len(rows)), [f"{row.name}  {row.patients}" for row in rows])
    totals.yaxis.tick_right()
    totals.tick_params(right=False, bottom=False, labelbottom=False)
    totals.invert_yaxis()
    for axes in (dots, totals):
        sns.despine(ax=axes, left=True, right=True, bottom=True)
    sns.despine(ax=bars)
    figure.suptitle(
        f"{name}: who has which modalities ({description.patients} patients)", x=0.02, ha="left", fontsize=11
    )
    return figure


def _dots(axes: Axes, has: list[list[bool]], n_rows: int) -> None:
    for x, column in enumerate(has):
        filled = [y for y, there in enumerate(column) if there]
        axes.scatter([x] * n_rows, range(n_rows), s=42, color=QUIET, zorder=2)
        axes.scatter([x] * len(filled), filled, s=42, color="C0", zorder=4)
        if len(filled) > 1:
            axes.plot([x, x], [min(filled), max(filled)], color="C0", linewidth=1.6, zorder=3)
    axes.set_ylim(-0.6, n_rows - 0.4)
    axes.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
