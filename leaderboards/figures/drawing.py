"""All figures of a leaderboard and of a comparison, into a folder."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.catalog.registry import dataset_cards
from benchmarks.errors import UsageError
from benchmarks.storage.store import Store
from benchmarks.types import Record
from leaderboards.boards.board import Board
from leaderboards.boards.candidates import Candidate, candidates
from leaderboards.boards.gains import is_reference
from leaderboards.boards.overall import OverallBoard
from leaderboards.boards.pairs import PairedComparison
from leaderboards.boards.patterns import PatternScores
from leaderboards.boards.stored import scored
from leaderboards.figures.calibration import draw_calibration
from leaderboards.figures.costs import draw_costs
from leaderboards.figures.differences import draw_differences, draw_patterns
from leaderboards.figures.gains import draw_gains
from leaderboards.figures.over_time import draw_over_time
from leaderboards.figures.ranks import draw_critical_difference, draw_rank_matrix
from leaderboards.figures.style import save
from leaderboards.figures.subsets import draw_subsets

# More lines or panels than that nobody tells apart.
MOST_LINES = 8
MOST_PANELS = 16


def draw_board(board: Board, records: Sequence[Record], store: Store, folder: Path) -> list[Path]:
    """Draw the figures of one dataset; those for which the board has nothing to show are left out.

    ``<dataset>-gains``, ``-costs``, ``-subsets``, ``-calibration`` and ``-over-time``, each as PDF and PNG. The last
    two show the best rows and clinical-only Cox.

    Parameters
    ----------
    board : Board
        Of the dataset.
    records : sequence of Record
        Those the board was made of.
    store : Store
        Where their predictions are.
    folder : Path
        Where the files go; it is made if it is not there.

    Raises
    ------
    UsageError
        If a file cannot be written, or a prediction is damaged.
    """
    _make(folder)
    found = {row.name: row for row in candidates(scored(store, records))}
    order = [found[row.name] for row in board.rows if row.rank is not None]
    reference = [row for row in order if is_reference(row)]
    unit = _time_unit(board.dataset)
    drawn = {
        "gains": draw_gains(board),
        "costs": draw_costs(board),
        "subsets": draw_subsets(board),
        "calibration": draw_calibration(store, _best(order, reference, MOST_PANELS), board.dataset, unit),
        "over-time": draw_over_time(store, _best(order, reference, MOST_LINES), board.dataset, unit),
    }
    return _save_all(drawn, folder, _file_name(board.dataset))


def draw_overall(board: OverallBoard, folder: Path) -> list[Path]:
    """Draw ``ranks`` and, where datasets are enough for tests, ``critical-difference``.

    Parameters
    ----------
    board : OverallBoard
        Over all datasets.
    folder : Path
        Where the files go; it is made if it is not there.
    """
    _make(folder)
    drawn = {"ranks": draw_rank_matrix(board), "critical-difference": draw_critical_difference(board)}
    return _save_all(drawn, folder, "")


def draw_comparison(
    found: Mapping[str, Sequence[PairedComparison]],
    pairs: Mapping[str, tuple[Candidate, Candidate]],
    patterns: Mapping[str, Sequence[PatternScores]],
    store: Store,
    folder: Path,
) -> list[Path]:
    """Draw the figures of ``compare``: ``differences`` over all, and the two rows on each dataset.

    ``<dataset>-calibration``, ``-over-time`` and, where patients differ in what they have, ``-patterns``.

    Parameters
    ----------
    found : mapping of str to sequence of PairedComparison
        By dataset.
    pairs : mapping of str to (Candidate, Candidate)
        The two rows on each dataset.
    patterns : mapping of str to sequence of PatternScores
        By dataset, where there are any.
    store : Store
        Where the predictions are.
    folder : Path
        Where the files go; it is made if it is not there.
    """
    _make(folder)
    first, second = next(iter(pairs.values()))
    paths = _save_all({"differences": draw_differences(found, first.name, second.name)}, folder, "")
    for name, pair in pairs.items():
        unit = _time_unit(name)
        drawn = {
            "calibration": draw_calibration(store, pair, name, unit),
            "over-time": draw_over_time(store, pair, name, unit),
            "patterns": draw_patterns(patterns.get(name, ()), name, pair[0].name, pair[1].name),
        }
        paths += _save_all(drawn, folder, _file_name(name))
    return paths


def _best(order: Sequence[Candidate], reference: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the best rows, clinical-only Cox among them whatever its rank."""
    further = [row for row in reference if row not in order[:most]]
    return [*order[: most - len(further[:1])], *further[:1]]


def _save_all(drawn: Mapping[str, Figure | None], folder: Path, prefix: str) -> list[Path]:
    paths = []
    for name, figure in drawn.items():
        if figure is not None:
            paths += save(figure, folder, "-".join(filter(None, [prefix, name])))
    return paths


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--figures: cannot make {folder}: {error.strerror}") from None


def _file_name(dataset: str) -> str:
    """Return the name of a dataset as the beginning of a file's; a cohort file's title may hold anything."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", dataset)[:60].strip("._") or "dataset"


def _time_unit(dataset: str) -> str:
    card = dataset_cards().get(dataset)
    return card.time_unit if card is not None else "the cohort's unit of time"
