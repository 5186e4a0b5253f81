"""Text of others, made fit to be printed and stored: no control character, no half of a surrogate pair, one line."""


def printable(text: str) -> str:
    r"""Return a text with control characters written out, such as ``\x1b``; blanks and line ends stay."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in "\n\t\u00a0" else _written_out(character)
        for character in text
    )


def one_line(text: str, longest: int) -> str:
    """Return the beginning of a text as one printable line of at most so many characters."""
    # Cut before it is looked at: whoever wrote it may have written gigabytes.
    return printable(" ".join(text[: 4 * longest].split()))[:longest]


def _written_out(character: str) -> str:
    return character.encode("unicode_escape").decode()
