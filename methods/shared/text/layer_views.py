"""One transformer as two that share its weights: the lower layers, and the upper ones that go on from their output.

A view is a shallow copy of the model with other modules in place of layers. The list of layers keeps its length, so
that what a model looks up by the number of a layer, such as its kind of attention, stays right.
"""

import copy
from typing import Any

from torch import Tensor, nn

from benchmarks.errors import UsageError

# Names of what stands behind the last layer.
FINAL_NORMS = ("norm", "final_norm", "ln_f", "final_layer_norm", "final_layernorm")


class Skip(nn.Module):
    """In place of a layer that is left out: gives what it is given."""

    def forward(self, hidden_states: Tensor, *_: Any, **__: Any) -> Tensor:
        """Return the states as they are."""
        return hidden_states


class Tap(nn.Module):
    """In place of the first layer that is left out: keeps what comes out of the one below."""

    states: Tensor

    def forward(self, hidden_states: Tensor, *_: Any, **__: Any) -> Tensor:
        """Keep the states and return them."""
        self.states = hidden_states
        return hidden_states


class Given(nn.Module):
    """In place of the last layer that is left out below: gives the states it was handed."""

    states: Tensor

    def forward(self, *_: Any, **__: Any) -> Tensor:
        """Return the states that were handed in."""
        return self.states


def layers_of(body: nn.Module, count: int) -> tuple[str, nn.ModuleList]:
    """Return the list of a model's transformer layers, and its name.

    Raises
    ------
    UsageError
        If the model has no list of that many layers.
    """
    for name, module in body.named_modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return name, module
    raise UsageError(f"a model of the class {type(body).__name__} is not trained in part: it has no list of its layers")


def final_norm_of(body: nn.Module) -> list[nn.Parameter]:
    """Return the parameters of the normalisation behind the last layer; of an encoder like BERT there is none."""
    return [p for name, module in body.named_children() if name in FINAL_NORMS for p in module.parameters()]


def lower_view(body: nn.Module, count: int, frozen: int) -> tuple[nn.Module, Tap]:
    """Return the model up to its first ``frozen`` layers, and the tap that holds their output after a call."""
    name, layers = layers_of(body, count)
    tap = Tap()
    rest = [Skip() for _ in range(count - frozen - 1)]
    return _with_layers(body, name, [*layers[:frozen], tap, *rest]), tap


def upper_view(body: nn.Module, count: int, frozen: int) -> tuple[nn.Module, Given]:
    """Return the model from its layer ``frozen`` on, counted from 0, and where to hand in what came before."""
    name, layers = layers_of(body, count)
    given = Given()
    below = [Skip() for _ in range(frozen - 1)]
    return _with_layers(body, name, [*below, given, *layers[frozen:]]), given


def _with_layers(body: nn.Module, name: str, layers: list[nn.Module]) -> nn.Module:
    """Return a copy of the modules on the way to a list of layers; everything else is shared."""
    view = top = _shallow(body)
    *way, last = name.split(".")
    for step in way:
        inner = _shallow(getattr(view, step))
        view._modules[step] = inner
        view = inner
    view._modules[last] = nn.ModuleList(layers)
    return top


def _shallow(module: nn.Module) -> nn.Module:
    twin = copy.copy(module)
    twin._modules = dict(module._modules)
    return twin
