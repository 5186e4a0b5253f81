"""The last layer of a network that says at first what is known of all."""

import torch
from torch import nn

from benchmarks.types import FloatArray


def last_layer(inputs: int, outputs: int, start: FloatArray | None, *, bias: bool = True) -> nn.Linear:
    """Return a linear layer; with a start, shape (outputs,), its weights are 0 and its constant is the start."""
    layer = nn.Linear(inputs, outputs, bias=bias)
    if start is not None:
        nn.init.zeros_(layer.weight)
        with torch.no_grad():
            layer.bias.copy_(torch.from_numpy(start))
    return layer
