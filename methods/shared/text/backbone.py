"""A language model with its tokenizer, pretrained or fresh, behind one interface."""

from dataclasses import dataclass
from typing import Any

from torch import nn

from benchmarks.encoders.model_folder import find_model
from benchmarks.encoders.pretrained import Kind, load_model, load_tokenizer
from benchmarks.errors import UsageError
from benchmarks.types import Context
from methods.shared.training.reproducible import reproducible


@dataclass(frozen=True, slots=True, eq=False)
class Backbone:
    """What texts are read with.

    Parameters
    ----------
    tokenizer : PreTrainedTokenizerFast
        Of transformers.
    model : Module
        Of transformers: for an encoder the bare model, which gives the states of its last layer; for a causal model
        with its output layer.
    kind : {"encoder", "causal"}
        Which of the two.
    label : str
        What rows and tables call it.
    checksum : str
        SHA-256 of the pretrained content; "" of a model with fresh weights.
    """

    tokenizer: Any
    model: nn.Module
    kind: Kind
    label: str
    checksum: str

    @property
    def body(self) -> nn.Module:
        """The model without an output layer."""
        body: nn.Module = self.model if self.kind == "encoder" else self.model.get_submodule(_body_name(self.model))
        return body

    @property
    def layers(self) -> int:
        """Number of transformer layers."""
        return int(self._config.num_hidden_layers)

    @property
    def width(self) -> int:
        """Entries of a state."""
        return int(self._config.hidden_size)

    @property
    def positions(self) -> int:
        """Tokens of the longest text that can be read."""
        return int(getattr(self._config, "max_position_embeddings", 10**6))

    @property
    def parameters_in_millions(self) -> float:
        """Number of parameters, tied ones counted once, in millions."""
        return sum(parameter.numel() for parameter in self.model.parameters()) / 1e6

    @property
    def _config(self) -> Any:
        return self.model.config


def load_backbone(specification: str, kind: Kind) -> Backbone:
    """Return a pretrained backbone in float32.

    Parameters
    ----------
    specification : str
        ``minilm``, ``smollm2-135m``, ``hf:<folder>[@<checksum>]`` or ``hf:<id>[@<revision>]``: see
        ``benchmarks.encoders.model_folder.find_model``.
    kind : {"encoder", "causal"}
        What to read it as.

    Raises
    ------
    UsageError
        If it is not there or cannot be read as that.
    """
    folder = find_model(specification)
    return Backbone(load_tokenizer(folder), load_model(folder, kind), kind, folder.label, folder.checksum)


def fresh_backbone(specification: str, kind: Kind, context: Context) -> Backbone:
    """Return tokenizer and architecture of a pretrained model with fresh weights, drawn under the context's seed.

    Beside the pretrained model it shows what pretraining gives.
    """
    pretrained = load_backbone(specification, kind)
    with reproducible(context, "fresh weights"):
        model: Any = type(pretrained.model)(pretrained._config).eval()
    if getattr(model, "pooler", None) is not None:
        model.pooler = None
    return Backbone(pretrained.tokenizer, model, kind, f"{pretrained.label}, fresh weights", "")


def _body_name(model: Any) -> str:
    name: str = model.base_model_prefix
    if not isinstance(getattr(model, name, None), nn.Module):
        raise UsageError(f"a model of the class {type(model).__name__} is not read: its parts have other names")
    return name
