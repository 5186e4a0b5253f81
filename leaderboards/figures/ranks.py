"""The ranks of the methods over several datasets: matrix and critical-difference diagram."""

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.protocol.measures import measure_named
from leaderboards.boards.overall import OverallBoard, OverallRow
from leaderboards.figures.style import COLOURS, PAGE_WIDTH, QUIET, ROW_HEIGHT, named, new_figure

# Distances of the critical-difference diagram, in rows.
ABOVE, STEP = 1.5, 0.9
# Of the axis of that diagram.
MOST_TICKS = 16


def draw_rank_matrix(board: OverallBoard) -> Figure | None:
    """Draw the rank of each method on each dataset, best mean rank first; an exclamation mark is a failure.

    None where no method has a rank on all datasets.
    """
    if not board.rows:
        return None
    ranks = np.array([[*row.ranks, row.mean_rank] for row in board.rows])
    marks = [
        [
            *(
                f"{rank:g}{'!' if name in row.failed else ''}"
                for rank, name in zip(row.ranks, board.datasets, strict=True)
            ),
            f"{row.mean_rank:.2f}",
        ]
        for row in board.rows
    ]
    width = min(2.9 + 0.75 * (len(board.datasets) + 1), 2 * PAGE_WIDTH)
    figure = new_figure(1.6 + ROW_HEIGHT * len(board.rows), width)
    axes = figure.subplots()
    sns.heatmap(
        ranks,
        ax=axes,
        annot=np.array(marks),
        fmt="",
        cmap=sns.light_palette(COLOURS[0], as_cmap=True, reverse=True),
        vmin=1,
        vmax=max(2, len(board.rows)),
        cbar=False,
        linewidths=0.6,
        annot_kws={"fontsize": 7.5},
    )
    axes.axvline(len(board.datasets), color="white", linewidth=5)
    axes.set_xticks(
        np.arange(len(board.datasets) + 1) + 0.5,
        [*(named(d, 24) for d in board.datasets), "mean"],
        rotation=40,
        ha="right",
        rotation_mode="anchor",
    )
    axes.set_yticks(np.arange(len(board.rows)) + 0.5, [named(row.name) for row in board.rows], rotation=0)
    axes.tick_params(length=0)
    title = f"Rank by {measure_named(board.measure).title}; 1 is best"
    if any(row.failed for row in board.rows):
        title += ", ! failed"
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    return figure


def draw_critical_difference(board: OverallBoard) -> Figure | None:
    """Draw mean ranks on a line, with bars over methods that the tests do not separate.

    Bars are the letters of the board over all: Wilcoxon's signed-rank tests, Holm-adjusted (Benavoli, Corani and
    Mangili, JMLR 17, 2016); a dot marks each member where a bar passes over a method that is separated. Above them
    stands Nemenyi's critical difference (Demsar, JMLR 7, 2006). None where datasets are too few for a test.
    """
    if board.critical_difference is None:
        return None
    rows = board.rows
    groups = _groups(rows)
    half = (len(rows) + 1) // 2
    top = ABOVE + 0.55 * len(groups)
    bottom = top + STEP * half + 0.4
    figure = new_figure(0.75 + 0.24 * (bottom + 1.8))
    axes = figure.subplots()
    axes.set(xlim=(0.5, len(rows) + 0.5), ylim=(bottom, -1.8))
    axes.xaxis.tick_top()
    axes.spines[["left", "right", "bottom"]].set_visible(False)
    axes.spines["top"].set_position(("data", 0))
    axes.set_yticks([])
    # The numbers of more ticks would run into each other.
    axes.set_xticks(range(1, len(rows) + 1, 1 + len(rows) // MOST_TICKS))
    for number, row in enumerate(rows):
        _lead_out(axes, row, number, half, len(rows), top)
    for number, group in enumerate(groups):
        level = ABOVE - 0.6 + 0.55 * number
        means = [row.mean_rank for row in group]
        axes.plot(
            [min(means) - 0.04, max(means) + 0.04],
            [level, level],
            color=COLOURS[0],
            linewidth=3.2,
            solid_capstyle="round",
        )
        axes.plot(means, [level] * len(means), "o", color="white", markersize=2)
    start = 0.6
    axes.plot([start, start + board.critical_difference], [-1.45, -1.45], color="black", linewidth=1.2, marker="|")
    axes.text(start, -1.55, f"Nemenyi's critical difference {board.critical_difference:.2f}", va="bottom", fontsize=7.5)
    told = (
        "no two are separated"
        if len(groups) == 1 and len(groups[0]) == len(rows)
        else "bars join what is not separated"
    )
    figure.suptitle(
        f"Mean rank by {measure_named(board.measure).title} over {len(board.datasets)} datasets; {told}",
        x=0.01,
        ha="left",
        fontsize=10,
    )
    return figure


def _groups(rows: tuple[OverallRow, ...]) -> list[list[OverallRow]]:
    """Return the rows that share a letter, of letters that at least two share."""
    letters = sorted({letter for row in rows for letter in row.letters})
    shared = [[row for row in rows if letter in row.letters] for letter in letters]
    return [group for group in shared if len(group) > 1]


def _lead_out(axes: Axes, row: OverallRow, number: int, half: int, rows: int, top: float) -> None:
    """Draw the line from a mean rank to the name of the method, better ones to the left."""
    left = number < half
    depth = top + STEP * (number if left else rows - 1 - number)
    edge = 0.5 if left else rows + 0.5
    axes.plot([row.mean_rank, row.mean_rank, edge], [0, depth, depth], color=QUIET, linewidth=0.8, clip_on=False)
    axes.annotate(
        f"{named(row.name, 34)}  {row.mean_rank:.2f}" if left else f"{row.mean_rank:.2f}  {named(row.name, 34)}",
        (edge, depth),
        xytext=(-3 if left else 3, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=7.5,
        annotation_clip=False,
    )
