"""The student with all it needs to read patients: prompts, vocabulary, language model before and after training."""

import copy
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.types import Context, Float32Array, FloatArray, IntArray, Table
from methods.cox_text_generation.decoding import added_to_scores, expected_numbers, greedy_texts
from methods.cox_text_generation.language_model import (
    LanguageModel,
    ModelSize,
    PaddedPrompts,
    completion_losses,
    parameters_in_millions,
    question_states,
    untrained_model,
)
from methods.cox_text_generation.lesson import Lesson, Rounds
from methods.cox_text_generation.number_text import DIGITS, NumberFormat
from methods.cox_text_generation.prompts import Fields, Prompts
from methods.cox_text_generation.vocabulary import WRITTEN, Vocabulary
from methods.cox_text_generation.written import Written
from methods.shared.training.reproducible import reproducible

# Patients are read in batches of exactly this size, the last one filled up: the size of a matrix product changes its
# last bits, and a patient must be predicted alone as among others.
READ_TOGETHER = 32

# For the number that follows; positions beyond those of training are possible, there is no table of them.
SPARE_POSITIONS = 16


class Student:
    """A language model that reads one patient's prompt and writes a number.

    Parameters
    ----------
    prompts : Prompts
        Fitted on the training patients.
    number_format : NumberFormat
        Of the numbers it writes.
    fallback : float
        The number taken for a text that says none: the median of what the training patients' texts are to say.
    size : ModelSize
        Shape of the model.
    train : Table
        The training patients; their longest prompt is the length to which prompts are padded.
    context : Context
        Seed of the weights, device, threads.
    """

    def __init__(
        self,
        prompts: Prompts,
        number_format: NumberFormat,
        fallback: float,
        size: ModelSize,
        train: Table,
        context: Context,
    ) -> None:
        self.prompts = prompts
        self.number_format = number_format
        self.fallback = fallback
        self.vocabulary = Vocabulary(prompts.tokens())
        self.device = context.device
        self.length = max(len(self.ids(fields)) for fields in prompts.fields(train))
        with reproducible(context, "weights"):
            self.model: LanguageModel = untrained_model(
                size,
                len(self.vocabulary),
                self.length + SPARE_POSITIONS,
                self.vocabulary.padding,
                self.vocabulary.end,
                digits=(self.vocabulary.read(DIGITS), self.vocabulary.written(DIGITS)),
            )
        self.tokens_seen = 0
        """Tokens that were read in training, each time counted."""
        self.model.to(torch.device(self.device)).eval()  # type: ignore[arg-type]  # 2026-11-21: wrapped without its self
        self.untrained = copy.deepcopy(self.model)
        """The model as it was before training: the control of everything that is read off its states."""

    def ids(self, fields: Fields, order: Sequence[int] | IntArray | None = None) -> list[int]:
        """Return a patient's prompt as numbers of tokens, its fields in the given order, the question at the end."""
        ordered = fields if order is None else [fields[column] for column in order]
        tokens = [token for field in ordered for token in field]
        return self.vocabulary.read([*tokens, *self.prompts.question])

    def padded(self, prompts: Sequence[Sequence[int]]) -> PaddedPrompts:
        """Return prompts as one batch."""
        return PaddedPrompts.of(prompts, self.length, self.vocabulary.padding, self.device)

    def answers(self, numbers: FloatArray) -> Tensor:
        """Return what the student is to write of n patients, end token included, shape (n, m)."""
        written = [[*self.vocabulary.written(text), self.vocabulary.end] for text in self.number_format.write(numbers)]
        return torch.tensor(written, device=self.device)

    @property
    def module(self) -> nn.Module:
        """What is trained."""
        return self.model

    @property
    def label(self) -> str:
        """The kind of model and its size, such as ``scratch-0.99M``."""
        return f"scratch-{parameters_in_millions(self.model):.2f}M"

    def diagnostics(self, unparseable_share: float) -> dict[str, float]:
        """Return what a row says of the model; all its parameters are trained."""
        size = parameters_in_millions(self.model)
        return {
            "parameters_in_millions": size,
            "trained_parameters_in_millions": size,
            "tokens_seen_in_millions": self.tokens_seen / 1e6,
            "unparseable_share": unparseable_share,
        }

    def lesson(
        self,
        tables: Sequence[Table],
        numbers: FloatArray,
        rounds: tuple[int, int],
        orders: np.random.Generator | None,
    ) -> Lesson:
        """Return the loss and the batches of training on n covariate vectors and the numbers to write of them.

        Parameters
        ----------
        tables : sequence of Table
            n rows together.
        numbers : array, shape (n,)
            To be written.
        rounds : tuple of two ints
            Rows of a batch, batches of a round.
        orders : Generator or None
            Source of a new order of the covariates each time a prompt is read; None for the table's.
        """
        fields = [patient for table in tables for patient in self.prompts.fields(table)]
        answers = self.answers(numbers)
        in_order = [self.ids(patient) for patient in fields] if orders is None else []

        def prompts(rows: IntArray) -> list[list[int]]:
            if orders is None:
                return [in_order[row] for row in rows]
            return [self.ids(fields[row], orders.permutation(len(fields[row]))) for row in rows]

        def loss(rows: IntArray) -> Tensor:
            batch = self.padded(prompts(rows))
            self.tokens_seen += int(batch.real.sum()) + len(rows) * answers.shape[1]
            return completion_losses(self.model, batch, answers[torch.from_numpy(rows)]).mean()

        return Lesson(loss, Rounds(len(fields), *rounds))

    def written(self, table: Table) -> Written:
        """Return what the student writes of n patients."""
        texts: list[str] = []
        for batch, n in self._batches(table):
            texts += greedy_texts(self.model, batch, self.vocabulary)[:n]
        return Written.of(texts, self.number_format, self.fallback)

    def expected(self, table: Table) -> FloatArray:
        """Return the mean of the numbers the student might write, shape (n,)."""
        nodes = self.vocabulary.written(self.number_format.tree.characters)
        read = [expected_numbers(self, batch, nodes, self.number_format)[:n] for batch, n in self._batches(table)]
        return np.concatenate(read)

    def character_logits(self, text: PaddedPrompts, may: Tensor, positions: Tensor, last: int) -> Tensor:
        """Return logits of the characters of ``WRITTEN``; see ``decoding.CharacterReader``."""
        output: Tensor = self.model(
            input_ids=text.ids,
            attention_mask=added_to_scores(may, self.model.dtype),
            position_ids=positions,
            logits_to_keep=last,
        ).logits
        return output[..., self.vocabulary.written(WRITTEN)]

    @torch.no_grad()
    def states(self, table: Table, *, trained: bool = True) -> Float32Array:
        """Return the hidden state at the question, shape (n, hidden), of the trained or the untrained model."""
        model = self.model if trained else self.untrained
        read = [question_states(model, batch)[:n].cpu() for batch, n in self._batches(table)]
        states: Float32Array = torch.cat(read).numpy()
        return states

    def _batches(self, table: Table) -> Iterator[tuple[PaddedPrompts, int]]:
        """Yield batches of prompts, and how many of each are patients; the rest fills the last one up."""
        prompts = [self.ids(fields) for fields in self.prompts.fields(table)]
        for start in range(0, len(prompts), READ_TOGETHER):
            rows = prompts[start : start + READ_TOGETHER]
            yield self.padded(rows + [rows[-1]] * (READ_TOGETHER - len(rows))), len(rows)
