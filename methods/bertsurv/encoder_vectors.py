"""Notes read by a language encoder: a vector a piece of a note."""

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import normalize

from benchmarks.encoders.cache import cached_array
from benchmarks.encoders.frozen import FrozenEncoder
from benchmarks.encoders.pretrained import frame_of
from benchmarks.errors import UsageError
from benchmarks.types import Context, Float32Array, IntArray
from methods.bertsurv.config import SCRATCH, Config
from methods.bertsurv.note_vectors import ReadNotes
from methods.bertsurv.pretraining import pretrain
from methods.shared.text import (
    Backbone,
    PartlyTrained,
    ReadTexts,
    Size,
    TokenTexts,
    first_token,
    load_backbone,
    masked_mean,
    scratch_backbone,
    tokenised,
)

# Part of the names of cached files: raised when cutting or pooling changes.
VERSION = 1

# Pieces whose states are in memory at once where nothing is trained, and those that are pooled at once.
READ_AT_ONCE = 256
POOLED_AT_ONCE = 32


class EncoderVectors:
    """The mean of the last layer over the tokens of a piece, or that of the first token, brought to length 1.

    A pretrained encoder is frozen until its last layers are tuned: its vectors hang on their note alone, and are kept
    on disk. One from scratch is pretrained on the training notes. In float32, so that a note's vector does not hang on
    those that are read with it.

    Parameters
    ----------
    config : Config
        Which encoder, how notes are cut and pooled, how many layers are tuned.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.tuned = False
        """Whether the last layers are no longer those that were pretrained."""

    @property
    def width(self) -> int:
        """Of a vector."""
        return self._backbone.width

    @property
    def tokenizer(self) -> Any:
        """Of transformers, a fast one."""
        return self._backbone.tokenizer

    @property
    def heads(self) -> int:
        """Heads of a layer."""
        model: Any = self._backbone.model
        return int(model.config.num_attention_heads)

    @property
    def parameters(self) -> int:
        """How many parameters of the encoder were trained here, in pretraining or tuning."""
        if self.config.encoder == SCRATCH and self.config.mlm_epochs:
            return sum(parameter.numel() for parameter in self._backbone.model.parameters())
        return self.module.trained_parameters if self.tuned else 0

    def fit(self, texts: Sequence[str], context: Context) -> int:
        """Load the encoder, or make one and pretrain it on the training notes; return the tokens it was trained on.

        Raises
        ------
        UsageError
            If it is not on this machine, cannot be read, or does not read so many tokens or have so many layers.
        """
        config = self.config
        seen = 0
        if config.encoder == SCRATCH:
            size = Size(
                width=config.scratch_width,
                layers=config.scratch_layers,
                heads=config.scratch_heads,
                feed_forward=4 * config.scratch_width,
                positions=config.max_tokens,
            )
            self._backbone = scratch_backbone(
                texts, "encoder", size, vocabulary=config.scratch_vocabulary, context=context
            )
            with context.timed("pretraining"):
                pieces = tokenised(self._backbone, texts, maximum=config.max_tokens, cut="chunks").ids
                seen = pretrain(self._backbone, pieces, config, context)
        else:
            self._backbone = load_backbone(config.encoder, "encoder")
        context.logger.info("notes are read by %s", self._backbone.label)
        self.module = self._partly_trained(self._backbone, context)
        before, behind = frame_of(self.tokenizer)
        self.before = len(before)
        """Own tokens of the encoder before a piece, such as [CLS]."""
        self._framing = len(before) + len(behind)
        return seen

    def read(self, texts: Sequence[str]) -> ReadNotes:
        """Return the vectors of n notes, from the disk where they are there."""
        tokens = self.tokens(texts)
        unknown = self.tokenizer.unk_token_id
        counts = np.array([len(piece) - self._framing for piece in tokens.ids])
        strange = np.array([sum(number == unknown for number in piece) for piece in tokens.ids])
        n = len(texts)
        return ReadNotes(
            chunks=self._vectors(texts, tokens),
            tokens=np.bincount(tokens.owner, weights=counts, minlength=n).astype(np.int64),
            unknown=np.bincount(tokens.owner, weights=strange, minlength=n).astype(np.int64),
            cut=tokens.cut,
        )

    def tokens(self, texts: Sequence[str]) -> TokenTexts:
        """Return the tokens of n notes, cut as the settings say."""
        config = self.config
        try:
            return tokenised(self._backbone, texts, maximum=config.max_tokens, cut=config.truncate)
        except ValueError as error:
            raise UsageError(f"max_tokens={config.max_tokens}: {error}") from None

    def pooled(self, read: ReadTexts, rows: IntArray) -> Tensor:
        """Return the vectors of some pieces, shape (b, width), with a gradient where layers are tuned."""
        hidden, mask = self.module(read, rows)
        vectors = masked_mean(hidden, mask) if self.config.pool == "mean" else first_token(hidden)
        return normalize(vectors, dim=1)

    def _partly_trained(self, backbone: Backbone, context: Context) -> PartlyTrained:
        count = self.config.train_last_layers
        try:
            return PartlyTrained(
                backbone,
                "last_layers" if count else "none",
                last_layers=count,
                precision="float32",
                device=context.device,
            )
        except ValueError as error:
            raise UsageError(f"train_last_layers={count}: {error}") from None

    def _vectors(self, texts: Sequence[str], tokens: TokenTexts) -> list[Float32Array]:
        config = self.config
        if self.tuned or config.encoder == SCRATCH:
            return self._computed(tokens)
        if config.truncate == "chunks" and config.pool == "mean":
            return FrozenEncoder(config.encoder, config.max_tokens).chunk_vectors(texts)
        encoder = f"{self._backbone.checksum[:12]}-{config.max_tokens}-{config.truncate}-{config.pool}-{VERSION}"
        found = []
        for row, text in enumerate(texts):
            key = hashlib.sha256(text.encode()).hexdigest()
            of_text = partial(self._of_one, tokens, row)
            found.append(cached_array("notes", encoder, key, self.width, of_text))
        return found

    def _of_one(self, tokens: TokenTexts, row: int) -> Float32Array:
        return self._pooled_pieces([tokens.ids[piece] for piece in np.flatnonzero(tokens.owner == row)])

    def _computed(self, tokens: TokenTexts) -> list[Float32Array]:
        vectors = self._pooled_pieces(tokens.ids)
        ends = np.cumsum(np.bincount(tokens.owner, minlength=len(tokens)))
        return np.split(vectors, ends[:-1]) if len(tokens) else []

    @torch.no_grad()
    def _pooled_pieces(self, ids: Sequence[list[int]]) -> Float32Array:
        """Return a vector a piece, shape (m, width); pieces of similar length are read together."""
        vectors = np.empty((len(ids), self.width), dtype=np.float32)
        order = np.argsort([len(piece) for piece in ids], kind="stable")
        for start in range(0, len(order), READ_AT_ONCE):
            rows = order[start : start + READ_AT_ONCE]
            read = self.module.read([ids[row] for row in rows])
            for first in range(0, len(rows), POOLED_AT_ONCE):
                some = np.arange(first, min(first + POOLED_AT_ONCE, len(rows)))
                vectors[rows[some]] = self.pooled(read, some).cpu().numpy()
        return vectors
