"""From notes to vectors: what an encoder read of each note, brought to one scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from benchmarks.types import Bags, BoolArray, Context, Float32Array, FloatArray, IntArray, Texts


@dataclass(frozen=True, slots=True, eq=False)
class ReadNotes:
    """What an encoder read of n notes.

    Parameters
    ----------
    chunks : sequence of n arrays, shape (m_i, d)
        A vector for each piece of a note; an empty note may have none.
    tokens, unknown : arrays of int, shape (n,)
        Tokens that were read, and those of them that the encoder does not know.
    cut : array of bool, shape (n,)
        Whether a part of the note was left out.
    """

    chunks: Sequence[Float32Array]
    tokens: IntArray
    unknown: IntArray
    cut: BoolArray

    def counts(self) -> dict[str, float]:
        """Return numbers for the record: how many notes, and what became of them; shares only where there is a note.

        A note of which no token is known, such as one in a script the encoder has not seen, says nothing: it counts as
        unreadable, as an empty one does.
        """
        found = {
            "notes": float(len(self.chunks)),
            "tokens_read": float(self.tokens.sum()),
            "notes_unreadable": float((self.unknown >= self.tokens).sum()),
        }
        if self.chunks:
            found["notes_cut"] = float(self.cut.mean())
        if self.tokens.sum():
            found["tokens_unknown"] = float(self.unknown.sum() / self.tokens.sum())
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """Mean of vectors, shape (d,), and the one number that they are divided by."""

    mean: FloatArray
    spread: float

    @classmethod
    def of(cls, pieces: FloatArray) -> "Scale":
        """Learn from the vectors of m pieces, shape (m, d)."""
        spread = float(np.sqrt(pieces.var(axis=0).mean()))
        # Where all training notes say the same there is nothing to learn of others.
        return cls(pieces.mean(axis=0), spread if spread > 0 else np.inf)

    def apply(self, pieces: Float32Array) -> Float32Array:
        """Return scaled vectors."""
        scaled: Float32Array = ((pieces - self.mean) / self.spread).astype(np.float32)
        return scaled


class NoteEncoder(Protocol):
    """Makes vectors of notes."""

    @property
    def width(self) -> int:
        """Of a vector; known after ``fit``."""

    @property
    def parameters(self) -> int:
        """Trained numbers of the encoder itself."""

    def fit(self, texts: Sequence[str], context: Context) -> int:
        """Learn what is learnt of the training patients' notes; return how many tokens it was trained on."""

    def read(self, texts: Sequence[str]) -> ReadNotes:
        """Return the vectors of n notes, and what was read of them."""


class NoteVectors:
    """Vectors of notes less the mean of the training patients' pieces, and divided by one number.

    Reports of one kind have much in common: what all share would drown what tells them apart. One number for all
    columns, which brings the mean variance of a column to 1, leaves weak components weak.

    Parameters
    ----------
    encoder : NoteEncoder
        What makes the vectors.
    """

    def __init__(self, encoder: NoteEncoder) -> None:
        self.encoder = encoder

    def fit(self, notes: Texts, context: Context) -> "NoteVectors":
        """Learn from the notes of n training patients.

        Raises
        ------
        ValueError
            If fewer than two of them have one.
        """
        texts = _there(notes)
        if len(texts) < 2:
            raise ValueError(f"{len(texts)} training patients have a note, at least 2 are needed")
        self.tokens_seen = self.encoder.fit(texts, context)
        # What was read once to make vectors was seen, too.
        self.tokens_seen = max(self.tokens_seen, self.rescale(notes))
        return self

    def rescale(self, notes: Texts) -> int:
        """Learn the scale of the training patients' vectors, again if the encoder has changed; return their tokens."""
        found = self.encoder.read(_there(notes))
        self.scale = Scale.of(np.concatenate(found.chunks).astype(np.float64))
        return int(found.tokens.sum())

    def transform(self, notes: Texts) -> tuple[Bags, ReadNotes]:
        """Return a bag of vectors for each of n patients, and what was read of the notes that there are."""
        found = self.encoder.read(_there(notes))
        scaled = iter([self.scale.apply(chunks) for chunks in found.chunks])
        nothing = np.empty((0, self.encoder.width), dtype=np.float32)
        bags = [next(scaled) if there else nothing for there in notes.present]
        return Bags(bags, self.encoder.width, present=notes.present), found


def _there(notes: Texts) -> list[str]:
    return [text for text, there in zip(notes.texts, notes.present, strict=True) if there]
