"""Which tokens an encoder's heads look at: told for inspection, no evidence of what caused an output."""

from collections.abc import Sequence
from typing import Any

import torch

from benchmarks.types import Float32Array
from methods.shared.text.partly_trained import PartlyTrained
from methods.shared.text.tokens import padded


@torch.no_grad()
def attention_from_first_token(module: PartlyTrained, ids: Sequence[Sequence[int]]) -> list[Float32Array]:
    """Return the attention of the first token to every token, in the last layer.

    Parameters
    ----------
    module : PartlyTrained
        An encoder.
    ids : sequence of n sequences of int
        Pieces of text.

    Returns
    -------
    list of n arrays, shape (heads, L_i)
        Each row sums to 1.
    """
    model: Any = module.model
    used = model.config._attn_implementation
    model.set_attn_implementation("eager")  # faster ones do not keep the weights
    batch, mask = padded(ids, module.backbone.tokenizer.pad_token_id)
    try:
        output = model(
            input_ids=batch.to(module.device), attention_mask=mask.long().to(module.device), output_attentions=True
        )
    finally:
        model.set_attn_implementation(used)
    weights = output.attentions[-1][:, :, 0].float().cpu()
    return [of_text[:, real].numpy() for of_text, real in zip(weights, mask, strict=True)]
