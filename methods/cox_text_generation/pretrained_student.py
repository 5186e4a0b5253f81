"""The student of a pretrained architecture: it reads sentences with the tokenizer it was pretrained with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from benchmarks.errors import UsageError
from benchmarks.types import Context, Float32Array, FloatArray, IntArray, Table
from methods.cox_text_generation.config import Config
from methods.cox_text_generation.decoding import MOST_TOKENS, added_to_scores, expected_numbers
from methods.cox_text_generation.language_model import PaddedPrompts
from methods.cox_text_generation.lesson import Lesson
from methods.cox_text_generation.number_text import NumberFormat
from methods.cox_text_generation.prompts import NaturalPrompts
from methods.cox_text_generation.vocabulary import WRITTEN
from methods.cox_text_generation.written import Written
from methods.shared.text import (
    Backbone,
    PartlyTrained,
    SimilarLengthBatches,
    completion_losses,
    diagnostics,
    fresh_backbone,
    generated,
    load_backbone,
    output_logits,
)
from methods.shared.training.reproducible import reproducible

# What stands between a patient's sentences and the answer.
QUESTION = "Risk: "

# As many patients are read at once, always: see ``methods.shared.text.generation``.
READ_TOGETHER = 32


class PretrainedStudent:
    """A causal model of transformers that reads one patient's sentences and writes a number.

    Parameters
    ----------
    prompts : NaturalPrompts
        Fitted on the training patients.
    number_format : NumberFormat
        Of the numbers it writes.
    fallback : float
        The number taken for a text that says none.
    config : Config
        Backbone, weights, what is trained.
    train : Table
        The training patients; their longest prompt is the length to which prompts are padded.
    context : Context
        Seed, device, threads.

    Raises
    ------
    UsageError
        If the backbone cannot be read, or has no token for a digit.
    """

    def __init__(
        self,
        prompts: NaturalPrompts,
        number_format: NumberFormat,
        fallback: float,
        config: Config,
        train: Table,
        context: Context,
    ) -> None:
        self.prompts = prompts
        self.number_format = number_format
        self.fallback = fallback
        self.tokens_seen = 0
        """Tokens that were read in training, each time counted."""
        backbone = (
            fresh_backbone(config.backbone, "causal", context)
            if config.weights == "fresh"
            else load_backbone(config.backbone, "causal")
        )
        self._tokenizer = backbone.tokenizer
        self.end = int(backbone.tokenizer.eos_token_id)
        self.characters = _single_tokens(backbone)
        with reproducible(context, "weights"):
            self.module = PartlyTrained(
                backbone,
                config.trained,
                last_layers=config.last_layers,
                lora_rank=config.lora_rank,
                precision=config.precision,
                checkpointing=config.checkpointing,
                device=context.device,
            )
        self._initial = [parameter.detach().clone() for parameter in self.module.trainable()]
        self.length = max(len(ids) for ids in self.ids(train))

    @property
    def label(self) -> str:
        """What stands behind the results: model, what is trained of it, and the numbers it computes with."""
        number = str(self.module.number).removeprefix("torch.")
        return f"{self.module.backbone.label}, {self.module.trained}, {number}"

    def diagnostics(self, unparseable_share: float) -> dict[str, float]:
        """Return what a row says of the model."""
        return diagnostics(self.module, tokens_seen=self.tokens_seen, unparseable_share=unparseable_share)

    def ids(self, table: Table, orders: np.random.Generator | None = None) -> list[list[int]]:
        """Return the prompts of n patients as numbers of tokens, covariates in the table's order or in random ones."""
        texts = []
        for sentences in self.prompts.sentences(table):
            ordered = sentences if orders is None else [sentences[k] for k in orders.permutation(len(sentences))]
            texts.append(" ".join([*ordered, QUESTION]))
        ids: list[list[int]] = self._tokenizer(texts, verbose=False)["input_ids"]
        return ids

    def answers(self, numbers: FloatArray) -> list[list[int]]:
        """Return what the student is to write of n patients, end token included."""
        return [[*self.written_tokens(text), self.end] for text in self.number_format.write(numbers)]

    def written_tokens(self, text: Sequence[str]) -> list[int]:
        """Return the tokens of an answer's characters."""
        return [self.characters[WRITTEN.index(character)] for character in text]

    def lesson(
        self,
        tables: Sequence[Table],
        numbers: FloatArray,
        rounds: tuple[int, int],
        orders: np.random.Generator | None,
    ) -> Lesson:
        """Return the loss and the batches of training, as ``Student.lesson`` does.

        The frozen layers read each prompt once; in new orders of the covariates, each time.
        """
        answers = self.answers(numbers)
        width = len(answers[0])
        in_order = [[*ids, *answer] for ids, answer in zip(self._all_ids(tables), answers, strict=True)]
        lengths = np.array([len(ids) for ids in in_order])
        texts = self.module.read(in_order) if orders is None else None
        rows_of = np.concatenate([[(part, row) for row in range(len(table))] for part, table in enumerate(tables)])

        def loss(rows: IntArray) -> Tensor:
            self.tokens_seen += int(lengths[rows].sum())
            if texts is not None:
                return completion_losses(self.module, texts, rows, width).mean()
            prompts = [self.ids(tables[part].take(np.array([row])), orders)[0] for part, row in rows_of[rows]]
            read = self.module.read([[*ids, *answers[row]] for ids, row in zip(prompts, rows, strict=True)])
            return completion_losses(self.module, read, range(len(rows)), width).mean()

        return Lesson(loss, SimilarLengthBatches(lengths, *rounds))

    def written(self, table: Table) -> Written:
        """Return what the student writes of n patients: the likeliest of all tokens, to the end token."""
        written = generated(
            self.module,
            self.ids(table),
            most=MOST_TOKENS,
            end=self.end,
            together=READ_TOGETHER,
            length=self.length,
        )
        texts = [self._tokenizer.decode(ids, clean_up_tokenization_spaces=False) for ids in written.tokens]
        return Written.of(texts, self.number_format, self.fallback)

    def expected(self, table: Table) -> FloatArray:
        """Return the mean of the numbers the student might write, shape (n,)."""
        nodes = self.written_tokens(self.number_format.tree.characters)
        read = [expected_numbers(self, batch, nodes, self.number_format)[:n] for batch, n in self._batches(table)]
        return np.concatenate(read)

    def character_logits(self, text: PaddedPrompts, may: Tensor, positions: Tensor, last: int) -> Tensor:
        """Return logits of the characters of ``WRITTEN``; see ``decoding.CharacterReader``."""
        hidden = self._hidden(text, added_to_scores(may, torch.float32), positions)[0]
        return output_logits(self.module, hidden[:, -last:], self.characters)

    @torch.no_grad()
    def states(self, table: Table, *, trained: bool = True) -> Float32Array:
        """Return the last state at the question, shape (n, width), as trained or as it was before."""
        with self._weights(trained=trained):
            read = [
                self._hidden(batch, batch.real.long(), batch.positions)[0][:n, -1].float().cpu()
                for batch, n in self._batches(table)
            ]
        states: Float32Array = torch.cat(read).numpy()
        return states

    @torch.no_grad()
    def layer_means(self, table: Table) -> Float32Array:
        """Return the mean state over the tokens of each prompt and layer before training, (n, layers + 1, width).

        Layer 0 is the embedding.
        """
        means = []
        with self._weights(trained=False):
            for batch, n in self._batches(table):
                layers = self._hidden(batch, batch.real.long(), batch.positions, every_layer=True)
                real = batch.real.unsqueeze(-1).float()
                means += [torch.stack([(one.float() * real).sum(1) / real.sum(1) for one in layers], 1)[:n].cpu()]
        of_layers: Float32Array = torch.cat(means).numpy()
        return of_layers

    def _hidden(
        self, text: PaddedPrompts, mask: Tensor, positions: Tensor, *, every_layer: bool = False
    ) -> tuple[Tensor, ...]:
        """Return the states of the last layer, alone in a tuple, or of every layer, embedding first."""
        with self.module.autocast():
            output = self.module.backbone.body(
                input_ids=text.ids,
                attention_mask=mask,
                position_ids=positions,
                use_cache=False,
                output_hidden_states=every_layer,
            )
        hidden: tuple[Tensor, ...] = output.hidden_states if every_layer else (output.last_hidden_state,)
        return hidden

    @contextmanager
    def _weights(self, *, trained: bool) -> Iterator[None]:
        """Have the trained weights, or for the moment those before training."""
        if not trained:
            self._swap()
        try:
            yield
        finally:
            if not trained:
                self._swap()

    def _swap(self) -> None:
        for parameter, other in zip(self.module.trainable(), self._initial, strict=True):
            parameter.data, other.data = other.data, parameter.data

    def _all_ids(self, tables: Sequence[Table]) -> list[list[int]]:
        return [ids for table in tables for ids in self.ids(table)]

    def _batches(self, table: Table) -> Iterator[tuple[PaddedPrompts, int]]:
        """Yield batches of prompts, and how many of each are patients; the rest fills the last one up."""
        prompts = self.ids(table)
        padding = self._tokenizer.pad_token_id
        for start in range(0, len(prompts), READ_TOGETHER):
            rows = prompts[start : start + READ_TOGETHER]
            filled = rows + [rows[-1]] * (READ_TOGETHER - len(rows))
            yield PaddedPrompts.of(filled, self.length, padding, str(self.module.device)), len(rows)


def _single_tokens(backbone: Backbone) -> list[int]:
    """Return the token of each character of an answer; merged ones would make neighbouring numbers unrelated."""
    ids = [backbone.tokenizer(character, add_special_tokens=False)["input_ids"] for character in WRITTEN]
    several = [character for character, tokens in zip(WRITTEN, ids, strict=True) if len(tokens) != 1]
    if several:
        raise UsageError(f"{backbone.label} has no token of its own for {' '.join(several)}: it cannot write numbers")
    return [tokens[0] for tokens in ids]
