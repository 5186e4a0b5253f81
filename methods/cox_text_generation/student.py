"""The student with all it needs to read patients: prompts, vocabulary, language model before and after training."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.types import BoolArray, Context, Float32Array, FloatArray, IntArray, Table
from methods.cox_text_generation.decoding import expected_numbers, greedy_texts
from methods.cox_text_generation.language_model import (
    LanguageModel,
    ModelSize,
    PaddedPrompts,
    question_states,
    untrained_model,
)
from methods.cox_text_generation.number_text import DIGITS, NumberFormat
from methods.cox_text_generation.prompts import Fields, Prompts
from methods.cox_text_generation.vocabulary import Vocabulary
from methods.shared.training.reproducible import reproducible

# Patients are read in batches of exactly this size, the last one filled up: the size of a matrix product changes its
# last bits, and a patient must be predicted alone as among others.
READ_TOGETHER = 32

# For the number that follows; positions beyond those of training are possible, there is no table of them.
SPARE_POSITIONS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """What the student wrote of n patients.

    Parameters
    ----------
    texts : list of str, length n
        Word for word.
    numbers : array, shape (n,)
        The numbers they say; where a text says none, the fallback.
    unparseable : array of bool, shape (n,)
        Which texts are not exactly of the format.
    """

    texts: list[str]
    numbers: FloatArray
    unparseable: BoolArray


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

    def written(self, table: Table) -> Written:
        """Return what the student writes of n patients."""
        texts: list[str] = []
        for batch, n in self._batches(table):
            texts += greedy_texts(self.model, batch, self.vocabulary)[:n]
        numbers = [self.number_format.parse(text) for text in texts]
        unparseable = np.array([number is None for number in numbers])
        return Written(
            texts,
            np.array([self.fallback if number is None else number for number in numbers]),
            unparseable,
        )

    def expected(self, table: Table) -> FloatArray:
        """Return the mean of the numbers the student might write, shape (n,)."""
        read = [
            expected_numbers(self.model, batch, self.vocabulary, self.number_format)[:n]
            for batch, n in self._batches(table)
        ]
        return np.concatenate(read)

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
