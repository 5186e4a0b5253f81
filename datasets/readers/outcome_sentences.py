"""Take out of a report the sentences that tell what became of the patient.

A surgical pathology report is written at diagnosis, but some carry a later form or addendum: vital status, cause of
death, last contact, a recurrence in the months after. A model that reads them reads the outcome. What a report says
of tissue (necrosis, no evidence of tumour), of the history before this specimen (recurrent tumour), of what should be
done (follow-up is recommended) or of patients in general (poor survival in the literature) stays.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as arrow

from .sentences import sentence_at

# How far to both sides of a cue its sentence may reach.
REACH = 400
# A sentence that is broken into more lines than this is a form without punctuation, of which single lines are taken.
LINES_OF_PROSE = 4

_PERSON = r"(?:patients?|pt|she|he|woman|man|lady|gentleman|who|subject|child|boy|girl)"
_NUMBER = r"(?:\d+(?:\.\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|several|few)"
_UNIT = r"(?:days?|weeks?|months?|mos?|years?|yrs?)"
_SPAN = rf"{_NUMBER}\s*-?\s*{_UNIT}"
_AFTER = (
    r"(?:after|post|following|since|from)[\s-]*(?:the\s+|her\s+|his\s+|initial\s+|this\s+|primary\s+)*"
    r"(?:surgery|operation|resection|diagnosis|treatment|therapy|\w+ectomy|craniotomy|presentation|discharge|"
    r"chemotherapy|radiotherapy|op(?:erative(?:ly)?)?\b)"
)
# Whose death is family history, or made a transplant possible.
_OTHERS = (
    r"\b(?:mother|father|brother|sister|parents?|aunt|uncle|cousin|grand\w+|son|daughter|sibling|relative|husband|wife|"
    r"donor)\b(?:\W+\w+){0,4}?\W+(?:died|deceased|expired|passed|death|dead)\b"
)
_RETURN = r"(?:recurrences?|recurred|relapsed?|progress(?:ion|ed)|metasta(?:sis|ses|tic\s+disease|sized|tic\s+spread))"
_FREE = r"(?:disease|tumou?r|recurrence|relapse)[\s-]+free"
_FOLLOW_UP = r"follow[\s-]*up"
_LAST = r"(?:last|latest|most\s+recent|final)"

# Words without which no rule about a later event applies.
_LATER = (
    "later",
    "subsequent",
    "thereafter",
    "month",
    "year",
    "week",
    "day",
    " mo",
    "yr",
    "time to",
    "date of",
    "site of",
)


@dataclass(frozen=True, slots=True)
class _Rules:
    """Patterns of one topic: looked for in the sentence of a cue, if one of ``nearby`` is near the cue.

    A sentence with one of the patterns ``unless`` is left alone.
    """

    cues: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]
    nearby: tuple[str, ...] = ("",)
    unless: tuple[re.Pattern[str], ...] = ()


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE | re.DOTALL) for pattern in patterns)


_TOPICS = (
    _Rules(
        ("deceased", "death", "demise", "died", "expired", "passed away", "succumb", "dead"),
        _compiled(
            r"\bdeceased\b(?!\s+(?:donor|father|mother|brother|sister|parent|relative|sibling))",
            r"\b(?:date|cause|time|day|manner|age|place)\s+(?:of|at)\s+(?:the\s+)?death\b",
            rf"\b{_PERSON}\b(?:\W+\w+){{0,6}}?\W+(?:died|expired|succumbed|passed\s+away)\b",
            r"\b(?:has|had|have)\s+(?:since\s+|subsequently\s+|now\s+)?(?:died|expired|passed\s+away)\b",
            r"\bdied\s+(?:of|from|on|in|at|due|after|with|shortly|within|during|\d)",
            rf"\bexpired\s+(?:on\s+\d|in\s+(?:the\s+)?hospital|due\s+to|from\s+(?:her|his|the)|{_SPAN})",
            r"\bpassed\s+away\b|\bsuccumbed\s+to\b|\bfound\s+dead\b",
            r"\b(?:patient|her|his)(?:'s|s')?\s+(?:untimely\s+|subsequent\s+)?(?:death|demise)\b",
            r"\b(?:status|patient|outcome|condition)\s*(?:is\s*|was\s*|[:=-]\s*)+(?:dead|died|expired)\b",
            r"\bdead\s+(?:of|from|with)\s+(?:disease|tumou?r|cancer|other|unknown|progress)",
        ),
        unless=_compiled(_OTHERS),
    ),
    _Rules(
        ("autops", "necropsy", "mortem"),
        _compiled(
            r"\b(?:at|on|after|during|permission\s+for|request\s+for)\s+(?:an?\s+|the\s+)?(?:autopsy|necropsy)\b"
            r"(?!\s*[:;,]?\s*a?TNM)",
            r"\bautopsy\s+(?:was|revealed|showed|confirmed|demonstrated|findings|performed|report|consent)\b",
            r"\bpost[\s-]?mortem\b",
        ),
    ),
    _Rules(
        ("vital status", "disease status", "alive", "living", "hospice", "lost to", "last "),
        _compiled(
            r"\b(?:vital|disease)\s+status\b|\bhospice\b|\blost\s+to\s+follow",
            r"\b(?:alive|living)\s+(?:and\s+well|with(?:out)?\s+(?:disease|tumou?r|recurren|evidence|metasta)|at\s|as\s+of\b)",
            rf"\b{_PERSON}\b(?:\s+\w+){{0,3}}?\s+(?:is|was|remains|remained|still)\s+(?:currently\s+|still\s+)?alive\b",
            r"\b(?:status|condition)\s*[:=-]+\s*alive\b",
            r"\blast\s+(?:contact|known\s+alive|seen\s+alive|known\s+(?:vital\s+)?status)\b",
        ),
    ),
    _Rules(
        ("follow",),
        _compiled(
            rf"\b(?:date\s+(?:of|at)|days\s+to|at|as\s+of|on|her|his|the)\s+(?:the\s+)?{_LAST}\s+{_FOLLOW_UP}\b",
            rf"\blast\s+{_FOLLOW_UP}\b",
            rf"\b(?:at|with|after|during|on)\s+(?:a\s+|the\s+)?{_NUMBER}[\s-]*{_UNIT}?(?:\s+of)?\s+{_FOLLOW_UP}\b"
            r"(?!\s+(?:is|are)\s+recommended)",
            rf"\b{_FOLLOW_UP}\s*(?:time|period|duration|interval|status|of|at|was|is|[:=])+\s*{_SPAN}\b(?!\s+(?:is|are)\s+recom)",
            rf"\b(?:during|on|at)\s+(?:subsequent\s+|clinical\s+|routine\s+|further\s+)*{_FOLLOW_UP}\b"
            r"(?=.*\b(?:recur|relaps|metasta|progress|died|alive|no\s+evidence|ned\b|developed))",
            rf"\b{_FOLLOW_UP}\b(?!\s+(?:resection|excision|specimen|biops|material|sample|report))"
            r"(?=.*\b(?:died|deceased|alive|relapsed|recurred|disease[\s-]free|free\s+of\s+(?:disease|recurr)))",
        ),
        nearby=("follow-up", "follow up", "followup", "follow- up", "follow -up"),
    ),
    _Rules(
        ("surviv",),
        _compiled(
            rf"\b{_PERSON}\b(?:\W+\w+){{0,4}}?\W+(?:survived|is\s+surviving)\b",
            rf"\b(?:survived|survival)\b(?:\s+(?:time|was|is|of|for|interval|from\s+diagnosis)|\s*[:=])*\s*{_SPAN}\b",
            r"\b(?:days|months|years)\s+of\s+survival\b",
        ),
        nearby=("patient", "pt", "he ", "day", "week", "month", "year", " mo", "yr", "man ", "who "),
    ),
    _Rules(
        ("recur", "relaps", "progress", "metasta", "new tumor event", "new tumour event"),
        _compiled(
            rf"\b{_RETURN}\b(?:\W+\w+){{0,6}}?\W+{_SPAN}\s+(?:later|{_AFTER})",
            rf"\b{_SPAN}\s+(?:later|{_AFTER})\W+(?:\w+\W+){{0,8}}?{_RETURN}\b",
            rf"\b(?:subsequently|later|thereafter)\s+(?:\w+\s+){{0,2}}?(?:developed|had|experienced|presented\s+with|suffered|"
            rf"showed)\s+(?:\w+\s+){{0,4}}?{_RETURN}\b",
            r"\b(?:patient|pt|she|he|disease|tumou?r|who)\s+(?:has\s+|had\s+)?(?:subsequently|later|thereafter)\s+"
            r"(?:recurred|relapsed|progressed|metastasi[sz]ed)\b",
            r"\b(?:date|site)\s+of\s+(?:first\s+)?(?:recurrence|relapse|progression)\b",
            r"\btime\s+to\s+(?:first\s+)?(?:recurrence|relapse|progression)\s*(?:[:=]|(?:was|is)\b)\s*\d",
            r"\b(?:days|months)\s+to\s+(?:first\s+)?(?:recurrence|relapse|progression)\b",
            r"\bnew\s+tumou?r\s+event\b",
        ),
        nearby=(*_LATER, "event"),
    ),
    _Rules(
        ("free", "no evidence of", "without disease", "without recur", "without relapse", " ned "),
        _compiled(
            rf"\b(?:remains?|remained|is|was|currently|been|ned|{_PERSON})\s+(?:\w+\s+)?{_FREE}\s+"
            rf"(?:(?:for|at|since|after)\s+(?:the\s+past\s+|over\s+|more\s+than\s+)?)?{_SPAN}",
            rf"\b(?:free\s+of|no\s+evidence\s+of|without)\s+(?:\w+\s+){{0,2}}?(?:disease|recurrence|relapse|tumou?r)\s+"
            rf"(?:at|for|after)\s+{_SPAN}\b",
            r"\bNED\s+(?:at|for|after|since|as\s+of|x)\s*\d",
        ),
        nearby=_LATER,
    ),
)  # fmt: skip

# Only a text with one of these can have a revealing sentence. One pass over thousands of texts by a finite automaton
# (RE2), so that seven thousand reports are searched in a fifth of a second.
_MAY_REVEAL = (
    r"deceased|death|demise|died|expired|passed\s+away|succumb|\bdead\b|autops|necropsy|mortem|(?:vital|disease)\s+status|"
    r"alive|living|hospice|lost\s+to|\blast\s|follow[\s-]*up|surviv|recur|relaps|progress|new\s+tumou?r\s+event|"
    rf"\b(?:later|subsequently|thereafter)\b|{_UNIT}\s+(?:later|after|post|following|since|from)|"
    rf"\bned\b|(?:free|disease|recurrence|relapse|tumou?r)\s(?:\w+\s){{0,4}}?[\w.]+\s*-?\s*{_UNIT}\b"
)


def without_outcome(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Return many texts, each as ``remove_outcome_sentences`` leaves it, and how many sentences each has lost."""
    may_reveal = arrow.match_substring_regex(pa.array(texts, pa.string()), _MAY_REVEAL, ignore_case=True).to_pylist()
    left: list[str] = []
    removed: list[int] = []
    for text, suspect in zip(texts, may_reveal, strict=True):
        kept, sentences = remove_outcome_sentences(text) if suspect else (text, ())
        left.append(kept)
        removed.append(len(sentences))
    return tuple(left), tuple(removed)


