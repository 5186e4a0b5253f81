"""How a report is laid out: its length, and into how many lettered or numbered parts it falls."""

import re

_WORD = re.compile(r"[A-Za-z]{2,}")
_LETTER = re.compile(r"(?<![A-Za-z0-9.])([A-Z])[.):]{1,2}(?=\s?[A-Za-z(])")
_PART = re.compile(r"\b(?:PART|Part)\s{0,2}#?\s?(\d{1,2})\b")


def words(text: str) -> int:
    """Return the number of words of two letters or more."""
    return sum(1 for _ in _WORD.finditer(text))


def parts(text: str) -> int:
    """Return the number of parts: the longer run of letters A, B, C, ... or of PART 1, PART 2, ..."""
    letters = {found[1] for found in _LETTER.finditer(text)}
    numbers = {int(found[1]) for found in _PART.finditer(text)}
    run = next(place for place in range(27) if chr(ord("A") + place) not in letters)
    return max(run, next(place for place in range(100) if place + 1 not in numbers))
