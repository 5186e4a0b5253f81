"""Text of users is printed as it is: no control character reaches the terminal."""

import typer

from benchmarks.plain_text import printable

__all__ = ["printable", "tell"]


def tell(text: str, *, stderr: bool = False) -> None:
    """Print a line, or lines, in which text of a user's may stand."""
    typer.echo(printable(text), err=stderr)
