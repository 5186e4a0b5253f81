"""What the student says: the text it writes, and the mean of all numbers it might have written."""

import numpy as np
import torch
from torch import Tensor

from benchmarks.types import FloatArray
from methods.cox_text_generation.language_model import LanguageModel, PaddedPrompts, logits
from methods.cox_text_generation.number_text import NumberFormat
from methods.cox_text_generation.vocabulary import Vocabulary

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


@torch.no_grad()
def expected_numbers(
    model: LanguageModel, prompts: PaddedPrompts, vocabulary: Vocabulary, number_format: NumberFormat
) -> FloatArray:
    """Return the mean number under the student's probabilities of all texts of a format, shape (n,).

    At each position probabilities are renormalised over the characters that may stand there. One pass reads the
    prompt and, behind it, every beginning of every text: each token of the tree attends to the prompt and to its own
    ancestors, at the position it has in its text. So the mean is exact and costs one pass over L + m tokens, not one
    for each of the m beginnings.
    """
    tree, device = number_format.tree, prompts.ids.device
    nodes = len(tree.characters)
    characters = torch.tensor(vocabulary.written(tree.characters), device=device)
    text = prompts.followed_by(characters.expand(len(prompts), nodes))
    depth = torch.from_numpy(tree.depth).to(device)
    positions = torch.cat([prompts.positions, prompts.positions[:, -1:] + depth], 1)
    output = model(
        input_ids=text.ids,
        attention_mask=_tree_mask(prompts, torch.from_numpy(tree.sees).to(device), model.dtype),
        position_ids=positions,
        logits_to_keep=nodes + 1,
    ).logits.double()
    conditional: list[FloatArray] = []
    start, level = 0, 1
    for allowed in tree.positions:
        of_level = output[:, start : start + level, vocabulary.written(allowed)]
        conditional.append(of_level.softmax(2).cpu().numpy().astype(np.float64))
        start, level = start + level, level * len(allowed)
    return tree.expectation(conditional)


def _tree_mask(prompts: PaddedPrompts, sees: Tensor, dtype: torch.dtype) -> Tensor:
    """Return what is added to the attention scores, shape (n, 1, L + m, L + m), in the model's own precision."""
    length, nodes = prompts.ids.shape[1], len(sees)
    everything = torch.ones((length + nodes, length + nodes), dtype=torch.bool, device=sees.device)
    may = everything.tril()
    may[length:, length:] = sees
    real = torch.cat([prompts.real, prompts.real.new_ones((len(prompts), nodes))], 1)
    # Padding attends to itself, since a row of attention weights must not be empty.
    may = (may & real[:, None, :]) | everything.tril().triu()
    allowed = torch.zeros((), dtype=dtype, device=sees.device)
    return torch.where(may, allowed, torch.finfo(dtype).min)[:, None]
