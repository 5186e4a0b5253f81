"""Whether a report says that a finding is there, that it is not, or nothing of it.

A mention is judged by the words around it, within about 55 characters after and 40 before: "perineural invasion: not
identified", "no perineural invasion", "perineural invasion is present". A heading without an answer says nothing.
"""

import re

BEFORE, AFTER = 40, 55

_OPEN = (
    r"cannot|can not|\bindetermina|\bequivocal|not applicable|\bn/?a\b|not assess|not evalua|difficult to|"
    r"not (?:specified|reported|"
    r"mentioned|provided|given|stated|available|known|performed|sampled|submitted|received|resected|included)|"
    r"ruled out|present ?\?|\byes ?/ ?no\b|yes 2|\bno [a-z] ?yes|\bunknown|\bpending|"
    r"\bpossible|\bsuspicious|"
    r"\bsuggest|rule out|\br/o\b|\bversus\b|\bvs\b|\bquestion|if present|\bsee (?:note|comment)"
)
_YES = (
    r"\bpresent\b|\bidentified\b|\bseen\b|\byes\b|\bpositive\b|\bextensive(?:ly)?\b|\bfocal(?:ly)?\b|\bnoted\b|"
    r"\bfound\b|\binvolved\b|"
    r"\bprominent\b|\bmoderate\b|\bmild\b|\bmarked\b|\bsevere\b|\bobserved\b|\bconfirmed\b|\bdemonstrated\b|"
    r"\bmultiple\b|\bextramural\b|"
    r"\bintramural\b|\bminimal\b|\bwidespread\b|\bpatchy\b|\bevident\b|\bscattered\b|[<>]? ?\d{1,3} ?%"
)
# The answer to a heading.
_ANSWER = re.compile(
    rf"(?P<open>{_OPEN})|(?P<no>\bno\b|\bnot\b|\bnone\b|\bnil\b|\bwithout\b|\bnegative\b|\babsent\b|\bfree\b|"
    rf"\bunremarkable\b|\buninvolved\b|"
    rf"\bclear\b|\bintact\b|\bunidentified\b|\bn/i\b|\b0 ?%)|(?P<yes>{_YES})"
)
# What is said of it behind it, in running text. A bare "no" is said of the next thing: "inflammation, no tumor".
_SAID = re.compile(
    rf"(?P<open>{_OPEN})|(?P<no>\bnot (?:be )?(?:\w+ly )?(?:identified|seen|present|observed|found|detected|noted|"
    rf"evident|appreciated|demonstrated|"
    rf"apparent|recogni[sz]ed)|\babsent\b|\b(?:is|are|was|were) (?:not|negative|absent|none)\b|"
    rf"^ ?(?:-{{1,2}} ?)?(?:none|nil|no(?= ?(?:[.;,]|$))|negative(?! for| in))\b)|"
    rf"(?P<yes>{_YES})"
)
_NEGATED = re.compile(
    r"\bno\b|\bnot\b|\bnor\b|\b0 ?(?:/|of) ?\d|\bwithout\b|\bnegative (?:for|of)\b|\babsence of\b|"
    r"\bfree (?:of|from)\b|\bneither\b|"
    r"\black(?:s|ing)?\b|"
    r"\bdevoid of\b|\bfa[il]l?s? to\b|\bdenies\b|\bnon-?$"
)
_DOUBTED = re.compile(
    r"rule out|\br/o\b|\bpossible|\bsuspicious for|\bsuspected|\bevaluate for|\bversus\b|\bvs\b|\bhistory of|"
    r"\bh/o\b|cannot exclude|\?|"
    r"\bsuggestive of|\bassess(?:ed|ment)? for|\bexamined for|\blocation of|\bpossibility of|\brather than"
)
# Where a clause ends: a point behind a word, a list letter. Behind "with", "but" or "shows" something else is said.
_CLAUSE_END = re.compile(r"(?:^|(?<=[\w)%]))[.;](?:\s|$)|\s[a-z][.)]\s")
_TURN = re.compile(r"\bwith\b|\bbut\b|\bhowever\b|\bshow(?:s|ing)?\b|\balthough\b|: ")
_HEADING = re.compile(
    r"^(?:/[a-z]{3,5})?\)?(?: ?\([^)]{0,35}\)|[ /-]{1,2}(?:invasion|features|involvement|status|extension|carcinoma|"
    r"component|spread|present|"
    r"type|gland|multifocality|\(?s\)|(?:of|in|by|at) [a-z ]{3,30}?|treatment effect)){0,3}"
    r"(?: ?:|\.(?= ?(?:absent|present|not (?:identified|seen|present)|none|yes|no|negative|identified)[.,;:]))"
)
_NEXT_HEADING = re.compile(r"[a-z][^.;:]{2,45}:")
# How far into the answer of a heading its first word of polarity may stand.
REACH = 28


def polarity(text: str, start: int, end: int, *, implied: bool) -> int:
    """Return 1 if the mention from ``start`` to ``end`` of a repaired text is of something there, -1 if not, else 0.

    Parameters
    ----------
    text : str
        A repaired text.
    start, end : int
        Where the finding is named.
    implied : bool
        Whether naming it without a word of polarity says that it is there ("extensive necrosis"). A heading without an
        answer never does.
    """
    told = answer(text, end)
    if told is not None:
        return told
    before = before_of(text, start)
    if _DOUBTED.search(before):
        return 0
    if _NEGATED.search(before):
        return -1
    mark = _SAID.search(clause_after(text, end))
    if mark is None:
        return 1 if implied else 0
    return _sign(mark)


def answer(text: str, end: int) -> int | None:
    """Return what is answered to the heading that ends the mention at ``end``; None if it is no heading."""
    heading = _HEADING.match(text[end : end + AFTER])
    if heading is None:
        return None
    start = end + heading.end()
    value = text[start : start + AFTER]
    mark = _ANSWER.search(value)
    # Another heading before the word: this one has no answer.
    if mark is None or mark.start() > REACH or ":" in value[: mark.start()]:
        return 0
    following = _NEXT_HEADING.search(value)
    if following is not None and 12 < mark.start() < following.end():
        return 0
    return _sign(mark)


def before_of(text: str, start: int, reach: int = BEFORE) -> str:
    """Return what stands before a place in its clause, behind the last turn to something else."""
    before = text[max(0, start - reach) : start]
    for pattern in (_CLAUSE_END, _TURN):
        ends = [found.end() for found in pattern.finditer(before)]
        if ends:
            before = before[ends[-1] :]
    return before


def clause_after(text: str, end: int) -> str:
    """Return what stands behind a place in its clause."""
    after = text[end : end + AFTER]
    stop = _CLAUSE_END.search(after)
    return after[: stop.start()] if stop else after


def negated(before: str) -> bool:
    """Return whether the words before a finding deny it."""
    return _NEGATED.search(before) is not None


def doubted(before: str) -> bool:
    """Return whether the words before a finding leave it open."""
    return _DOUBTED.search(before) is not None


def _sign(mark: re.Match[str]) -> int:
    if mark["open"]:
        return 0
    return -1 if mark["no"] else 1
