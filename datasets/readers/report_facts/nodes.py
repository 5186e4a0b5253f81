"""How many lymph nodes were examined and how many of them had tumour, statement by statement."""

import re
from dataclasses import dataclass

from .words import NUMBER, number_of

# A fraction counts if nodes are spoken of shortly before it or after it: "6/9" may be a score, "3/11" a date.
BEFORE, AFTER = 110, 45
MOST_NODES = 150

# A count of mitoses is one, too ("3/10 hpf").
_FRACTION = re.compile(r"(?<![\d/.])(\d{1,3}) ?/ ?(\d{1,3})(?![\d/.]\d|/| ?hp| ?high)")
_OF = re.compile(
    rf"(?<!page )(?<!page: )\b{NUMBER}(?: \(\d+\))? \(?(?:out )?of (?:the |"
    rf"a total of )?{NUMBER}\)?(?: \(\d+(?: ?/ ?\d+)?\))?"
    r"((?: [a-z-]+){0,4}?) (?:lymph )?nodes?\b"
)
_SCORE = re.compile(r"(?:grade|score|gleason)[^.;]{0,25}$|page:? ?$")
_BENIGN = re.compile(r"\b(?:benign|negative|reactive|free|uninvolved)\b")
_NODES_OF = re.compile(rf"\bnodes?\b(?![^.;]{{0,40}}page)[^.;]{{0,40}}?[(,:-] ?{NUMBER} (?:out )?of {NUMBER}\b")
_POSITIVE = re.compile(
    r"(?:number (?:of )?(?:regional )?(?:lymph )?nodes? (?:positive|involved|with (?:tumou?r|metasta\w+))|"
    r"number (?:of )?(?:positive|involved|metastatic|with metasta\w+)(?: (?:lymph )?nodes?)?|"
    rf"(?:lymph )?nodes (?:positive|involved))[^\d\n.;]{{0,25}}?[:=. ]{{1,4}}{NUMBER}(?![\d/]|\.\d| ?-)"
)
_EXAMINED = re.compile(
    r"(?:number (?:of )?(?:regional )?(?:lymph )?nodes? (?:examined|sampled|removed|identified)|number examined|"
    rf"(?:lymph )?nodes (?:examined|sampled))[^\d\n.;]{{0,25}}?[:=. ]{{1,4}}{NUMBER}(?![\d/]|\.\d| ?-)"
)
_NONE_OF = re.compile(
    rf"\b(?:no|negative for|without|free of)\b[^.;:]{{0,45}}?\b(?:in|of|within|"
    rf"involving) (?:all )?{NUMBER} (?:[a-z-]+ ){{0,4}}?(?:lymph )?nodes?\b"
)
_ALL_FREE = re.compile(
    rf"\b{NUMBER} (?:benign |negative |reactive |unremarkable )*(?:[a-z-]+ ){{0,3}}?(?:lymph )?nodes?\b,?"
    r"(?: \(\d+\))?(?: are| is| were)?(?: all)?[ ,:-]{0,3}(?:negative|free|no (?:evidence|metasta|tumou?r|malign|"
    r"carcinoma)|without|benign|with no)"
)


@dataclass(frozen=True, slots=True)
class NodeCount:
    """One statement: so many nodes with tumour, of so many examined; None where it does not say."""

    positive: int | None
    examined: int | None


def node_counts(text: str) -> list[NodeCount]:
    """Return every count of lymph nodes that a repaired text states."""
    if "node" not in text:
        return []
    found = [NodeCount(int(one[1]), int(one[2])) for one in _FRACTION.finditer(text) if _of_nodes(text, one)]
    found += [
        NodeCount(0 if _BENIGN.search(one[3]) else number_of(one[1]), number_of(one[2])) for one in _OF.finditer(text)
    ]
    found += [NodeCount(number_of(one[1]), number_of(one[2])) for one in _NODES_OF.finditer(text)]
    found += [NodeCount(0, number_of(one[1])) for one in _NONE_OF.finditer(text)]
    found += [NodeCount(0, number_of(one[1])) for one in _ALL_FREE.finditer(text)]
    found += [NodeCount(number_of(one[1]), None) for one in _POSITIVE.finditer(text)]
    found += [NodeCount(None, number_of(one[1])) for one in _EXAMINED.finditer(text)]
    return [one for one in found if _possible(one)]


def _of_nodes(text: str, found: re.Match[str]) -> bool:
    before = text[max(0, found.start() - BEFORE) : found.start()]
    if _SCORE.search(before):
        return False
    return "node" in before or "node" in text[found.end() : found.end() + AFTER]


def _possible(count: NodeCount) -> bool:
    positive, examined = count.positive or 0, count.examined
    return positive <= MOST_NODES if examined is None else positive <= examined <= MOST_NODES and examined > 0
