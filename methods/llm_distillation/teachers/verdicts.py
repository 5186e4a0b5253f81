"""Stored yes/no answers of several language models: one probability by how many of them agree."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal, TypeAlias

# What one model says: it outlives the horizon, or not; it will not say; it says both; nothing that can be read.
Verdict: TypeAlias = Literal["yes", "no", "refused", "contradictory", "unparseable"]

# The line before each model's text.
_HEADER = re.compile(r"^### (\S+): survival beyond (\d+(?:\.\d+)?) years$", re.MULTILINE)
_ANSWER = re.compile(r"[\"']?survival[\"']?\s*:\s*[\"']?([a-z][a-z ]*)", re.IGNORECASE)
_UNSURE = re.compile(
    r"uncertain|cannot|unable|impossible|not possible|difficult to|unknown|indeterminate", re.IGNORECASE
)
_SAYS = {"true": "yes", "false": "no"}

# Lines and sentences that are an answer, no reason.
_ANSWER_PART = re.compile(r"\{|^\W*(?:answer|note|reasoning|analysis)\b[^.]{0,25}:?\W*$|^here'?s my", re.IGNORECASE)
_MARKS = re.compile(r"^\s*(?:[-*]|\d+\.)\s+|\*\*|__", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What one model wrote about one patient.

    Parameters
    ----------
    model : str
        Who.
    years : float
        Beyond how many years it was asked whether the patient lives.
    verdict : str
        What it says.
    text : str
        All that it wrote.
    """

    model: str
    years: float
    verdict: Verdict
    text: str


def stored_answers(text: str) -> list[StoredAnswer]:
    """Return the answers of a patient's text, which has one section a model, in the order of the text.

    A section begins with a line such as ``### gpt-4o-2024-08-06: survival beyond 2.24 years``. A text without such a
    line has no answer.
    """
    headers = list(_HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    sections = [text[header.end() : end].strip() for header, end in zip(headers, ends, strict=True)] if headers else []
    return [
        StoredAnswer(header[1], float(header[2]), verdict_of(section), section)
        for header, section in zip(headers, sections, strict=True)
    ]


def verdict_of(text: str) -> Verdict:
    """Return what an answer ending in ``{"Survival": "True"}`` or ``"False"`` says, wherever that stands.

    Said twice the same it counts once; True and False beside each other are contradictory. Any other word, or none
    in a text that calls the outcome uncertain, is a refusal. The rest cannot be read.
    """
    words = {_SAYS.get(found.strip().lower(), "other") for found in _ANSWER.findall(text)}
    if {"yes", "no"} <= words:
        return "contradictory"
    if "yes" in words:
        return "yes"
    if "no" in words:
        return "no"
    return "refused" if words or _UNSURE.search(text) else "unparseable"


def agreement(answers: list[StoredAnswer], smoothing: float) -> float | None:
    """Return (yes + s) / (yes + no + 2 s), Laplace's rule of succession for s = 1; None if nobody says yes or no.

    Of three models that agree it says 0.8 or 0.2: yes-or-no answers of three alone make nobody certain.
    """
    counted = Counter(answer.verdict for answer in answers)
    said = counted["yes"] + counted["no"]
    return (counted["yes"] + smoothing) / (said + 2 * smoothing) if said else None


def reason_of(text: str, sentences: int) -> str:
    """Return the conclusion of a model's text: the first sentences of its last paragraph that is no answer.

    Parameters
    ----------
    text : str
        As the model wrote it.
    sentences : int
        How many; 0 for the whole text.
    """
    if sentences == 0:
        return text
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.)\s)", text):
        bare = " ".join(_MARKS.sub("", paragraph).split())
        kept = [sentence for sentence in _SENTENCE_END.split(bare) if _is_reason(sentence)]
        if kept:
            paragraphs.append(kept)
    return " ".join(paragraphs[-1][:sentences]) if paragraphs else ""


def _is_reason(sentence: str) -> bool:
    """Return whether a sentence says more than the answer, or that one follows."""
    return bool(sentence) and not sentence.endswith(":") and not _ANSWER_PART.search(sentence)
