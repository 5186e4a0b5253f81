"""The TNM categories that a report states: pT, pN and pM, with substages as thirds."""

import re
from collections import Counter
from collections.abc import Iterable

from .ocr import digits

_LETTERS = {"a": 0.0, "b": 1 / 3, "c": 2 / 3, "d": 1.0}

# Behind the letter o is a 0 and l or i a 1: pno, ptla. What follows is no letter or digit, unless the next category
# stands there: t2nimx.
_END = r"(?![a-z0-9])|(?=p? ?n ?[0-3xoil])|(?=p? ?m[01xo])"
_T = rf"t(is|[oil]|a| ?[0-4](?!\.\d))([a-d])?(?:{_END})"
_N = rf"n([oil]| ?[0-3](?!\.\d| ?/))([a-c]|mi)?(?:{_END})"
_M = rf"m(o|[01])([a-c])?(?:{_END})"
# A category counts by itself if it has its p: "no" is a word, "t2" a vertebra. Without one, a T counts if an N stands
# behind it, an N if a T stands before it, an M behind an N.
_PREFIX = r"(?<![a-z0-9])(?:y|r|a)?p ?"
_GAP = r"(?: ?\([^()]{0,20}\))?[\s,;:./()-]{0,4}"
_OWN_T, _OWN_N, _OWN_M = (re.compile(_PREFIX + category) for category in (_T, _N, _M))
_LABEL_T, _LABEL_N, _LABEL_M = (
    re.compile(rf"(?:pathologic(?:al)? {letter}|{letter} stage|\(p?{letter}\)|\bp{letter})[:=. ]{{1,3}}{category}")
    for letter, category in (("t", _T), ("n", _N), ("m", _M))
)
_ROW = re.compile(rf"(?<![a-z0-9])(?:[yra]?p ?)?{_T}{_GAP}p? ?n ?(?:([0-3oil])([a-c])?|x)(?![0-9/])(?:{_END})")
_ROW_M = re.compile(rf"(?<![e-z])n ?[0-3oilx][a-c]?{_GAP}p? ?{_M}")
# A printed list explains every category ("pt1: solitary tumor ... pt2: ..."): which one was ticked is lost.
_DEFINED = re.compile(r"\bpt[0-4ol][a-d]?(?=:)")
LISTED = 3
_CLINICAL = re.compile(r"clinical(?:ly)?[^.;]{0,20}$|\bct?n?m? ?$|pre[ -]?op[^.;]{0,25}$")


def tnm(text: str) -> tuple[float | None, float | None, float | None]:
    """Return pT, pN and pM of a repaired text, each None if the report does not state it or states X.

    Letters count thirds: T2b is 2 1/3. Tis, Ta and T0 are 0. Of several statements the commonest holds, of equally
    common ones the highest.
    """
    rows = [
        found.groups()
        for found in _ROW.finditer(text)
        # "tin o" may be anything.
        if any(character.isdigit() for character in found[0])
        and not _CLINICAL.search(text[max(0, found.start() - 30) : found.start()])
    ]
    defined = {found[0] for found in _DEFINED.finditer(text)}
    own = [] if len(defined) >= LISTED else _categories(_OWN_T, text)
    of_t = [*own, *_categories(_LABEL_T, text), *((row[0], row[1]) for row in rows)]
    of_n = [*_categories(_OWN_N, text), *_categories(_LABEL_N, text)]
    of_n += [(row[2], row[3]) for row in rows if row[2] is not None]
    of_m = [*_categories(_OWN_M, text), *_categories(_LABEL_M, text), *_categories(_ROW_M, text)]
    return _stated(of_t), _stated(of_n), _stated(of_m)


def _categories(pattern: re.Pattern[str], text: str) -> list[tuple[str, str | None]]:
    return [(found[1], found[2]) for found in pattern.finditer(text)]


def _stated(categories: Iterable[tuple[str, str | None]]) -> float | None:
    counts = Counter(_value(number.strip(), letter) for number, letter in categories)
    return max(counts, key=lambda value: (counts[value], value)) if counts else None


def _value(number: str, letter: str | None) -> float:
    if number in ("is", "a"):
        return 0.0
    return int(digits(number)) + _LETTERS.get(letter or "", 0.0)
