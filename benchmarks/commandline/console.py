"""The console that tables and progress are printed on."""

import os
from typing import Any

from rich.console import Console
from rich.text import Text

from benchmarks.commandline.literal import printable

LOG_WIDTH = 160


class LiteralConsole(Console):
    """A console that takes nothing in a text for an instruction: no markup, no emoji, no control character.

    A ``Text`` is printed as it is made: whoever makes one of a user's text makes it ``printable``.
    """

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a line, or a cell of a table, as styled text."""
        return super().render_str(printable(text), **options)


def make_console(*, stderr: bool = False) -> Console:
    """Return a console as wide as its terminal or as ``COLUMNS`` says; without both, as wide as tables need."""
    console = LiteralConsole(stderr=stderr, markup=False, emoji=False)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = LOG_WIDTH
    return console
