"""The HTML page of boards: those of a results folder, or published ones."""

from collections.abc import Mapping

from rich.progress import track

from benchmarks.commandline.console import make_console
from benchmarks.types import Cell
from leaderboards.pages.html.dataset_facts import dataset_facts
from leaderboards.pages.html.page import as_html
from leaderboards.pages.published import Published, made_by


def page_of_boards(made: Published, cells: Mapping[str, Cell]) -> str:
    """Return the HTML page of boards; datasets are loaded for their descriptions and curves.

    Parameters
    ----------
    made : Published
        The boards and what they were made by.
    cells : mapping of str to Cell
        One of each dataset, which says with which options it was loaded; without one, with the defaults.
    """
    facts = {}
    console = make_console(stderr=True)
    described = track(
        made.boards.boards, "reading datasets", console=console, transient=True, disable=not console.is_terminal
    )
    for board in described:
        cell = cells.get(board.dataset)
        loaded = (cell.dataset_options, cell.complete_cases) if cell is not None else ({}, ())
        facts[board.dataset] = dataset_facts(board.dataset, board.data_sha256, *loaded)
    return as_html(made.boards, facts, f"Its boards were made on {made.date}. {made_by(made)}")
