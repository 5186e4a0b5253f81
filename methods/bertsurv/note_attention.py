"""Where the heads of an encoder look in a note: positions and weights of words, never the words themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.types import Float32Array, FloatArray, IntArray, Texts
from methods.bertsurv.encoder_vectors import EncoderVectors
from methods.shared.text import TokenTexts
from methods.shared.text.attention_maps import attention_from_first_token

# Words of a note that are kept, and pieces whose attention is in memory at once.
WORDS = 16
PIECES_AT_ONCE = 16

# Names of the states.
STARTS, ENDS, WEIGHTS, ELSEWHERE = "word_starts", "word_ends", "word_weights", "own_tokens_weight"


@dataclass(frozen=True, slots=True, eq=False)
class AttendedWords:
    """Words of one note.

    Parameters
    ----------
    starts, ends : arrays of int, shape (w,)
        Where the words stand in the note, in characters.
    weights : array, shape (w, heads)
        Attention of the first token, averaged over the pieces of the word.
    own : array, shape (heads,)
        Attention to the encoder's own tokens, such as [CLS] and [SEP], at which heads look that have nothing to find.
    """

    starts: IntArray
    ends: IntArray
    weights: FloatArray
    own: FloatArray


def note_attention(encoder: EncoderVectors, notes: Texts, shares: Sequence[FloatArray]) -> dict[str, Float32Array]:
    """Return the states of n patients: the words of their notes at which the heads of the last layer look most.

    Parameters
    ----------
    encoder : EncoderVectors
        A language encoder.
    notes : Texts
        Of n patients.
    shares : sequence of n arrays, shape (m_i,)
        The share that each piece of a note has in its vector; empty without a note.

    Returns
    -------
    dict
        ``word_starts``, ``word_ends`` (n, 16): characters of the note, the word with the largest mean weight first, -1
        where there are fewer; ``word_weights`` (n, 16 x heads), all heads of the first word first;
        ``own_tokens_weight`` (n, heads).
    """
    there = np.flatnonzero(notes.present).tolist()
    words_of = _words(encoder, [notes.texts[row] for row in there], [shares[row] for row in there])
    heads = encoder.heads
    starts, ends = np.full((len(notes), WORDS), -1.0), np.full((len(notes), WORDS), -1.0)
    weights, own = np.zeros((len(notes), WORDS, heads)), np.zeros((len(notes), heads))
    for row, words in zip(there, words_of, strict=True):
        order = np.argsort(-words.weights.mean(axis=1), kind="stable")[:WORDS]
        count = len(order)
        starts[row, :count], ends[row, :count] = words.starts[order], words.ends[order]
        weights[row, :count], own[row] = words.weights[order], words.own
    states = {STARTS: starts, ENDS: ends, WEIGHTS: weights.reshape(len(notes), -1), ELSEWHERE: own}
    return {name: state.astype(np.float32) for name, state in states.items()}


def _words(encoder: EncoderVectors, texts: Sequence[str], shares: Sequence[FloatArray]) -> Iterator[AttendedWords]:
    """Yield the words of each note, with the attention of its pieces weighted by their shares."""
    tokens = encoder.tokens(texts)
    attention = _attention(encoder, tokens)
    first = np.searchsorted(tokens.owner, np.arange(len(texts) + 1))
    for row, (text, of_note) in enumerate(zip(texts, shares, strict=True)):
        read = encoder.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        places = np.array(read["offset_mapping"], dtype=np.int64).reshape(-1, 2)
        word_of = np.array([-1 if word is None else word for word in read.word_ids()], dtype=np.int64)
        of_tokens = np.zeros((len(places), encoder.heads))
        own = np.zeros(encoder.heads)
        # An empty note has one piece without a token, and no share in anything.
        for piece, share in zip(range(first[row], first[row + 1]), of_note, strict=False):
            kept, weights = tokens.kept[piece], attention[piece].T * share
            inner = weights[encoder.before : encoder.before + len(kept)]
            of_tokens[kept] += inner
            own += weights.sum(axis=0) - inner.sum(axis=0)
        yield _averaged(places, word_of, of_tokens, own)


def _averaged(places: IntArray, word_of: IntArray, weights: FloatArray, own: FloatArray) -> AttendedWords:
    """Average the weights of tokens, shape (t, heads), over the tokens of each word that any weight goes to."""
    read = (word_of >= 0) & (weights.sum(axis=1) > 0)
    numbers, index, counts = np.unique(word_of[read], return_inverse=True, return_counts=True)
    sums = np.zeros((len(numbers), weights.shape[1]))
    np.add.at(sums, index, weights[read])
    starts, ends = np.full(len(numbers), np.iinfo(np.int64).max), np.zeros(len(numbers), dtype=np.int64)
    np.minimum.at(starts, index, places[read, 0])
    np.maximum.at(ends, index, places[read, 1])
    return AttendedWords(starts, ends, sums / counts[:, None], own)


def _attention(encoder: EncoderVectors, tokens: TokenTexts) -> list[Float32Array]:
    """Return the attention of the first token of each piece, shape (heads, L_i)."""
    found: list[Float32Array] = [np.empty(0, dtype=np.float32)] * len(tokens.ids)
    order = np.argsort([len(piece) for piece in tokens.ids], kind="stable")
    for start in range(0, len(order), PIECES_AT_ONCE):
        rows = order[start : start + PIECES_AT_ONCE]
        for row, weights in zip(
            rows, attention_from_first_token(encoder.module, [tokens.ids[k] for k in rows]), strict=True
        ):
            found[row] = weights
    return found
