"""The console that tables and progress are printed on."""

from rich.console import Console

LOG_WIDTH = 160


def make_console(*, stderr: bool = False) -> Console:
    """Return a console; where there is no terminal, lines are as long as tables need."""
    console = Console(stderr=stderr)
    if not console.is_terminal:
        console.width = LOG_WIDTH
    return console
