"""How well the tumour is differentiated, from 1 (well) to 3 (poorly)."""

import re

_WORDS = {"well": 1.0, "moderate": 2.0, "moderately": 2.0, "mod": 2.0, "poor": 3.0, "poorly": 3.0}
_NUMERALS = {"1": 1.0, "2": 2.0, "3": 3.0, "4": 3.0, "i": 1.0, "ii": 2.0, "iii": 3.0, "iv": 3.0}
_DEGREE = r"(well|moderate(?:ly)?|mod|poor(?:ly)?)"
_DIFFERENTIATED = re.compile(
    rf"\b{_DEGREE}(?:[ ,/-]{{1,3}}(?:to|and|-|/)?[ /-]{{0,2}}{_DEGREE})?[ -]{{1,2}}(?:to )?differenti?ated"
)
_NUMBERED = re.compile(r"\d[.)]? ?$")
_UNDIFFERENTIATED = re.compile(r"\bundifferentiated\b")
_GRADE = re.compile(
    r"(?<!nuclear )(?<!architectural )\b(?:histolog(?:ic|ical) |tumou?r |figo |overall |combined |nottingham |"
    r"fuhrman(?:'s)? (?:nuclear )?|"
    r"furhman (?:nuclear )?|who |final )?grade(?: \([^)]{0,25}\))?[ :=,-]{1,3}(?:figo |g|grade )?(?:([il]{1,3}|iv|"
    r"[1-4])(?: ?(?:-|to) ?([il]{2,3}|[2-4]))?(?![\d.a-z]))(?! ?/ ?[5-9])"
)
# "G2" alone may be the name of a block: it counts beside a TNM or the word grade.
_LETTER_GRADE = re.compile(
    r"(?:(?<![a-z])(?:p?[tnmlvr]) ?[0-4xoil][a-d]?|grade|grading|"
    r"differentiation)(?: ?\([^)]{0,15}\))?[ ,;:./=-]{1,4}g ?([1-4])(?![\d.a-z])|"
    r"(?<![a-z\d-])g ?([1-4])[ ,;:/]{1,3}p?t ?[0-4]"
)
_HIGH_LOW = re.compile(
    r"\b(high|low)[ -]{1,2}grade(?: [a-z-]+){0,3} (?:\w*carcinoma|neoplasm|tumou?r|sarcoma)\b|\bgrade[: ]{1,2}(high|"
    r"low)(?:[ -]grade)?\b"
)


def differentiation(text: str) -> float | None:
    """Return the differentiation of the tumour in a repaired text: 1 well, 2 moderately, 3 poorly, halves for ranges.

    Words come first, then grades ("grade II", "G3"; 4 counts as 3), then low (1) and high (3) grade. Of several
    statements the worst holds.
    """
    words = list(_DIFFERENTIATED.finditer(text)) if "differen" in text else []
    found = [_between(one[1], one[2]) for one in words if not _listed(text, one)]
    if _UNDIFFERENTIATED.search(text):
        found.append(3.0)
    if not found and "grade" in text:
        found = [(_numeral(one[1]) + _numeral(one[2] or one[1])) / 2 for one in _GRADE.finditer(text)]
    if not found:
        found = [_NUMERALS[one[1] or one[2]] for one in _LETTER_GRADE.finditer(text)]
    if not found and "grade" in text:
        found = [3.0 if (one[1] or one[2]) == "high" else 1.0 for one in _HIGH_LOW.finditer(text)]
    return max(found, default=None)


def _listed(text: str, found: re.Match[str]) -> bool:
    """Return whether it stands in a printed list: numbered, or with all other degrees around it."""
    around = text[max(0, found.start() - 70) : found.end() + 70]
    every = all(f"{degree} diff" in around for degree in ("well", "moderately", "poorly"))
    return every or _NUMBERED.search(text[max(0, found.start() - 4) : found.start()]) is not None


def _numeral(written: str) -> float:
    return _NUMERALS[written.replace("l", "i")]


def _between(one: str, other: str | None) -> float:
    return (_WORDS[one] + _WORDS[other or one]) / 2
