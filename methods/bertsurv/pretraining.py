"""Masked language modelling (Devlin et al. 2019) of an encoder with fresh weights on the training patients' notes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.types import Context, IntArray
from methods.bertsurv.config import Config
from methods.shared.text import Backbone, length_sorted
from methods.shared.text.tokens import padded
from methods.shared.training.batches import ShuffledBatches
from methods.shared.training.loop import TrainingSettings, train
from methods.shared.training.reproducible import reproducible

# Of the tokens so many are to be guessed; of these so many are hidden, and so many replaced by another token.
GUESSED, HIDDEN, REPLACED = 0.15, 0.8, 0.1
# One piece in so many is left out of training, and tells which epoch is best.
HELD_OUT = 10
BATCH = 16
LEARNING_RATE, WEIGHT_DECAY, CLIP_NORM = 5e-4, 0.01, 1.0
# A token that is not to be guessed, as torch marks it.
IGNORED = -100


class _Guesser(nn.Module):
    """Encoder, a layer on its states, and the encoder's own embeddings as the last layer."""

    def __init__(self, backbone: Backbone) -> None:
        super().__init__()
        self.encoder: Any = backbone.model
        width = backbone.width
        self.layer = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width))
        self.bias = nn.Parameter(torch.zeros(len(backbone.tokenizer)))

    def forward(self, ids: Tensor, mask: Tensor, wanted: Tensor) -> Tensor:
        """Return the mean cross-entropy of the tokens that are to be guessed."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        asked = wanted != IGNORED
        states = self.layer(hidden[asked])
        scores = states @ self.encoder.get_input_embeddings().weight.T + self.bias
        return cross_entropy(scores, wanted[asked])


def pretrain(backbone: Backbone, pieces: Sequence[list[int]], config: Config, context: Context) -> int:
    """Train a backbone in place on pieces of the training notes; return the number of tokens read, all epochs counted.

    The epoch with the lowest loss on a tenth of the pieces is kept.
    """
    ids = [piece for piece in pieces if len(piece) > 2]
    if not config.mlm_epochs or len(ids) < 2:
        return 0
    order = context.generator("pieces held out").permutation(len(ids))
    count = max(1, len(ids) // HELD_OUT)
    held_out, seen = [ids[row] for row in order[:count]], [ids[row] for row in order[count:]]
    with reproducible(context, "guesser"):
        guesser = _Guesser(backbone).to(context.device)
    masks = context.generator("masked tokens")
    # The same tokens are to be guessed of the held-out pieces after each epoch.
    asked = context.generator("masked tokens", "held out")
    lengths = [len(piece) for piece in held_out]
    fixed = [_masked(backbone, [held_out[row] for row in rows], asked) for rows in length_sorted(lengths, BATCH)]

    def loss(rows: IntArray) -> Tensor:
        batch = _masked(backbone, [seen[row] for row in rows], masks)
        found: Tensor = guesser(*(part.to(context.device) for part in batch))
        return found

    def held_out_loss() -> float:
        return float(np.mean([float(guesser(*(part.to(context.device) for part in batch))) for batch in fixed]))

    settings = TrainingSettings(
        learning_rate=LEARNING_RATE, weight_decay=WEIGHT_DECAY, epochs=config.mlm_epochs, clip_norm=CLIP_NORM
    )
    record = train(
        guesser, loss, held_out_loss, ShuffledBatches(len(seen), BATCH), settings, context, name="pretraining"
    )
    context.logger.info("held-out loss of masked tokens after each epoch: %s", [round(v, 3) for _, v in record.losses])
    return len(record.losses) * sum(len(piece) for piece in seen)


def _masked(
    backbone: Backbone, pieces: Sequence[list[int]], generator: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Return tokens with some hidden, which of them are real, and those to be guessed (others marked), each (n, L)."""
    tokenizer = backbone.tokenizer
    ids, mask = padded(pieces, tokenizer.pad_token_id)
    special = torch.isin(ids, torch.tensor(tokenizer.all_special_ids))
    drawn = torch.from_numpy(generator.random(tuple(ids.shape)))
    candidates = mask & ~special
    asked = candidates & (drawn < GUESSED)
    if not asked.any():
        # Of a batch in which chance asks nothing, the first token is asked.
        asked.view(-1)[candidates.view(-1).nonzero()[0]] = True
    wanted = torch.where(asked, ids, IGNORED)
    fate = torch.from_numpy(generator.random(tuple(ids.shape)))
    others = torch.from_numpy(generator.integers(0, len(tokenizer), tuple(ids.shape)))
    shown = torch.where(asked & (fate < HIDDEN), tokenizer.mask_token_id, ids)
    shown = torch.where(asked & (fate >= HIDDEN) & (fate < HIDDEN + REPLACED), others, shown)
    return shown, mask, wanted
