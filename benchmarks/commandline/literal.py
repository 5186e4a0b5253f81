"""Text of users is printed as it is: no control character reaches the terminal."""

import typer


def tell(text: str, *, stderr: bool = False) -> None:
    """Print a line, or lines, in which text of a user's may stand."""
    typer.echo(printable(text), err=stderr)


def printable(text: str) -> str:
    r"""Return a text with control characters written out, such as ``\x1b``; blanks and line ends stay."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in "\n\t\u00a0" else _written_out(character)
        for character in text
    )


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode()
