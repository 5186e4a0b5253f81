"""A report as a bag of sentence vectors, made by a frozen encoder when asked for and kept on disk.

A vector depends on its sentence alone, so no train-only rule is touched.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence

from benchmarks.encoders import minilm
from benchmarks.encoders.cache import cached_array
from benchmarks.types import Bags, BoolArray, Float32Array

# Part of the key of the cache and of the fingerprints: raised when splitting or pooling changes.
VERSION = 1

# A sentence ends at . ! or ? before a blank and a capital, digit or bullet, or at an empty line. Not after a single
# letter (initials, "A. Left breast") or the abbreviations of reports, nor inside numbers such as 1.2.
_ABBREVIATIONS = ("Dr", "No", "vs", "approx", "e.g", "i.e")
_END = re.compile(
    r"[.!?\n](?:(?<=\n)\s*\n|(?<=[.!?])(?<!\b[A-Za-z]\.)"
    + "".join(rf"(?<!\b{re.escape(word)}\.)" for word in _ABBREVIATIONS)
    + r"(?=\s+[\"'(\[A-Z0-9*#-]|\s*\Z))"
)


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the sentences of a text; together they cover all of it."""
    start = 0
    for end in _END.finditer(text):
        if text[start : end.end()].strip():
            yield start, end.end()
            start = end.end()
    if text[start:].strip():
        yield start, len(text)


def sentence_at(text: str, position: int, reach: int) -> tuple[int, int]:
    """Return start and end of the sentence around a position of a text.

    Where a sentence goes on for more than ``reach`` characters to one side, as in forms without punctuation, the
    line ends it there, and failing that the reach.
    """
    # One character more, for the capital that shows that a sentence began at the position itself.
    ends = [end.end() for end in _END.finditer(text, max(0, position - reach), position + 1)]
    before = [end for end in ends if end <= position]
    start = before[-1] if before else _line_start(text, position, reach)
    after = _END.search(text, position, min(len(text), position + reach))
    return start, after.end() if after else _line_end(text, position, reach)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, blanks collapsed, those without a letter or digit left out."""
    sentences = (" ".join(text[start:end].split()) for start, end in sentence_spans(text))
    return [sentence for sentence in sentences if any(character.isalnum() for character in sentence)]


def sentence_bags(texts: Sequence[str], present: BoolArray) -> Bags:
    """Return one bag of sentence vectors a text; nothing is encoded before a bag is read.

    Parameters
    ----------
    texts : sequence of str, length n
        Empty where there is none.
    present : array of bool, shape (n,)
        Which patients have a text.

    Returns
    -------
    Bags
        Width 384, one row a sentence in the order of the text. Reading one raises UsageError if the model was not
        fetched.
    """
    fingerprints = tuple(_key(text) if there else "" for text, there in zip(texts, present, strict=True))
    return Bags(SentenceVectors(texts), minilm.WIDTH, present=present, fingerprints=fingerprints)


class SentenceVectors:
    """Bags that are computed from texts: position i holds the vectors of the sentences of text i.

    Parameters
    ----------
    texts : sequence of str
        One a bag.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = tuple(texts)

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, position: int) -> Float32Array:
        """Return the vectors of a text's sentences, shape (m, 384), from the cache where it has them."""
        text = self.texts[position]
        return cached_array(
            "sentences",
            f"{minilm.ENCODER}-{VERSION}",
            _key(text),
            minilm.WIDTH,
            lambda: minilm.encode(split_sentences(text)),
        )


def _line_start(text: str, position: int, reach: int) -> int:
    if position <= reach:
        return 0
    return max(text.rfind("\n", 0, position) + 1, position - reach)


def _line_end(text: str, position: int, reach: int) -> int:
    if len(text) - position <= reach:
        return len(text)
    end = text.find("\n", position)
    return min(len(text) if end < 0 else end + 1, position + reach)


def _key(text: str) -> str:
    return hashlib.sha256(f"{minilm.ENCODER}\n{VERSION}\n{text}".encode()).hexdigest()
