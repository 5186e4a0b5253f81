"""One style for all figures, and how they are written."""

import warnings
from pathlib import Path

import matplotlib as mpl
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.errors import UsageError
from benchmarks.plain_text import one_line

# Told apart by people who see few colours, too (seaborn's "colorblind").
COLOURS = tuple(sns.color_palette("colorblind", 10).as_hex())
QUIET = "0.45"
FAINT = "0.88"
DASHES = ("-", "--", "-.", ":")

# Inches: the text of a page between its margins.
PAGE_WIDTH = 7.2
ROW_HEIGHT = 0.27

# A longer name of a row is cut in the middle.
LONGEST_NAME = 46

RESOLUTION = 200  # dots per inch of the PNG

_RC = {
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.labelsize": 8.5,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "legend.fontsize": 7.5,
    "axes.titlelocation": "left",
    "axes.linewidth": 0.8,
    # Letters stay letters in the PDF, so that a journal can set them in its own type.
    "pdf.fonttype": 42,
}


def new_figure(height: float, width: float = PAGE_WIDTH) -> Figure:
    """Return an empty figure in the house's style; sizes in inches."""
    mpl.use("Agg")
    sns.set_theme(style="ticks", context="paper", palette=COLOURS, rc=_RC)
    return Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, folder: Path, name: str) -> list[Path]:
    """Write a figure as ``name.pdf`` and ``name.png``; the same figure gives the same bytes.

    Raises
    ------
    UsageError
        If a file cannot be written.
    """
    paths = [folder / f"{name}.pdf", folder / f"{name}.png"]
    try:
        with warnings.catch_warnings():
            # 2026-11-26: a name in a script that the font lacks is drawn as boxes; matplotlib says so for each letter.
            warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
            # A date in the file would make it another one each time.
            figure.savefig(paths[0], metadata={"CreationDate": None})
            figure.savefig(paths[1], dpi=RESOLUTION)
    except OSError as error:
        raise UsageError(f"cannot write {paths[0]}: {error.strerror}") from None
    return paths


def named(name: str, longest: int = LONGEST_NAME) -> str:
    """Return the name of a row as text that a figure can carry, cut in the middle if it is long."""
    # Matplotlib reads what stands between dollar signs as a formula.
    text = one_line(name, 2000).replace("$", r"\$")
    if len(text) <= longest:
        return text
    half = (longest - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def say(axes: Axes, text: str) -> None:
    """Write in the place of a drawing why there is none."""
    axes.text(0.5, 0.5, named(text, 200), transform=axes.transAxes, ha="center", va="center", wrap=True, color=QUIET)


def look_of(number: int) -> dict[str, str]:
    """Return colour and dashes of the n-th line of a figure; lines of one colour differ in their dashes."""
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": DASHES[number // len(COLOURS) % len(DASHES)],
    }


def draw_interval(axes: Axes, lower: float, upper: float, place: float, colour: str) -> None:
    """Draw an interval of a forest plot as a line beneath its point."""
    axes.plot([lower, upper], [place, place], color=colour, linewidth=1.5, solid_capstyle="butt", zorder=1.5)


def tidy_forest(axes: Axes) -> None:
    """Leave of a forest plot its lower axis and faint lines that lead up from it."""
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)
