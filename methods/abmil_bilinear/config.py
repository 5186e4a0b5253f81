"""Settings of the network."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from benchmarks.errors import UsageError
from methods.shared.layers.bag_encoder import Pool
from methods.shared.training.bag_network import BagNetworkConfig
from methods.shared.training.loop import TrainingSettings

Fusion: TypeAlias = Literal["concat", "pairwise", "pairwise_residual", "lmf3", "hierarchical", "full_bilinear"]

# What faithful=true sets.
AUTHORS: Mapping[str, object] = {
    "pool": "gated",
    "rank": 64,
    "pair_width": 32,
    "patch_width": 512,
    "attention_width": 256,
    "encoder_hidden": 2048,
    "encoder_width": 128,
    "dropout": 0.25,
    "learning_rate": 1e-4,
    "weight_decay": 0.3,
    "batch_size": 2,
    "balanced_batches": True,
    "patience": 30,
    "modality_dropout": 0.0,
    "genes": 0,
}
# Their early stopping counts epochs from 0 and stops after the one with number 50.
STOP_FROM = 52


@dataclass(frozen=True, slots=True)
class Config(BagNetworkConfig):
    """Settings of the network, beside those of ``BagNetworkConfig``.

    Parameters
    ----------
    fusion : str
        How the modalities come together: ``pairwise`` as published, the others for comparison; see
        ``methods.abmil_bilinear.fusion``.
    pool : {"gated", "plain", "mean", "max"}
        Attention with or without a gate, the mean, or the largest value of each column.
    rank : int
        Products in each interaction.
    pair_width : int
        Outputs of each interaction.
    patch_width, attention_width : int
        Width of an instance after its layer, and of the pooled bag; rows of the layers of the attention.
    genes : int
        Of a matrix such as expression the networks read so many columns that vary most among the training patients,
        instead of ``components``; 0: components.
    encoder_hidden, encoder_width : int
        Nodes of the two layers that read a modality that is neither the bag nor a table of covariates.
    dropout : float
        Share dropped in training, of instances' vectors, within the attention and of the encoders' hidden nodes.
    curve : {"breslow", "km_nearest"}
        Proportional hazards, or Kaplan-Meier of the training patients whose out-of-fold risks are nearest; the latter
        needs two members or more.
    faithful : bool
        The authors' recipe instead: ``AUTHORS`` of this module, and what stands in
        ``methods.abmil_bilinear.authors_recipe``; each network is chosen by the concordance on its held-out fold.
        ``epochs`` (theirs: 500), ``cap``, ``members``, ``fusion`` and ``curve`` stay settings; all others stay at
        their defaults.
    """

    fusion: Fusion = "pairwise"
    pool: Pool = "gated"
    rank: Annotated[int, Field(ge=1)] = 16
    pair_width: Annotated[int, Field(ge=1)] = 32
    patch_width: Annotated[int, Field(ge=1)] = 128
    attention_width: Annotated[int, Field(ge=1)] = 64
    encoder_hidden: Annotated[int, Field(ge=1)] = 128
    encoder_width: Annotated[int, Field(ge=1)] = 64
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.25
    genes: Annotated[int, Field(ge=0)] = 0
    curve: Literal["breslow", "km_nearest"] = "breslow"
    faithful: bool = False

    def __post_init__(self) -> None:
        if self.curve == "km_nearest" and self.members < 2:
            raise UsageError("curve=km_nearest needs out-of-fold risks, and so members=2 or more")
        if self.faithful:
            defaults = {field.name: field.default for field in fields(self)}
            for name, value in AUTHORS.items():
                given = getattr(self, name)
                if given not in (value, defaults[name]):
                    raise UsageError(f"faithful=true sets {name}={value}: leave out {name}={given}")
                # The settings of a result are those that it was made with.
                object.__setattr__(self, name, value)

    @property
    def training(self) -> TrainingSettings:
        """The settings of the training loop."""
        # A dataclass with slots is made anew, and a bare super() would mean the first one.
        ours = super(Config, self).training
        return replace(ours, clip_norm=None, l2=True, stop_from=STOP_FROM) if self.faithful else ours
