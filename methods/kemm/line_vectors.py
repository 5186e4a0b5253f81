"""From sentences to vectors, brought to one scale: counted words of the training part, or a frozen encoder."""

import hashlib
from collections.abc import Sequence

import numpy as np

from benchmarks.encoders.cache import cached_array
from benchmarks.encoders.frozen import FrozenEncoder
from benchmarks.encoders.model_folder import find_model
from benchmarks.types import Context, Float32Array
from methods.bertsurv.note_vectors import Scale
from methods.bertsurv.tfidf import TfidfVectors
from methods.kemm.config import TFIDF, Config

# Part of the names of cached files: raised when lines are encoded otherwise.
VERSION = 1


class LineVectors:
    """A vector for each sentence; mean and spread are those of the training patients' lines and the knowledge.

    Parameters
    ----------
    config : Config
        Which encoder.
    """

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, groups: Sequence[Sequence[str]], context: Context) -> "LineVectors":
        """Learn from groups of sentences: the lines of each training patient's report, and the knowledge.

        Raises
        ------
        UsageError
            If the encoder is not on this machine.
        ValueError
            If there are fewer than two sentences.
        """
        sentences = [sentence for group in groups for sentence in group]
        if len(sentences) < 2:
            raise ValueError(f"{len(sentences)} sentences in reports and knowledge, at least 2 are needed")
        if self.config.text_encoder == TFIDF:
            self._counted: TfidfVectors | None = TfidfVectors(self.config.words, self.config.text_components)
            self._counted.fit(sentences, context)
        else:
            self._counted = None
            self._frozen = FrozenEncoder(self.config.text_encoder)
            self._version = find_model(self.config.text_encoder).version
        self._scale = Scale.of(np.concatenate(self._bare(groups)).astype(np.float64))
        return self

    @property
    def width(self) -> int:
        """Entries of a vector."""
        return self._frozen.width if self._counted is None else self._counted.width

    def transform(self, groups: Sequence[Sequence[str]]) -> list[Float32Array]:
        """Return the vectors of each group's sentences, shape (m_i, width) each."""
        return [self._scale.apply(vectors) for vectors in self._bare(groups)]

    def _bare(self, groups: Sequence[Sequence[str]]) -> list[Float32Array]:
        if self._counted is None:
            return [self._encoded(group) for group in groups]
        sentences = [sentence for group in groups for sentence in group]
        vectors = np.concatenate([np.empty((0, self.width), dtype=np.float32), *self._counted.read(sentences).chunks])
        return np.split(vectors, np.cumsum([len(group) for group in groups]))[: len(groups)]

    def _encoded(self, group: Sequence[str]) -> Float32Array:
        """Return the vectors of a group, from the disk where they are there."""
        if not group:
            return np.empty((0, self.width), dtype=np.float32)
        key = hashlib.sha256("\0".join(group).encode(errors="surrogatepass")).hexdigest()
        place = f"{self._version}-{self._frozen.maximum}-{VERSION}"
        return cached_array("lines", place, key, self.width, lambda: self._frozen.encode(group))
