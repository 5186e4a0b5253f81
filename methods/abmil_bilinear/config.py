"""Settings of the network."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from benchmarks.errors import UsageError
from methods.shared.layers.bag_encoder import Pool
from methods.shared.training.bag_network import BagNetworkConfig

Fusion: TypeAlias = Literal["concat", "pairwise", "pairwise_residual", "lmf3", "hierarchical", "full_bilinear"]


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
    encoder_hidden, encoder_width : int
        Nodes of the two layers that read a modality that is neither the bag nor a table of covariates.
    dropout : float
        Share dropped in training, of instances' vectors, within the attention and of the encoders' hidden nodes.
    curve : {"breslow", "km_nearest"}
        Proportional hazards, or Kaplan-Meier of the training patients whose out-of-fold risks are nearest; the latter
        needs two members or more.
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
    curve: Literal["breslow", "km_nearest"] = "breslow"

    def __post_init__(self) -> None:
        if self.curve == "km_nearest" and self.members < 2:
            raise UsageError("curve=km_nearest needs out-of-fold risks, and so members=2 or more")
