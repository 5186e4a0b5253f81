"""Which numbers a transformer computes with."""

from typing import Literal, TypeAlias

import torch
from torch import nn

Precision: TypeAlias = Literal["auto", "float32", "bfloat16"]


def fast_bfloat16(device: str) -> bool:
    """Return whether a device multiplies matrices of bfloat16 faster than of float32."""
    if torch.device(device).type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def chosen(precision: Precision, device: str) -> torch.dtype:
    """Return the type of number of a setting; "auto" is bfloat16 where that is fast."""
    if precision == "auto":
        return torch.bfloat16 if fast_bfloat16(device) else torch.float32
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


def halve_frozen_weights(model: nn.Module, keep: nn.Module | None) -> None:
    """Store the frozen matrices of linear layers in bfloat16; those of ``keep``, an output layer, stay as they are.

    Vectors and embeddings stay float32, and so does what is trained: small steps would be lost in bfloat16.
    """
    spared = set() if keep is None else {id(parameter) for parameter in keep.parameters()}
    for module in model.modules():
        if isinstance(module, nn.Linear) and not module.weight.requires_grad and id(module.weight) not in spared:
            module.weight.data = module.weight.data.to(torch.bfloat16)
