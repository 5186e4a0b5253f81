"""Sentences of a report that tell what became of the patient: they are taken out before anything is read.

A dataset's adapter may have done so already, with rules of its own for its reports; this is the net below, for texts of
any cohort, and what it finds is counted.
"""

import re
from collections.abc import Sequence

_SPAN = r"\d+\s*-?\s*(?:days?|weeks?|months?|years?)"
_PERSON = r"(?:patient|he|she|man|woman)"
TELLS = re.compile(
    "|".join(
        (
            rf"\b{_PERSON}\b[^.]{{0,40}}\b(?:died|expired|succumbed|passed away|is alive|remains alive|was alive)\b",
            r"\b(?:cause|date|time) of death\b",
            r"\b(?:vital|survival) status\b",
            r"\b(?:dead|died|alive)\b[^.]{0,20}\b(?:of disease|with disease|without disease|and well)\b",
            r"\blost to follow[- ]?up\b|\blast (?:known )?(?:follow[- ]?up|contact)\b",
            rf"\bsurviv(?:ed|al)\b[^.]{{0,20}}\b{_SPAN}",
            rf"\b(?:recurr|relapse|metasta|progress)\w*[^.]{{0,40}}\b{_SPAN} (?:later|after)\b",
            rf"\b(?:disease[- ]free|no evidence of disease)\b[^.]{{0,20}}\b(?:at|for|after) {_SPAN}",
        )
    ),
    re.IGNORECASE,
)


def without_outcome(texts: Sequence[str]) -> tuple[tuple[str, ...], list[int]]:
    """Return n texts without sentences that tell the outcome, and how many were taken out of each."""
    cleaned = [_without_outcome(text) for text in texts]
    return tuple(text for text, _ in cleaned), [count for _, count in cleaned]


def sentences(text: str) -> list[str]:
    """Return the sentences and lines of a text, each with what ends it; joined they are the text."""
    return [piece for piece in re.split(r"(?<=[.!?])(?=\s)|(?<=\n)", text) if piece]


def _without_outcome(text: str) -> tuple[str, int]:
    if not TELLS.search(text):
        return text, 0
    pieces = sentences(text)
    kept = [piece for piece in pieces if not TELLS.search(piece)]
    return "".join(kept).strip(), len(pieces) - len(kept)
