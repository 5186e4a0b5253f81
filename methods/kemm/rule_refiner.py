"""The refiner without a language model: sorts what a pathology report says into six fixed lines.

It writes nothing of its own. Each line holds the words around its cues, those of the diagnosis section first, and
``unknown`` where the report has none of them. It is a pure function of the report.
"""

import re

# Most words of a line behind its name: six lines have at most 128 words together.
WORDS = 18
UNKNOWN = "unknown"

# Words before and behind a cue that belong to it, within its sentence.
BEFORE, BEHIND = 5, 7

_TUMOUR = (
    r"\w*carcinoma\w*|\w*blastoma\w*|\w*sarcoma\w*|melanoma|\w*cytoma|\w*glioma|\w*thelioma|lymphoma|seminoma|thymoma|"
    r"neoplasm|malignancy"
)
_SIZE = r"\d+(?:[.,]\d+)?(?: ?x ?\d+(?:[.,]\d+)?)* ?(?:cm|mm)"
_STAGE = r"\b[yr]?p?T ?(?:[0-4][a-d]?|is|a|x)(?=[^a-z]|p?N[0-3x]|$)|\bp?N[0-3x][a-c]?\b|\bp?M[01x]\b|stage|figo|tnm"

# Name of each line, and what its words stand around.
LINES: dict[str, re.Pattern[str]] = {
    name: re.compile(cue, re.IGNORECASE)
    for name, cue in {
        "diagnosis": rf"\b(?:{_TUMOUR})\b",
        "grade and size": rf"\bgrad(?:e|ing)\b|differentiated|differentiation|gleason|fuhrman|{_SIZE}\b",
        "stage": _STAGE,
        "margins and invasion": r"\bmargins?\b|lymphovascular|angiolymphatic|vascular|\blvs?i\b|perineural",
        "lymph nodes": r"\bnodes?\b|\bnodal\b",
        "other findings": (
            r"necro\w+|mito(?:sis|ses|tic)|ulcerat\w+|receptors?|her-?2|ki-?67|microsatellite|\bIDH\d?\b|\bMGMT\b|"
            r"sarcomatoid|rhabdoid|lymphocytic|\bin situ\b"
        ),
    }.items()
}

_HEADING = re.compile(r"diagnos[ie]s\b[^\n:]{0,20}[:\n]", re.IGNORECASE)
# Not after a single letter ("A. Left breast") or inside numbers.
_SENTENCE_END = re.compile(r"(?<![\s.][A-Za-z])[.;](?=\s)|\n")


def refined_by_rules(report: str) -> list[str]:
    """Return the six lines of a report, each ``name: words``, in the order of ``LINES``."""
    heading = _HEADING.search(report)
    parts = [report] if heading is None else [report[heading.end() :], report[: heading.start()]]
    sentences = "\n".join(" ".join(sentence.split()) for part in parts for sentence in _SENTENCE_END.split(part))
    return [f"{name}: {_around(cue, sentences) or UNKNOWN}" for name, cue in LINES.items()]


def _around(cue: re.Pattern[str], sentences: str) -> str:
    """Return the words around a cue, of one sentence, a line each, after the other, up to 18 words."""
    found: list[str] = []
    count, end = 0, -1
    for match in cue.finditer(sentences):
        if match.start() < end:
            continue
        start = sentences.rfind("\n", 0, match.start()) + 1
        sentence = sentences[start:].partition("\n")[0]
        end = start + len(sentence)
        last = max(one.start() for one in cue.finditer(sentence))
        # The number of blanks before a place is the number of the word that stands there.
        first_word, last_word = sentence.count(" ", 0, match.start() - start), sentence.count(" ", 0, last)
        words = sentence.split(" ")[max(0, first_word - BEFORE) : last_word + BEHIND + 1][: WORDS - count]
        piece = " ".join(words)
        if piece.lower() in (one.lower() for one in found):
            continue
        found.append(piece)
        count += len(words)
        if count >= WORDS:
            break
    return "; ".join(found)
