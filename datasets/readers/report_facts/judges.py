"""Whether one mention of a finding says that it is there (1), that it is not (-1), or neither (0).

Every judge takes a repaired text and where in it the finding is named.
"""

import re

from .polarity import answer, before_of, clause_after, doubted, negated, polarity

_INVADES = re.compile(
    r"\binva(?:d|s)\w*|\binvol(?:v|ut)\w*|\bextend\w*|\bextension\b|\bpenetrat\w*|\binfiltrat\w*|\bgrow(?:s|th|"
    r"ing) (?:in|through)\w*|"
    r"\bperforat\w*|\bbreach\w*|\bmetasta\w*|\binto\b"
)
_INVADED = re.compile(
    r"(?P<no>\bnot (?:be )?(?:involved|invaded|infiltrated|penetrated)|\buninvolved|\bfree\b|\bnegative\b|"
    r"\bno (?:evidence|tumou?r|carcinoma|malig|invol|inva|metasta|patho|signif)|\bintact\b|\bnot identified|"
    r"\bunremarkable|"
    r"\bwithout (?:tumou?r|evidence|invol|inva|malig|carcinoma|metasta|signif|patho|diagnostic)|\babsent\b|\bnone\b|"
    r"\bbenign\b|\bnormal\b|"
    r"\bdoes not\b|\bclear of\b)|(?P<yes>\bis (?:focally |also |extensively )?(?:involved|invaded|infiltrated|"
    r"penetrated|positive)|\binvolved by|"
    r"\binvaded by|\bpositive for)"
)
_FREE_BEFORE = re.compile(
    r"\bno (?:evidence of )?(?:tumou?r|carcinoma|malignancy)\b|\bfree of\b|\bnegative for\b|\bbenign $|"
    r"\bunremarkable (?:left |right )?$"
)
# Tumour that comes near something is not in it.
_NEAR_ONLY = re.compile(r"\bclose to|\babut|\bapproach|\bup to\b|\bnear\b|\bwithin \d|\badjacent to\b|\bfrom the\b")


def named(text: str, start: int, end: int) -> int:
    """Judge what is there where it is named and nothing denies it."""
    return polarity(text, start, end, implied=True)


def beside_nodes(text: str, start: int, end: int) -> int:
    """Judge what is meant only where lymph nodes are spoken of: organs have capsules, too."""
    near = text[max(0, start - 150) : end + 60]
    return named(text, start, end) if "node" in near or "nodal m" in near else 0


def organ(text: str, start: int, end: int) -> int:
    """Judge an organ or layer: 1 if tumour grows into it, -1 if it is said to be free."""
    if text.startswith((" margin", " resection"), end):
        return 0
    told = answer(text, end)
    if told:
        return told
    before = before_of(text, start, 90)
    invades = list(_INVADES.finditer(before))
    if invades:
        if doubted(before) or _NEAR_ONLY.search(before, invades[-1].start()):
            return 0
        return -1 if negated(before) else 1
    if _FREE_BEFORE.search(before):
        return -1
    found = _INVADED.search(clause_after(text, end))
    if found is None:
        return 0
    return -1 if found["no"] else 1


_MARGIN_NO = re.compile(
    r"\b(?:free|negative|uninvolved|clear|unremarkable|benign)\b|\bnot (?:be )?(?:\w+ly )?(?:involved|identified)|"
    r"\bno (?:tumou?r|carcinoma|malig|residual|evidence|inva|invol|dyspl|cancer)|\bwithout (?:tumou?r|carcinoma|"
    r"evidence|malig)|\babsent\b|\bdoes not\b"
)
_MARGIN_YES = re.compile(r"\b(?:positive|involved)\b|\bpresent at\b")
_CONDITION = re.compile(r"\bif\b|\bcannot|\bor\b|\d|, $")
_MARGIN_HEADING = re.compile(
    r"^(?: ?\(s\))?(?: (?:of resection|status|involve(?:d|ment)(?: by (?:invasive |in situ |in-situ |"
    r"of )*[a-z]{3,12})?|"
    r"by [a-z ]{3,20})){0,2} ?:"
)
_MARGIN_TOUCHED = re.compile(
    r"(?:tumou?r|carcinoma|neoplasm|malignan\w+|component|dysplasia|\bis|\bdcis|situ\)?) (?:focally |is |are |"
    r"also )*(?:at|involves?|involving|extends? to|extending to|"
    r"reaches|present (?:at|on|in))\b[^.;:]{0,35}$|\bpositive (?:[a-z]+ ){0,3}$|\binvolve(?:s|"
    r"ment of) (?:the )?(?:[a-z]+ ){0,3}$"
)
# A list of blocks names what was cut, not what was seen.
_BLOCKS = re.compile(r"\bsections?\b|\bblocks?\b|\bcassette")
_MARGIN_FREE = re.compile(r"\b(?:no|negative|free|clear|uninvolved|not)\b[^.;:]{0,58}$")
# "closest margin" is followed by a distance.
_CLOSEST = re.compile(r"\b(?:closest|nearest)\b[^.;:]*$")


def margin(text: str, start: int, end: int) -> int:
    """Judge a margin: 1 if tumour is at it, -1 if it is free; a distance alone says nothing."""
    after = clause_after(text, end)
    heading = _MARGIN_HEADING.match(after)
    if heading is not None:
        return answer(text, end + heading.end() - 1) or 0
    before = before_of(text, start, 60)
    if _BLOCKS.search(before):
        return 0
    if _MARGIN_FREE.search(before) and not _CLOSEST.search(before):
        return -1
    no, yes = _MARGIN_NO.search(after), _MARGIN_YES.search(after)
    if no and (yes is None or no.start() <= yes.start()):
        return -1
    if yes and yes.start() < 32:
        return 0 if _CONDITION.search(after[: yes.start()]) else 1
    return 1 if _MARGIN_TOUCHED.search(before) and not doubted(before) else 0


def category(text: str, _start: int, end: int) -> int:
    """Judge a category behind the TNM by its digit: L0, V1, R0."""
    return -1 if text[end - 1] in "0o" else 1


_OF_TUMOUR = re.compile(
    r"^(?:[ ,/()-]+[a-z]+){0,3}?[ ,/()-]+(?:\w*carcinoma|tumou?rs?|disease|neoplasm|lesions?|masses|dcis|invasive|"
    r"primary|glioma|lymphoma|yes|present)\b"
)
_FOCALITY = re.compile(
    r"(?:focality|tumou?rs?(?: is| are)?|carcinoma(?: is)?|number of tumou?rs?|lesions?(?: is| are)?)[ :,(]{1,3}$"
)
_ONE = re.compile(
    r"^(?:/[a-z]+)?(?: of [a-z ]{2,40}?)? ?:?[ -]*\b(?:single|unifocal|solitary|one|no|none|not|absent|unicentric)\b"
)


def focality(text: str, start: int, end: int) -> int:
    """Judge the number of tumours: several 1, one -1."""
    word, after = text[start:end], text[end : end + 60]
    if word.startswith(("unifocal", "solitary", "single")):
        return 0 if negated(before_of(text, start)) else -1
    if _ONE.match(after):
        return -1
    if word.endswith("ity"):
        return polarity(text, start, end, implied=False)
    named = _OF_TUMOUR.match(after) or _FOCALITY.search(text[max(0, start - 30) : start])
    return polarity(text, start, end, implied=True) if named else 0
