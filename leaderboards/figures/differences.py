"""Forest plots of a comparison of two rows: by dataset and measure, and by what patients have."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from benchmarks.protocol.measures import measure_named
from leaderboards.boards.pairs import PairedComparison
from leaderboards.boards.patterns import PatternScores
from leaderboards.figures.style import (
    COLOURS,
    PAGE_WIDTH,
    QUIET,
    ROW_HEIGHT,
    draw_interval,
    named,
    new_figure,
    tidy_forest,
)
from leaderboards.statistics import Difference


def draw_differences(found: Mapping[str, Sequence[PairedComparison]], first: str, second: str) -> Figure:
    """Draw the first row less the second on each dataset, a panel for each measure.

    The upper interval of a dataset speaks of the models fitted here on patients like these, the lower one of the
    methods fitted anew (corrected resampled t). To the right the first is better.

    Parameters
    ----------
    found : mapping of str to sequence of PairedComparison
        By dataset.
    first, second : str
        Names of the rows.
    """
    measures = list(dict.fromkeys(row.measure for rows in found.values() for row in rows))
    width = 1.6 + 2.4 * len(measures)
    figure = new_figure(1.7 + 1.5 * ROW_HEIGHT * len(found), max(width, PAGE_WIDTH))
    panels = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, measures, strict=True):
        measure = measure_named(name)
        axes.axvline(0, color=QUIET, linewidth=0.8)
        for place, rows in enumerate(found.values()):
            for row in rows:
                if row.measure == name:
                    axes.plot(row.pooled, place, "o", color="black", markersize=4)
                    _interval(axes, row.fitted, place - 0.16, COLOURS[0])
                    _interval(axes, row.methods, place + 0.16, COLOURS[1])
        if not measure.higher_is_better:
            axes.invert_xaxis()
        axes.set(title=measure.column, xlabel="difference")
        _tidy(axes)
    panels[0].set_yticks(range(len(found)), [named(name, 30) for name in found])
    panels[0].set_ylim(len(found) - 0.4, -0.6)
    lines = [panels[0].plot([], [], color=COLOURS[k], linewidth=1.6)[0] for k in range(2)]
    figure.legend(
        lines,
        ["the models fitted here", "the methods, fitted anew"],
        loc="outside lower center",
        ncols=2,
        frameon=False,
    )
    figure.suptitle(f"{named(first)} less {named(second)}, 95 % intervals", x=0.01, ha="left", fontsize=10)
    return figure


def draw_patterns(patterns: Sequence[PatternScores], dataset: str, first: str, second: str) -> Figure | None:
    """Draw C of two rows on the patients who have the same modalities; None where all have the same.

    Parameters
    ----------
    patterns : sequence of PatternScores
        Of the dataset, the most frequent first.
    dataset, first, second : str
        Names of the dataset and the rows.
    """
    if len(patterns) < 2:
        return None
    figure = new_figure(1.7 + ROW_HEIGHT * len(patterns) * 1.3, PAGE_WIDTH + 1.5)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1, 1])
    for place, pattern in enumerate(patterns):
        if pattern.first is None or pattern.second is None:
            left.text(
                0.5,
                place,
                named(pattern.problem, 60),
                transform=left.get_yaxis_transform(),
                ha="center",
                va="center",
                color=QUIET,
                fontsize=6.5,
                style="italic",
            )
            continue
        left.plot([pattern.second, pattern.first], [place, place], color="0.8", linewidth=1.5, zorder=1)
        left.plot(pattern.first, place, "o", color=COLOURS[0], markersize=5)
        left.plot(pattern.second, place, "D", color=COLOURS[1], markersize=4.5)
        right.plot(pattern.first - pattern.second, place, "o", color="black", markersize=4)
        _interval(right, pattern.difference, place, COLOURS[0])
    left.plot([], [], "o", color=COLOURS[0], label=named(first, 34))
    left.plot([], [], "D", color=COLOURS[1], label=named(second, 34))
    left.set_yticks(
        range(len(patterns)),
        [
            f"{named('+'.join(row.modalities) or 'nothing', 34)}  ({row.patients} patients, {row.events} events)"
            for row in patterns
        ],
    )
    left.set_ylim(len(patterns) - 0.4, -0.6)
    left.set(xlabel="C, pairs of patients who have the same")
    right.axvline(0, color=QUIET, linewidth=0.8)
    right.set_xlabel("difference, 95 % interval")
    for axes in (left, right):
        _tidy(axes)
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    figure.suptitle(f"{dataset}: by what patients have", x=0.01, ha="left", fontsize=10)
    return figure


def _interval(axes: Axes, difference: Difference | None, place: float, colour: str) -> None:
    if difference is not None:
        draw_interval(axes, difference.lower, difference.upper, place, colour)


def _tidy(axes: Axes) -> None:
    tidy_forest(axes)
    axes.xaxis.set_major_locator(MaxNLocator(4))