def remove_outcome_sentences(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text without the sentences that reveal the outcome, and those sentences.

    A pure function of the text: nothing is learnt from data, and a text without such a sentence comes back as it is.

    Parameters
    ----------
    text : str
        A report.

    Returns
    -------
    tuple of str and tuple of str
        What is left, and the removed sentences in their order.
    """
    spans = _revealing_spans(text)
    if not spans:
        return text, ()
    kept, removed, position = [], [], 0
    for start, end in spans:
        if end <= position:
            continue
        # Where two sentences overlap, in forms without punctuation, the second begins where the first ended.
        start = max(start, position)
        kept.append(text[position:start])
        removed.append(text[start:end].strip())
        position = end
    kept.append(text[position:])
    return "".join(kept).strip(), tuple(removed)


def _revealing_spans(text: str) -> list[tuple[int, int]]:
    lowered = _lowered(text)
    spans: set[tuple[int, int]] = set()
    for topic in _TOPICS:
        for cue in topic.cues:
            position = lowered.find(cue)
            while position >= 0:
                if _any_within(topic.nearby, lowered, position):
                    spans |= _matches(text, sentence_at(text, position, REACH), topic)
                position = lowered.find(cue, position + len(cue))
    return sorted(spans)


def _matches(text: str, sentence: tuple[int, int], topic: _Rules) -> set[tuple[int, int]]:
    """Return what of a sentence is to go: all of it, or the lines of the matches where it is rather a form."""
    if any(pattern.search(text, *sentence) for pattern in topic.unless):
        return set()
    found = [match.span() for pattern in topic.patterns for match in pattern.finditer(text, *sentence)]
    if not found or text.count("\n", *sentence) <= LINES_OF_PROSE:
        return {sentence} if found else set()
    return {(text.rfind("\n", 0, start) + 1, (text.find("\n", end) + 1) or len(text)) for start, end in found}


def _any_within(words: tuple[str, ...], lowered: str, position: int) -> bool:
    near = lowered[max(0, position - REACH) : position + REACH]
    return any(word in near for word in words)


def _lowered(text: str) -> str:
    """Return the text in lower case and with blanks for line ends, every character at the place it had."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return lowered.replace("\n", " ")
