"""What the student says: the text it writes, and the mean of all numbers it might have written."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from benchmarks.types import FloatArray
from methods.cox_text_generation.language_model import LanguageModel, PaddedPrompts, logits
from methods.cox_text_generation.number_text import NumberFormat
from methods.cox_text_generation.vocabulary import WRITTEN, Vocabulary

# More than the longest number and its end token.
MOST_TOKENS = 8


@torch.no_grad()
def greedy_texts(model: LanguageModel, prompts: PaddedPrompts, vocabulary: Vocabulary) -> list[str]:
    """Return what the student writes after n prompts: the likeliest of all tokens, again and again, to the end token.

    Nothing keeps it to digits; a text of 8 tokens without an end is left as it is.
    """
    written = prompts.ids[:, :0]
    ended = torch.zeros_like(prompts.real[:, 0])
    while written.shape[1] < MOST_TOKENS and not ended.all():
        likeliest = logits(model, prompts.followed_by(written), 1)[:, 0].argmax(1)
        written = torch.cat([written, likeliest[:, None]], 1)
        ended |= likeliest == vocabulary.end
    return [vocabulary.text(row) for row in written.tolist()]


class CharacterReader(Protocol):
    """A model that says which characters of an answer may come next."""

    def character_logits(self, text: PaddedPrompts, may: Tensor, positions: Tensor, last: int) -> Tensor:
        """Return logits of the characters of ``WRITTEN`` behind the last tokens, shape (n, last, characters).

        Parameters
        ----------
        text : PaddedPrompts
            n texts of L tokens.
        may : Tensor of bool, shape (n, 1, L, L)
            Which token may attend to which.
        positions : Tensor, shape (n, L)
            Place of each token in its text.
        last : int
            How many tokens.
        """


@torch.no_grad()
def expected_numbers(
    reader: CharacterReader, prompts: PaddedPrompts, nodes: Sequence[int], number_format: NumberFormat
) -> FloatArray:
    """Return the mean number under the student's probabilities of all texts of a format, shape (n,).

    At each position probabilities are renormalised over the characters that may stand there. One pass reads the
    prompt and, behind it, every beginning of every text: each token of the tree attends to the prompt and to its own
    ancestors, at the position it has in its text. So the mean is exact and costs one pass over L + m tokens, not one
    for each of the m beginnings.

    Parameters
    ----------
    reader : CharacterReader
        The student.
    prompts : PaddedPrompts
        n prompts.
    nodes : sequence of int, length m
        Tokens of ``number_format.tree.characters``.
    number_format : NumberFormat
        Of the numbers.
    """
    tree, device = number_format.tree, prompts.ids.device
    text = prompts.followed_by(torch.tensor(nodes, device=device).expand(len(prompts), len(nodes)))
    depth = torch.from_numpy(tree.depth).to(device)
    positions = torch.cat([prompts.positions, prompts.positions[:, -1:] + depth], 1)
    may = _tree_mask(prompts, torch.from_numpy(tree.sees).to(device))
    output = reader.character_logits(text, may, positions, len(nodes) + 1).double()
    conditional: list[FloatArray] = []
    start, level = 0, 1
    for allowed in tree.positions:
        of_level = output[:, start : start + level, [WRITTEN.index(character) for character in allowed]]
        conditional.append(of_level.softmax(2).cpu().numpy().astype(np.float64))
        start, level = start + level, level * len(allowed)
    return tree.expectation(conditional)


def added_to_scores(may: Tensor, dtype: torch.dtype) -> Tensor:
    """Return what is added to attention scores so that tokens attend to what they may, in a model's own precision."""
    allowed = torch.zeros((), dtype=dtype, device=may.device)
    return torch.where(may, allowed, torch.finfo(dtype).min)


def _tree_mask(prompts: PaddedPrompts, sees: Tensor) -> Tensor:
    """Return which token may attend to which, bool of shape (n, 1, L + m, L + m)."""
    length, nodes = prompts.ids.shape[1], len(sees)
    everything = torch.ones((length + nodes, length + nodes), dtype=torch.bool, device=sees.device)
    may = everything.tril()
    may[length:, length:] = sees
    real = torch.cat([prompts.real, prompts.real.new_ones((len(prompts), nodes))], 1)
    # Padding attends to itself, since a row of attention weights must not be empty.
    return ((may & real[:, None, :]) | everything.tril().triu())[:, None]
