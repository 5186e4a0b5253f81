"""A long report made short: of each chunk the sentences that are most like the whole chunk."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.types import FloatArray
from methods.llm_distillation.outcome_sentences import sentences

Count = Callable[[Sequence[str]], list[int]]

WORDS = 5000
_WORD = r"(?u)\b\w\w+\b"


class ReportSummary:
    """Chunk and summarise, without a language model: the sentences nearest to the centre of their chunk (Radev 2004).

    A report is divided into chunks of as many tokens as there is room for, at the ends of sentences. Each chunk gets an
    equal share of the room, and fills it with its sentences, those with the largest cosine to the chunk's mean tf-idf
    vector first; they stand in their old order.

    Parameters
    ----------
    vocabulary : mapping of str to int
        Place of each word.
    rarity : array, shape (words,)
        Inverse document frequency of the words in the training reports.
    """

    def __init__(self, vocabulary: dict[str, int], rarity: FloatArray) -> None:
        self.vocabulary = vocabulary
        self.rarity = rarity
        self._counts: Any = TfidfVectorizer(vocabulary=vocabulary, token_pattern=_WORD)
        self._counts.idf_ = rarity

    @classmethod
    def fit(cls, reports: Sequence[str]) -> "ReportSummary":
        """Learn words and their rarity from the training patients' reports."""
        learnt = TfidfVectorizer(max_features=WORDS, token_pattern=_WORD).fit(reports)
        return cls({word: int(place) for word, place in learnt.vocabulary_.items()}, learnt.idf_)

    def of(self, report: str, room: int, count: Count) -> str:
        """Return a summary of at most so many tokens, up to what joining sentences changes."""
        pieces = sentences(report)
        lengths = count(pieces)
        chunks: list[list[int]] = [[]]
        used = 0
        for place, length in enumerate(lengths):
            if used + length > room and chunks[-1]:
                chunks.append([])
                used = 0
            chunks[-1].append(place)
            used += length
        share = room // len(chunks)
        chosen = sorted(place for chunk in chunks for place in self._chosen(pieces, lengths, chunk, share))
        return "".join(pieces[place] for place in chosen)

    def _chosen(self, pieces: Sequence[str], lengths: Sequence[int], chunk: Sequence[int], room: int) -> list[int]:
        vectors = self._counts.transform([pieces[place] for place in chunk])
        centre = np.asarray(vectors.mean(axis=0)).ravel()
        # Rows have length 1 (or are empty), so the product orders as the cosine does.
        nearness = np.asarray(vectors @ centre).ravel()
        chosen, used = [], 0
        for place in np.argsort(-nearness, kind="stable"):
            if used + lengths[chunk[place]] <= room:
                chosen.append(chunk[place])
                used += lengths[chunk[place]]
        return chosen
