"""What one more modality adds: the rows of one method that were shown different ones."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.protocol.measures import Measure, measure_named
from benchmarks.types import told_shuffled
from leaderboards.boards.board import Board, BoardRow
from leaderboards.boards.gains import Gain
from leaderboards.figures.style import (
    COLOURS,
    FAINT,
    PAGE_WIDTH,
    QUIET,
    ROW_HEIGHT,
    draw_interval,
    named,
    new_figure,
    tidy_forest,
)


def draw_subsets(board: Board) -> Figure | None:
    """Draw the gain over clinical-only Cox of each method by what it was shown: dots of the matrix tell what.

    Methods that were shown one set of modalities alone are left out; None if no other is there, or there is no Cox
    row to gain over.

    Parameters
    ----------
    board : Board
        Of one dataset.
    """
    shown = [group for group in _by_method(board.rows).values() if len({_set(row) for row in group}) > 1]
    rows = [row for group in shown for row in sorted(group, key=lambda row: (len(_set(row)), _set(row)))]
    if not rows:
        return None
    measure = measure_named(board.measure)
    modalities = sorted({name for row in rows for name in row.row.modalities})
    figure = new_figure(1.35 + ROW_HEIGHT * (len(rows) + len(shown)), PAGE_WIDTH + 1)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[0.35 * len(modalities) + 0.3, 4])
    places: list[float] = []
    names: list[tuple[float, str]] = []
    place = 0.0
    for group in shown:
        names.append((place, group[0].row.method if not group[0].row.variant else group[0].row.label))
        for _ in group:
            place += 1
            places.append(place)
        place += 1
    for at, row in zip(places, rows, strict=True):
        for column, name in enumerate(modalities):
            mark = "X" if name in row.row.shuffled else "o"
            colour = (COLOURS[3] if mark == "X" else "black") if name in row.row.modalities else FAINT
            left.plot(column, at, mark, color=colour, markersize=5)
        _draw_gain(right, row, at, measure)
    for at, name in names:
        left.text(-0.6, at, named(name), fontsize=8, fontweight="bold", va="center", clip_on=False)
    left.set_xticks(
        range(len(modalities)), [named(m, 16) for m in modalities], rotation=40, ha="right", rotation_mode="anchor"
    )
    left.set(xlim=(-0.7, len(modalities) - 0.3), ylim=(place - 0.2, -0.8))
    left.set_yticks([])
    left.spines[["top", "right", "left"]].set_visible(False)
    left.tick_params(length=0)
    tidy_forest(right)
    right.axvline(0, color=QUIET, linewidth=0.8)
    if not measure.higher_is_better:
        right.invert_xaxis()
    right.set_xlabel(f"difference in {measure.column} from clinical-only Cox, 95 % interval")
    crossed = "; crossed: shuffled among the patients" if any(row.row.shuffled for row in rows) else ""
    figure.suptitle(f"{board.dataset}: gain by modalities shown{crossed}", x=0.01, ha="left", fontsize=10)
    return figure


def _draw_gain(axes: Axes, row: BoardRow, at: float, measure: Measure) -> None:
    if isinstance(row.gain, Gain):
        colour = COLOURS[0] if row.gain.lower > 0 or row.gain.upper < 0 else QUIET
        draw_interval(axes, row.gain.lower, row.gain.upper, at, colour)
        axes.plot(row.gain.value, at, "o", color=colour, markersize=4.5)
    elif row.gain is None and row.value is not None:
        axes.plot(0, at, "D", color=QUIET, markersize=4)  # Cox itself
    else:
        told = row.gain.reason if row.gain is not None else row.row.problem or row.lacks(measure.name)
        axes.text(
            0.5,
            at,
            named(told, 40),
            transform=axes.get_yaxis_transform(),
            ha="center",
            va="center",
            color=QUIET,
            fontsize=6.5,
            style="italic",
        )


def _by_method(rows: Sequence[BoardRow]) -> Mapping[tuple[object, ...], list[BoardRow]]:
    found: dict[tuple[object, ...], list[BoardRow]] = {}
    for row in rows:
        if not row.skipped:
            found.setdefault((row.row.method, row.row.variant, row.row.tuned, *sorted(row.config.items())), []).append(
                row
            )
    return found


def _set(row: BoardRow) -> tuple[str, ...]:
    """Return what a row was shown, shuffled modalities last."""
    return (*row.row.modalities, *(told_shuffled((name,)) for name in row.row.shuffled))
