"""Tables that fit the width there is: whole numbers, fewer columns, names cut in the middle."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from benchmarks.commandline.literal import printable

GAP = 2

# A name is cut to this before a column is left out, and further only where all that can be left out is.
NAME_WIDTH = 16
LEAST_NAME_WIDTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A heading and the cells under it.

    Parameters
    ----------
    heading : str
        Title of the column.
    cells : sequence of str or Text
        One a row.
    need : int
        How much it is needed: of columns that do not fit, those of the smallest need are left out first. None is
        left out that has ``ALWAYS``.
    is_name : bool
        Whether its cells are names, which stand at the left and may be cut in the middle; all others are whole.
    left : bool
        Whether cells stand at the left.
    """

    heading: str
    cells: Sequence[str | Text]
    need: int
    is_name: bool = False
    left: bool = False

    @property
    def width(self) -> int:
        """Width of the widest cell."""
        return max(cell_len(_plain(cell)) for cell in (self.heading, *self.cells))


ALWAYS = 1000


def print_fitted(console: Console, columns: Sequence[TableColumn], *, wide: bool = False) -> list[str]:
    """Print a table no wider than the console, unless it is asked to be; return the headings that were left out.

    Parameters
    ----------
    console : Console
        Where to print, and how wide that is.
    columns : sequence of TableColumn
        All with as many cells.
    wide : bool
        Print all columns and whole names, however wide.
    """
    shown = list(columns)
    if not wide:
        while _width(shown, NAME_WIDTH) > console.width:
            least = min(shown, key=lambda column: column.need)
            if least.need >= ALWAYS:
                break
            shown.remove(least)
    widths = _widths(shown, None if wide else console.width)
    lines = [Text(column.heading, style="bold") for column in shown]
    console.print(_line(shown, lines, widths), soft_wrap=True, highlight=False)
    for cells in zip(*(column.cells for column in shown), strict=True):
        console.print(_line(shown, cells, widths), soft_wrap=True, highlight=False)
    return [column.heading for column in columns if column not in shown]


def cut_in_the_middle(name: str, width: int) -> str:
    """Return a name in at most ``width`` characters, its beginning and end kept."""
    if cell_len(name) <= width:
        return name
    first = width // 2
    last = width - 1 - first
    return f"{name[:first]}…{name[len(name) - last :]}"


def _width(columns: Sequence[TableColumn], of_names: int) -> int:
    """Return the width of a table whose names are cut to ``of_names``."""
    widths = [min(column.width, of_names) if column.is_name else column.width for column in columns]
    return sum(widths) + GAP * (len(widths) - 1)


def _widths(columns: Sequence[TableColumn], most: int | None) -> list[int]:
    """Return the width of each column; names share what the others leave, the longest is cut first."""
    widths = [column.width for column in columns]
    names = [place for place, column in enumerate(columns) if column.is_name]
    while most is not None and names and sum(widths) + GAP * (len(widths) - 1) > most:
        longest = max(names, key=lambda place: widths[place])
        if widths[longest] <= LEAST_NAME_WIDTH:
            break
        widths[longest] -= 1
    return widths


def _line(columns: Sequence[TableColumn], cells: Sequence[str | Text], widths: Sequence[int]) -> Text:
    line = Text(end="")
    for column, cell, width in zip(columns, cells, widths, strict=True):
        text = cell.copy() if isinstance(cell, Text) else Text(_plain(cell))
        if column.is_name and text.cell_len > width:
            text = Text(cut_in_the_middle(text.plain, width), style=text.style)
        padding = " " * (width - text.cell_len)
        if line:
            line.append(" " * GAP)
        line.append_text(text + Text(padding) if column.is_name or column.left else Text(padding) + text)
    line.rstrip()
    return line


def _plain(cell: str | Text) -> str:
    return printable(cell) if isinstance(cell, str) else cell.plain
