"""What a causal model writes behind prompts: the likeliest token, again and again, of many prompts at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from methods.shared.text.completion import output_logits
from methods.shared.text.partly_trained import PartlyTrained
from methods.shared.text.tokens import length_sorted, padded


@dataclass(frozen=True, slots=True, eq=False)
class Generated:
    """What follows n prompts, and from what.

    Parameters
    ----------
    tokens : list of n lists of int
        What is written, without the end token.
    states : Tensor, float32 of shape (n, width)
        State of the last layer at the last token of each prompt.
    """

    tokens: list[list[int]]
    states: Tensor


@torch.no_grad()
def generated(
    module: PartlyTrained,
    prompts: Sequence[Sequence[int]],
    *,
    most: int,
    end: int,
    together: int = 32,
    length: int = 0,
    enough: Callable[[list[int]], bool] | None = None,
) -> Generated:
    """Return the tokens that follow n prompts, with the states that the first of them follow from.

    They end before the end token, or after ``most`` tokens. Keys and values of what was read are kept, so that each
    further token costs one token's work.

    Parameters
    ----------
    module : PartlyTrained
        A causal model.
    prompts : sequence of n sequences of int
        Tokens.
    most, end : int
        When to stop; one token is written at least.
    together : int
        Prompts in a batch. Every batch has exactly as many, the last one filled up: the size of a matrix product
        changes its last bits, and a patient must be told the same alone as among others.
    length : int
        Prompts are padded to this length, or to the longest of their batch if that is longer.
    enough : callable, optional
        Says of the tokens written so far whether they have all that is wanted. A batch in which every row has ended or
        has enough is written no further; a row of another batch may be longer.
    """
    written: list[list[int]] = [[]] * len(prompts)
    states = torch.zeros(len(prompts), module.backbone.width)
    for rows in length_sorted([len(prompt) for prompt in prompts], together):
        filled = [*rows, *[rows[-1]] * (together - len(rows))]
        of_rows, ends = _batch(module, [prompts[row] for row in filled], most, end, length, enough)
        for row, tokens in zip(filled, of_rows, strict=True):
            written[row] = tokens
        states[torch.from_numpy(rows)] = ends[: len(rows)]
    return Generated(written, states)


def _batch(
    module: PartlyTrained,
    prompts: Sequence[Sequence[int]],
    most: int,
    end: int,
    length: int,
    enough: Callable[[list[int]], bool] | None,
) -> tuple[list[list[int]], Tensor]:
    from transformers import DynamicCache

    body = module.backbone.body
    batch, real = padded(prompts, module.backbone.tokenizer.pad_token_id, left=True, length=length)
    ids, real = batch.to(module.device), real.to(module.device)
    positions = (real.cumsum(1) - 1).clamp(min=0)
    cache = DynamicCache()
    tokens = ids[:, :0]
    done = torch.zeros_like(real[:, 0])
    states = None
    # Entered once: at its end the weights' casts to bfloat16 are forgotten.
    with module.autocast():
        while tokens.shape[1] < most and not done.all():
            hidden = body(
                input_ids=ids,
                attention_mask=real.long(),
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
            ).last_hidden_state
            states = hidden[:, -1] if states is None else states
            ids = output_logits(module, hidden[:, -1]).argmax(1, keepdim=True)
            tokens = torch.cat([tokens, ids], 1)
            done |= ids[:, 0] == end
            if enough is not None:
                done |= torch.tensor([enough(row) for row in tokens.tolist()], device=done.device)
            real = torch.cat([real, torch.ones_like(real[:, :1])], 1)
            positions = positions[:, -1:] + 1
    assert states is not None, "not one token was asked for"
    rows = [row[: row.index(end)] if end in row else row for row in tokens.tolist()]
    return rows, states.float().cpu()
