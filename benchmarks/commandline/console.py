"""The console that tables and progress are printed on."""

import os

from rich.console import Console

LOG_WIDTH = 160


def make_console(*, stderr: bool = False) -> Console:
    """Return a console as wide as its terminal or as ``COLUMNS`` says; without both, as wide as tables need."""
    console = Console(stderr=stderr)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = LOG_WIDTH
    return console
