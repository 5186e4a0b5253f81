"""Notes as weighted counts of words: the control that a language model has to beat."""

from collections.abc import Sequence

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.types import Context
from methods.bertsurv.note_vectors import ReadNotes


class TfidfVectors:
    """tf-idf of the most frequent words and pairs of words, then a truncated singular value decomposition.

    All of a note is read, however long. A note of which no word was seen in training has the vector 0.

    Parameters
    ----------
    words : int
        Most words and pairs of words.
    components : int
        Most components; fewer where there are fewer notes or words.
    """

    parameters = 0

    def __init__(self, words: int, components: int) -> None:
        self.words = words
        self.components = components

    @property
    def width(self) -> int:
        """Number of components."""
        return int(self._decomposition.n_components)

    def fit(self, texts: Sequence[str], context: Context) -> int:
        """Learn words, weights and components of the training notes; return 0: no token is trained on.

        Raises
        ------
        ValueError
            If the notes have fewer than two words between them.
        """
        self._words = TfidfVectorizer(max_features=self.words, ngram_range=(1, 2), sublinear_tf=True)
        try:
            counts = self._words.fit_transform(texts)
        except ValueError as error:
            raise ValueError(f"the training notes have no words: {error}") from error
        few = min(self.components, counts.shape[0] - 1, counts.shape[1] - 1)
        if few < 1:
            raise ValueError("the training notes have fewer than two words between them")
        self._decomposition = TruncatedSVD(n_components=few, random_state=context.derived_seed("tfidf")).fit(counts)
        self._known = {word for word in self._words.vocabulary_ if " " not in word}
        return 0

    def read(self, texts: Sequence[str]) -> ReadNotes:
        """Return one vector a note; tokens are words of two letters or more."""
        split = TfidfVectorizer(ngram_range=(1, 1)).build_analyzer()
        words = [split(text) for text in texts]
        n = len(texts)
        vectors = np.empty((0, self.width))
        if n:
            vectors = self._decomposition.transform(self._words.transform(texts))
        return ReadNotes(
            chunks=[row[None].astype(np.float32) for row in vectors],
            tokens=np.array([len(of_note) for of_note in words], dtype=np.int64),
            unknown=np.array([sum(word not in self._known for word in of_note) for of_note in words], dtype=np.int64),
            cut=np.zeros(n, dtype=np.bool_),
        )
