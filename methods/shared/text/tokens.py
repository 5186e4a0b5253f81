"""Texts as tokens: cut where they are too long, padded where a batch needs it, counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor

from benchmarks.encoders.pretrained import frame_of
from benchmarks.types import BoolArray, IntArray
from methods.shared.text.backbone import Backbone

# What is left of a text that is too long: its beginning, its end, a quarter of the room from the beginning and the
# rest from the end; or all of it, in pieces.
Cut: TypeAlias = Literal["head", "tail", "head_tail", "chunks"]

HEAD_SHARE = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class TokenTexts:
    """Tokens of n texts in m pieces.

    Parameters
    ----------
    ids : list of m lists of int
        Numbers of the tokens of each piece, with those the model wants at its beginning and end.
    owner : array of int, shape (m,)
        The text that each piece is of; every text has one piece or more.
    empty : array of bool, shape (n,)
        Texts without a token of their own.
    cut : array of bool, shape (n,)
        Texts of which tokens were left out.
    kept : list of m arrays of int
        Which of its text's own tokens, counted from 0, a piece has.
    """

    ids: list[list[int]]
    owner: IntArray
    empty: BoolArray
    cut: BoolArray
    kept: list[IntArray]

    def __len__(self) -> int:
        return len(self.empty)

    @property
    def tokens(self) -> IntArray:
        """Tokens that are read of each text, shape (n,)."""
        lengths = np.array([len(piece) for piece in self.ids])
        return np.bincount(self.owner, weights=lengths, minlength=len(self)).astype(np.int64)


def tokenised(
    backbone: Backbone, texts: Sequence[str], *, maximum: int, cut: Cut = "head_tail", overlap: int = 0
) -> TokenTexts:
    """Return the tokens of n texts.

    Parameters
    ----------
    backbone : Backbone
        Its tokenizer reads them.
    texts : sequence of str, length n
        An empty one has the model's own tokens alone.
    maximum : int
        Most tokens of a piece, those of the model included.
    cut : {"head", "tail", "head_tail", "chunks"}
        What is left of a text that is too long; ``head_tail`` keeps a quarter of the room from its beginning.
    overlap : int
        Tokens that a chunk has in common with the one before.

    Raises
    ------
    ValueError
        If there is no room for tokens, or the model has not so many positions.
    """
    before, behind = frame_of(backbone.tokenizer)
    room = maximum - len(before) - len(behind)
    if room < 1 or not 0 <= overlap < room:
        raise ValueError(f"pieces of {maximum} tokens leave no room beside {maximum - room} of the model's own")
    if maximum > backbone.positions:
        raise ValueError(f"{backbone.label} reads {backbone.positions} tokens at most, not {maximum}")
    ids: list[list[int]] = []
    owner: list[int] = []
    kept: list[IntArray] = []
    empty, shortened = np.zeros(len(texts), dtype=np.bool_), np.zeros(len(texts), dtype=np.bool_)
    for row, of_text in enumerate(_bare(backbone.tokenizer, texts)):
        empty[row] = not of_text
        shortened[row] = cut != "chunks" and len(of_text) > room
        pieces = _pieces(list(range(len(of_text))), room, cut, overlap)
        ids += [before + [of_text[place] for place in piece] + behind for piece in pieces]
        owner += [row] * len(pieces)
        kept += [np.array(piece, dtype=np.int64) for piece in pieces]
    return TokenTexts(ids, np.array(owner, dtype=np.int64), empty, shortened, kept)


def padded(ids: Sequence[Sequence[int]], padding: int, *, left: bool = False, length: int = 0) -> tuple[Tensor, Tensor]:
    """Return n pieces as one batch: tokens (n, L) and which of them are real (n, L).

    L is the length of the longest, or ``length`` if that is longer.

    A padding token may be one that also stands in texts (often it is the end token): only the mask tells them apart.
    """
    lengths = torch.tensor([len(piece) for piece in ids])
    length = max(length, int(lengths.max()))
    places = torch.arange(length)
    mask = places >= (length - lengths)[:, None] if left else places < lengths[:, None]
    batch = torch.full(mask.shape, padding)
    batch[mask] = torch.tensor([number for piece in ids for number in piece])
    return batch, mask


def length_sorted(lengths: Sequence[int] | IntArray, size: int) -> list[IntArray]:
    """Return all rows in batches of about the same length, the longest first: if memory does not suffice, it shows."""
    order = np.argsort(-np.asarray(lengths), kind="stable")
    return [order[start : start + size] for start in range(0, len(order), size)]


def _bare(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    if not texts:
        return []
    # Blanks alone say nothing, though some tokenizers have tokens for them.
    said = [text if text.strip() else "" for text in texts]
    ids: list[list[int]] = tokenizer(said, add_special_tokens=False, verbose=False)["input_ids"]
    return ids


def _pieces(ids: list[int], room: int, cut: Cut, overlap: int) -> list[list[int]]:
    if len(ids) <= room:
        return [ids]
    if cut == "head":
        return [ids[:room]]
    if cut == "tail":
        return [ids[-room:]]
    if cut == "head_tail":
        head = int(HEAD_SHARE * room)
        return [ids[:head] + ids[len(ids) - (room - head) :]]
    step = room - overlap
    return [ids[start : start + room] for start in range(0, max(1, len(ids) - overlap), step)]
