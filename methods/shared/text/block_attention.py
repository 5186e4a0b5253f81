"""Attention of causal models in bfloat16 on a CPU, block by block: there the fused one of torch takes longer."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

NAME = "block_attention"
# Architectures whose attention is softmax(q k^T / sqrt(d) + mask) v and nothing else; others have caps or sinks.
PLAIN = ("llama", "qwen2")
# Tokens whose attention is computed together. Of later tokens, which they do not see, no product is made.
BLOCK = 128


def attend_in_blocks(model: Any) -> None:
    """Have a causal model of transformers attend block by block, if its architecture is one of ``PLAIN``."""
    from transformers import AttentionInterface, AttentionMaskInterface

    if model.config.model_type in PLAIN:
        AttentionInterface.register(NAME, block_attention)
        AttentionMaskInterface.register(NAME, additive_mask)
        model.set_attn_implementation(NAME)


def additive_mask(**options: Any) -> Tensor:
    """Return the mask of a model's layers, shape (n, 1, Q, K): 0 where token q sees token k, else a large negative.

    Not minus infinity: padding sees nothing, and its states must be numbers.
    """
    from transformers.masking_utils import sdpa_mask

    seen = sdpa_mask(**{**options, "allow_is_causal_skip": False})
    assert seen is not None, "only what is left out is None"
    return torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill_(~seen, torch.finfo(torch.bfloat16).min)


def block_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor,
    dropout: float = 0.0,
    scaling: float | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """Return softmax(q k^T scaling + mask) v, computed in bfloat16.

    Parameters
    ----------
    module : Module
        The attention layer.
    query : Tensor, shape (n, H, Q, d)
        Of the last Q of K tokens.
    key, value : Tensor, shape (n, G, K, d)
        H is a multiple of G: heads that follow each other share keys and values.
    attention_mask : Tensor, shape (n, 1, Q, K)
        Added to the products.
    dropout : float
        Share of the weights that is dropped in training.
    scaling : float, optional
        1 / sqrt(d) if not given.

    Returns
    -------
    (Tensor of shape (n, Q, H, d), None)
        As transformers wants it: no weights are returned.
    """
    n, heads, queries, width = query.shape
    groups, keys = key.shape[1:3]
    scaled = (query * (width**-0.5 if scaling is None else scaling)).to(torch.bfloat16)
    key, value = key.to(torch.bfloat16).transpose(2, 3), value.to(torch.bfloat16)
    blocks = []
    for start in range(0, queries, BLOCK):
        end = min(queries, start + BLOCK)
        seen = keys - queries + end
        # The heads of a group stand below each other, so that its keys need no copy for each.
        rows = scaled[:, :, start:end].reshape(n, groups, -1, width)
        products = torch.matmul(rows, key[..., :seen]).view(n, groups, heads // groups, end - start, seen)
        weights = torch.softmax(products + attention_mask[:, :, None, start:end, :seen], -1)
        weights = functional.dropout(weights, dropout, module.training).view(n, groups, -1, seen)
        blocks.append(torch.matmul(weights, value[:, :, :seen]).view(n, heads, end - start, width))
    return torch.cat(blocks, 2).transpose(1, 2).contiguous(), None
