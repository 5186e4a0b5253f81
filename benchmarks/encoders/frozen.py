"""Frozen encoders: vectors of sentences, and of long texts in chunks, which are kept on disk."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, ClassVar

import numpy as np

from benchmarks.encoders.cache import cached_array, is_cached
from benchmarks.encoders.model_folder import ModelFolder, find_model, find_version, read_config
from benchmarks.encoders.pretrained import frame_of, load_model, load_tokenizer
from benchmarks.errors import UsageError
from benchmarks.types import Float32Array

# Part of the names of cached files: raised when cutting or pooling changes.
VERSION = 1

# Chunks that are encoded at once, of about the same length.
BATCH = 64
# Texts whose chunks are gathered for batches; after them progress is told, and theirs are on disk.
TEXTS_AT_ONCE = 16


def ignore_progress(done: int, total: int) -> None:
    """Tell nobody."""


class FrozenEncoder:
    """A pretrained encoder that nothing is fitted of; it is loaded when the first text has to be encoded.

    A vector is the mean of the last layer over the tokens of a chunk, brought to length 1. It depends on its text
    alone, so no train-only rule is touched.

    Parameters
    ----------
    model : str
        Specification of the model, see ``model_folder.find_model``.
    maximum : int
        Most tokens of a chunk, those at its beginning and end that the model asks for included.

    Raises
    ------
    UsageError
        If the model is not there or cannot be read.
    """

    training_only: ClassVar = ("_folder",)

    def __init__(self, model: str, maximum: int = 256) -> None:
        self.maximum = maximum
        self._model = model
        self._folder = find_model(model)
        self._version = self._folder.version
        self.label = self._folder.label
        """What rows and tables call the model."""
        self.width = _width(self._folder)
        """Entries of a vector."""

    def after_loading(self) -> None:
        """Find the model on this machine again: a saved method names it, and keeps no copy of it."""
        self._folder = find_version(self._model, self._version)

    def encode(self, sentences: Sequence[str]) -> Float32Array:
        """Return a vector for each of m sentences, shape (m, width); what is longer than a chunk is cut."""
        before, behind = frame_of(self._parts()[0])
        return self._vectors([chunks[0] if chunks else before + behind for chunks in map(self._chunks, sentences)])

    def chunk_vectors(
        self, texts: Sequence[str], progress: Callable[[int, int], None] = ignore_progress
    ) -> list[Float32Array]:
        """Return the vectors of the chunks of n texts, from the disk where they are there, and kept there otherwise.

        Parameters
        ----------
        texts : sequence of str, length n
            Cut into consecutive chunks of at most ``maximum`` tokens.
        progress : callable
            Told how many of the texts that are not on disk are done, and of how many.

        Returns
        -------
        list of n arrays, shape (m_i, width), float32
            A text without a token, such as an empty one, has no chunk.
        """
        missing = [text for text in dict.fromkeys(texts) if not is_cached(*self._place(text))]
        for start in range(0, len(missing), TEXTS_AT_ONCE):
            some = missing[start : start + TEXTS_AT_ONCE]
            chunks = [self._chunks(text) for text in some]
            vectors = self._vectors([ids for of_text in chunks for ids in of_text])
            first = 0
            for text, of_text in zip(some, chunks, strict=True):
                cached_array(*self._place(text), self.width, partial(_rows, vectors, first, len(of_text)))
                first += len(of_text)
            progress(min(len(missing), start + TEXTS_AT_ONCE), len(missing))
        return [cached_array(*self._place(text), self.width, partial(self._encoded, text)) for text in texts]

    def is_cached(self, text: str) -> bool:
        """Return whether the vectors of a text are on disk."""
        return is_cached(*self._place(text))

    def _encoded(self, text: str) -> Float32Array:
        return self._vectors(self._chunks(text))

    def _place(self, text: str) -> tuple[str, str, str]:
        """Return where the vectors of a text are kept: kind, encoder, key."""
        encoder = f"{self._folder.path.name}-{self._folder.version}-{self.maximum}-mean-{VERSION}"
        return "chunks", encoder, hashlib.sha256(text.encode()).hexdigest()

    def _chunks(self, text: str) -> list[list[int]]:
        tokenizer, _ = self._parts()
        ids = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        before, behind = frame_of(tokenizer)
        room = self.maximum - len(before) - len(behind)
        return [before + ids[start : start + room] + behind for start in range(0, len(ids), room)]

    def _vectors(self, chunks: Sequence[Sequence[int]]) -> Float32Array:
        import torch

        tokenizer, model = self._parts()
        vectors = np.empty((len(chunks), self.width), dtype=np.float32)
        order = np.argsort([len(ids) for ids in chunks], kind="stable")
        with torch.inference_mode():
            for start in range(0, len(order), BATCH):
                rows = order[start : start + BATCH]
                lengths = torch.tensor([len(chunks[row]) for row in rows])
                mask = torch.arange(int(lengths.max())) < lengths[:, None]
                ids = torch.full(mask.shape, tokenizer.pad_token_id)
                ids[mask] = torch.tensor([number for row in rows for number in chunks[row]])
                hidden = model(input_ids=ids, attention_mask=mask.long()).last_hidden_state
                real = mask.unsqueeze(-1).to(hidden.dtype)
                pooled = (hidden * real).sum(1) / real.sum(1)
                vectors[rows] = torch.nn.functional.normalize(pooled, dim=1).numpy()
        return vectors

    def _parts(self) -> tuple[Any, Any]:
        return _loaded(self._folder)


def _rows(vectors: Float32Array, first: int, count: int) -> Float32Array:
    return vectors[first : first + count]


def _width(folder: ModelFolder) -> int:
    width = read_config(folder.path).get("hidden_size")
    if not isinstance(width, int):
        raise UsageError(f"{folder.label} is no encoder of texts: its configuration has no hidden_size")
    return width


@cache
def _loaded(folder: ModelFolder) -> tuple[Any, Any]:
    """Return tokenizer and model, read once a process."""
    return load_tokenizer(folder), load_model(folder, "encoder")
