"""What a method's quality costs, and whether who tells patients apart also tells true probabilities."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.protocol.measures import measure_named
from leaderboards.boards.board import Board, BoardRow
from leaderboards.figures.style import COLOURS, QUIET, ROW_HEIGHT, named, new_figure

CALIBRATION = "ici"


def draw_costs(board: Board) -> Figure | None:
    """Draw the board's measure against the seconds of a fit (left) and against calibration (right), numbered by rank.

    The mean of the folds' scores. The calibration index does not rank methods: it is low for who says the same of
    everybody. None where no row has the measure.

    Parameters
    ----------
    board : Board
        Of one dataset.
    """
    rows = [row for row in board.rows if row.value is not None]
    if not rows:
        return None
    measure = measure_named(board.measure)
    figure = new_figure(max(3.2, 0.8 + 0.62 * ROW_HEIGHT * len(rows)), 9.6)
    left, right, legend = figure.subplots(1, 3, width_ratios=[1, 1, 0.62])
    timed = [(row, row.row.fit_seconds) for row in rows if row.row.fit_seconds]
    _scatter(left, [(row, max(seconds, 1e-3)) for row, seconds in timed], rows)
    left.set(xscale="log", xlabel="seconds of a fit (mean of the folds)", ylabel=measure.column)
    left.set_title("quality against cost")
    calibrated = [
        (row, average.mean)
        for row in rows
        if (average := row.row.averages.get(CALIBRATION)) is not None and average.mean is not None
    ]
    _scatter(right, calibrated, rows)
    right.set(xlabel=measure_named(CALIBRATION).title, ylabel=measure.column)
    right.set_title("discrimination against calibration")
    for axes in (left, right):
        if not measure.higher_is_better:
            axes.invert_yaxis()
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(color="0.92", linewidth=0.6)
        axes.set_axisbelow(True)
    legend.set_axis_off()
    legend.set(ylim=(len(rows) - 0.5, -0.5))
    for number, row in enumerate(rows):
        legend.text(0, number, f"{number + 1}  {named(row.name, 34)}", fontsize=7, va="center")
    figure.suptitle(board.dataset, x=0.01, ha="left", fontsize=10)
    return figure


def _scatter(axes: Axes, points: Sequence[tuple[BoardRow, float]], rows: Sequence[BoardRow]) -> None:
    if not points:
        axes.text(0.5, 0.5, "no row has it", transform=axes.transAxes, ha="center", color=QUIET)
        return
    for row, at in points:
        assert row.value is not None
        colour = COLOURS[0] if len(row.row.modalities) > 1 else COLOURS[1]
        axes.plot(at, row.value, "o", color=colour, markersize=11, alpha=0.3, markeredgewidth=0)
        axes.annotate(str(rows.index(row) + 1), (at, row.value), ha="center", va="center", fontsize=6.5)
    if len({len(row.row.modalities) > 1 for row, _ in points}) > 1:
        axes.plot([], [], "o", color=COLOURS[0], alpha=0.4, label="several modalities")
        axes.plot([], [], "o", color=COLOURS[1], alpha=0.4, label="one modality")
        axes.legend(frameon=False, loc="lower right")
