"""The student: a causal language model of Qwen2's architecture, its batches and its loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from methods.shared.text.tokens import padded

if TYPE_CHECKING:
    from transformers import Qwen2ForCausalLM

LanguageModel: TypeAlias = "Qwen2ForCausalLM"

# The label of positions that do not count in the loss.
IGNORED = -100

# Untrained digits: how far apart two of them are still alike, and the share of their variance that is theirs alone.
ALIKE_WITHIN = 3.0
OF_ITS_OWN = 0.05


@dataclass(frozen=True, slots=True)
class ModelSize:
    """Shape of the transformer.

    Parameters
    ----------
    hidden, layers, heads, key_value_heads : int
        Width, depth and attention heads; ``hidden`` is a multiple of ``heads``, that of ``key_value_heads``.
    feed_forward_ratio : int
        Width of the feed-forward part, in units of ``hidden``.
    dropout : float
        Share of attention weights dropped in training; the architecture has no other dropout.
    """

    hidden: int
    layers: int
    heads: int
    key_value_heads: int
    feed_forward_ratio: int
    dropout: float


def untrained_model(
    size: ModelSize, vocabulary: int, positions: int, padding: int, end: int, digits: Sequence[Sequence[int]]
) -> LanguageModel:
    """Return a model with random weights, drawn from torch's generator; embedding and output layer are tied.

    Neighbouring digits begin alike: of a few hundred prompts a model does not learn the order of ten unrelated tokens.

    Parameters
    ----------
    size : ModelSize
        Its shape.
    vocabulary, positions : int
        Number of tokens, and the longest text.
    padding, end : int
        Numbers of these tokens.
    digits : sequence of sequences of int
        Numbers of the tokens 0 to 9, of each kind of digits there is.
    """
    # Loaded here: it takes seconds, which listing the methods must not.
    from transformers import Qwen2Config, Qwen2ForCausalLM

    # Weights are drawn with transformers' standard deviation of 0.02, small for so narrow a model: training leaves it
    # late but generalises better from a few hundred prompts than from larger weights.
    config = Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=size.hidden,
        intermediate_size=size.feed_forward_ratio * size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        num_key_value_heads=size.key_value_heads,
        attention_dropout=size.dropout,
        max_position_embeddings=positions,
        tie_word_embeddings=True,
        use_cache=False,
        pad_token_id=padding,
        bos_token_id=None,
        eos_token_id=end,
    )
    model = Qwen2ForCausalLM(config)
    for tokens in digits:
        _let_neighbours_begin_alike(model.model.embed_tokens.weight, tokens)
    return model


@torch.no_grad()
def _let_neighbours_begin_alike(embedding: Tensor, digits: Sequence[int]) -> None:
    """Correlate the vectors of the digits 0 to 9: every entry becomes a smooth random function of the digit.

    It is a Gaussian process with covariance (1 - w) exp(-(j - k)^2 / (2 l^2)) + w [j = k], in units of the entries'
    own variance, which stays; l is ``ALIKE_WITHIN`` and w ``OF_ITS_OWN``.
    """
    places = torch.arange(len(digits), dtype=torch.float64)
    smooth = torch.exp(-0.5 * ((places[:, None] - places) / ALIKE_WITHIN) ** 2)
    covariance = (1 - OF_ITS_OWN) * smooth + OF_ITS_OWN * torch.eye(len(digits), dtype=torch.float64)
    rows = list(digits)
    embedding[rows] = (torch.linalg.cholesky(covariance) @ embedding[rows].double()).to(embedding.dtype)


def parameters_in_millions(model: LanguageModel) -> float:
    """Return the number of parameters, tied ones counted once, in millions."""
    return sum(parameter.numel() for parameter in model.parameters()) / 1e6


@dataclass(frozen=True, slots=True, eq=False)
class PaddedPrompts:
    """Prompts of one batch, padded on the left so that the answers begin at the same place.

    Parameters
    ----------
    ids : Tensor, shape (n, L)
        Tokens.
    real : Tensor, shape (n, L)
        Which of them are not padding.
    """

    ids: Tensor
    real: Tensor

    @classmethod
    def of(cls, prompts: Sequence[Sequence[int]], length: int, padding: int, device: str = "cpu") -> "PaddedPrompts":
        """Pad n prompts to ``length``, or to the longest of them if that is longer."""
        ids, real = padded(prompts, padding, left=True, length=length)
        return cls(ids.to(device), real.to(device))

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def padded(self) -> bool:
        """Whether there is any padding."""
        return not bool(self.real.all())

    @property
    def positions(self) -> Tensor:
        """Position of each token in its own prompt, shape (n, L); 0 for padding."""
        return (self.real.cumsum(1) - 1).clamp(min=0)

    def followed_by(self, answers: Tensor) -> "PaddedPrompts":
        """Return the texts of prompts and what stands behind them, shape (n, m)."""
        behind = torch.ones_like(answers, dtype=torch.bool)
        return PaddedPrompts(torch.cat([self.ids, answers], 1), torch.cat([self.real, behind], 1))


def logits(model: LanguageModel, text: PaddedPrompts, last: int) -> Tensor:
    """Return the logits of the next token at the last positions of a batch, shape (n, last, V)."""
    # Without padding, no mask at all: attention then takes its faster causal path.
    mask = text.real.long() if text.padded else None
    output: Tensor = model(
        input_ids=text.ids, attention_mask=mask, position_ids=text.positions, logits_to_keep=last
    ).logits
    return output


def completion_labels(prompts: PaddedPrompts, completions: Tensor) -> Tensor:
    """Return the labels of prompts and completions, shape (n, L + m): ``IGNORED`` in the prompt."""
    return torch.cat([torch.full_like(prompts.ids, IGNORED), completions], 1)


def completion_losses(model: LanguageModel, prompts: PaddedPrompts, completions: Tensor) -> Tensor:
    """Return each patient's loss, shape (n,): L_i = -(1/m) sum_j log p(a_j | prompt_i, a_1..a_(j-1)).

    Parameters
    ----------
    model : Qwen2ForCausalLM
        The student.
    prompts : PaddedPrompts
        n prompts.
    completions : Tensor, shape (n, m)
        What is to follow them, end token included: all of the same length, so that no padding follows.
    """
    labels = completion_labels(prompts, completions)
    answers = completions.shape[1]
    # Position j predicts token j + 1: those from the last token of the prompt to the one before the end token.
    predicted = logits(model, prompts.followed_by(completions), answers + 1)[:, :-1]
    losses = functional.cross_entropy(
        predicted.transpose(1, 2), labels[:, -answers:], ignore_index=IGNORED, reduction="none"
    )
    return losses.mean(1)


def question_states(model: LanguageModel, prompts: PaddedPrompts) -> Tensor:
    """Return the last layer's state (after the final norm) at the last token of each prompt, shape (n, hidden)."""
    mask = prompts.real.long() if prompts.padded else None
    output = model.model(input_ids=prompts.ids, attention_mask=mask, position_ids=prompts.positions)
    state: Tensor = output.last_hidden_state[:, -1]
    return state
