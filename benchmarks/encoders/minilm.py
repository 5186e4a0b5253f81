"""all-MiniLM-L6-v2, a frozen sentence encoder (384 wide)."""

from collections.abc import Sequence

from benchmarks.encoders.frozen import FrozenEncoder
from benchmarks.types import Float32Array

MODEL = "minilm"
ENCODER = "all-MiniLM-L6-v2"
WIDTH = 384

# Longer sentences are cut, by the model's own limit in tokens.
MAXIMUM_TOKENS = 256


def encode(sentences: Sequence[str]) -> Float32Array:
    """Return the vectors of sentences: mean of the last layer over tokens, brought to length 1.

    Parameters
    ----------
    sentences : sequence of str, length m
        Cut at 256 tokens.

    Returns
    -------
    array, shape (m, 384), float32

    Raises
    ------
    UsageError
        If the model was not fetched.
    """
    return FrozenEncoder(MODEL, MAXIMUM_TOKENS).encode(sentences)
