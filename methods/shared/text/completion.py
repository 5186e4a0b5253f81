"""What a causal model is taught: the tokens of answers behind prompts, and nothing of the prompts themselves."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.errors import UsageError
from benchmarks.types import IntArray
from methods.shared.text.partly_trained import PartlyTrained, ReadTexts

# What some models do to their logits behind the output layer, which is not done here.
TRANSFORMS = ("final_logit_softcapping", "logit_scale", "logits_scaling")


def output_logits(module: PartlyTrained, hidden: Tensor, tokens: Sequence[int] | None = None) -> Tensor:
    """Return the logits of the next token, in float32, of some states or of all tokens or a few.

    The output layer is the largest matrix of a small model, so it is applied where an answer stands, alone.

    Parameters
    ----------
    module : PartlyTrained
        A causal model.
    hidden : Tensor, shape (..., width)
        States of its last layer.
    tokens : sequence of int, length k, optional
        Tokens whose logits are wanted; all V of them if not given.

    Returns
    -------
    Tensor, shape (..., V) or (..., k)
    """
    head: Any = output_layer(module)
    weight, bias = head.weight, head.bias
    if tokens is not None:
        rows = torch.tensor(tokens, device=weight.device)
        weight, bias = weight[rows], None if bias is None else bias[rows]
    with torch.autocast(module.device.type, enabled=False):
        return functional.linear(hidden.float(), weight.float(), None if bias is None else bias.float())


def output_layer(module: PartlyTrained) -> Any:
    """Return the layer that gives the logits.

    Raises
    ------
    UsageError
        If the model has none, or transforms what comes out of it.
    """
    model: Any = module.model
    head = model.get_output_embeddings()
    changed = [name for name in TRANSFORMS if getattr(model.config, name, None) not in (None, 1.0)]
    if head is None or changed:
        why = f"changes its logits ({changed[0]})" if changed else "has no output layer"
        raise UsageError(f"{module.backbone.label} is not trained to write: it {why}")
    return head


def completion_losses(module: PartlyTrained, texts: ReadTexts, rows: Sequence[int] | IntArray, answers: int) -> Tensor:
    """Return the loss of n texts, shape (n,): L_i = -(1/m) sum_j log p(a_j | prompt_i, a_1..a_(j-1)).

    Parameters
    ----------
    module : PartlyTrained
        A causal model.
    texts : ReadTexts
        Prompts, each followed by its answer.
    rows : sequence of int, length n
        Which of them.
    answers : int
        m, tokens of an answer, its end token included: the last ones of every text.
    """
    hidden, _ = module(texts, rows)
    targets = torch.tensor([texts.ids[row][-answers:] for row in rows], device=hidden.device)
    # The state before a token predicts it: from the last token of the prompt to the one before the end token.
    predicted = output_logits(module, hidden[:, -answers - 1 : -1])
    losses = functional.cross_entropy(predicted.transpose(1, 2), targets, reduction="none")
    return losses.mean(1)
