"""Forest plot of the paired gains of a board's rows."""

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.protocol.measures import Measure, measure_named
from leaderboards.boards.board import Board, BoardRow
from leaderboards.boards.gains import Gain, NoGain
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

_OVER: tuple[tuple[str, Callable[[BoardRow], Gain | NoGain | None]], ...] = (
    ("clinical-only Cox", lambda row: row.gain),
    ("its own best unimodal form", lambda row: row.own_gain),
    ("the mean of unimodal risks", lambda row: row.plain_gain),
)


def draw_gains(board: Board) -> Figure | None:
    """Draw what each row gains over clinical-only Cox, over its own unimodal form, over the mean of unimodal risks.

    Points are paired differences pooled over the folds with their 95 % intervals, not adjusted for their number; to
    the right is better. None where the board has no gain.

    Parameters
    ----------
    board : Board
        Of one dataset.
    """
    measure = measure_named(board.measure)
    panels = [(over, of) for over, of in _OVER if any(isinstance(of(row), Gain) for row in board.rows)]
    if not panels:
        return None
    rows = [row for row in board.rows if any(isinstance(of(row), Gain) for _, of in panels)]
    figure = new_figure(1.2 + ROW_HEIGHT * len(rows), PAGE_WIDTH + 1.2 * (len(panels) - 1))
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for place, (over, of) in zip(axes, panels, strict=True):
        _draw_panel(place, over, [of(row) for row in rows], measure)
    axes[0].set_yticks(range(len(rows)), [named(row.name) for row in rows])
    axes[0].set_ylim(len(rows) - 0.4, -0.6)
    figure.suptitle(f"{board.dataset}: gain in {measure.title}", x=0.01, ha="left", fontsize=10)
    return figure


def _draw_panel(axes: Axes, over: str, gains: Sequence[Gain | NoGain | None], measure: Measure) -> None:
    axes.axvline(0, color=QUIET, linewidth=0.8)
    for place, gain in enumerate(gains):
        if isinstance(gain, Gain):
            excluded = gain.lower > 0 or gain.upper < 0
            colour = COLOURS[0] if excluded else QUIET
            draw_interval(axes, gain.lower, gain.upper, place, colour)
            axes.plot(gain.value, place, "o", color=colour, markersize=4.5)
        elif gain is not None:
            axes.text(
                0.5,
                place,
                named(gain.reason, 40),
                transform=axes.get_yaxis_transform(),
                ha="center",
                va="center",
                color=QUIET,
                fontsize=6.5,
                style="italic",
            )
    if not measure.higher_is_better:
        axes.invert_xaxis()  # to the right is better
    reach = np.array([value for gain in gains if isinstance(gain, Gain) for value in (gain.lower, gain.upper)])
    if np.ptp(np.append(reach, 0.0)) == 0:
        axes.set_xlim(*sorted(np.array([-0.01, 0.01]), reverse=not measure.higher_is_better))
    axes.set(title=f"over {over}", xlabel=f"difference in {measure.column}, 95 % interval")
    tidy_forest(axes)
