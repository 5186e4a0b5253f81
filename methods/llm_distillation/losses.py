"""The two losses of a batch, from one pass over prompts and answers."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.types import IntArray
from methods.llm_distillation.student import StudentNetwork
from methods.shared.heads.survival_head import SurvivalHead
from methods.shared.text import ReadTexts, output_logits


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What the student is taught of n training patients.

    Parameters
    ----------
    texts : ReadTexts
        Prompts, each followed by its answer, if there is one.
    answers : IntArray, shape (n,)
        Tokens of each answer.
    weights : Tensor, shape (n,)
        u, of each patient's text.
    vectors, present : as of ``Read``
        The other modalities.
    labels : tuple of Tensors
        Of the head.
    """

    texts: ReadTexts
    answers: IntArray
    weights: Tensor
    vectors: tuple[Tensor, ...]
    present: Tensor
    labels: tuple[Tensor, ...]


def batch_losses(
    network: StudentNetwork, lesson: Lesson, rows: IntArray, head: SurvivalHead
) -> tuple[Tensor | None, Tensor | None]:
    """Return survival loss and text loss of a batch; None for what the batch says nothing of.

    The survival state is that of the last token of the prompt. The model is causal: what stands behind it changes
    nothing of it, and one pass serves both losses. The text loss is sum_i u_i l_i / max(1, sum_i u_i) with
    l_i = -(1 / m_i) sum_j log p(a_ij | prompt_i, a_i1 ... a_i(j-1)).
    """
    hidden, _ = network.language(lesson.texts, rows)
    lengths = torch.as_tensor(lesson.answers[rows], device=hidden.device)
    end_of_prompt = hidden.shape[1] - 1 - lengths
    places = torch.arange(len(rows), device=hidden.device)
    chosen = torch.as_tensor(rows, device=hidden.device)
    outputs, _ = network.fusion(
        hidden[places, end_of_prompt], [values[chosen] for values in lesson.vectors], lesson.present[chosen]
    )
    survival = head.loss(outputs, *(label[chosen] for label in lesson.labels))
    weights = lesson.weights[chosen]
    taught = torch.nonzero((weights > 0) & (lengths > 0))[:, 0]
    if not len(taught):
        return survival, None
    # Texts without a weight give no loss: the output layer, the largest matrix of a small model, is spared them.
    losses = answer_losses(network, lesson, rows[taught.cpu().numpy()], hidden[taught], lengths[taught])
    return survival, (weights[taught] * losses).sum() / weights.sum().clamp(min=1.0)


def answer_losses(network: StudentNetwork, lesson: Lesson, rows: IntArray, hidden: Tensor, lengths: Tensor) -> Tensor:
    """Return the mean loss of each answer's tokens, shape (b,): 0 where there is no answer.

    Parameters
    ----------
    hidden : Tensor, shape (b, L, d)
        States; padding stands before the prompts.
    lengths : Tensor, shape (b,)
        Tokens of the answers.
    """
    within = torch.arange(int(lengths.max()), device=hidden.device) < lengths[:, None]
    owner, number = within.nonzero(as_tuple=True)
    # The state before a token predicts it.
    states = hidden[owner, hidden.shape[1] - 1 - lengths[owner] + number]
    answers = [
        lesson.texts.ids[row][len(lesson.texts.ids[row]) - count :]
        for row, count in zip(rows, lengths.tolist(), strict=True)
    ]
    targets = torch.tensor([token for answer in answers for token in answer], device=hidden.device)
    losses = functional.cross_entropy(output_logits(network.language, states), targets, reduction="none")
    sums = torch.zeros(len(rows), device=hidden.device).index_add(0, owner, losses)
    return sums / lengths.clamp(min=1)
