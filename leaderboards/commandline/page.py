"""The HTML page of boards: those of a results folder, or published ones."""

from rich.progress import track

from benchmarks.commandline.console import make_console
from leaderboards.pages.html.dataset_facts import dataset_facts
from leaderboards.pages.html.page import as_html
from leaderboards.pages.published import LoadedAs, Published, made_by


def page_of_boards(made: Published) -> str:
    """Return the HTML page of boards; datasets are loaded for their descriptions and curves.

    Parameters
    ----------
    made : Published
        The boards, what they were made by, and how their datasets were loaded.
    """
    console = make_console(stderr=True)
    described = track(
        made.boards.boards, "reading datasets", console=console, transient=True, disable=not console.is_terminal
    )
    facts = {}
    for board in described:
        loaded = made.loaded.get(board.dataset, LoadedAs())
        facts[board.dataset] = dataset_facts(board.dataset, board.data_sha256, loaded.options, loaded.complete_cases)
    return as_html(made.boards, facts, f"Its boards were made on {made.date}. {made_by(made)}")
