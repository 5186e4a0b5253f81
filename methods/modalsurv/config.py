"""Settings of ModalSurv."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from methods.shared.heads.discrete_time import Spacing
from methods.shared.training.block_network import BlockNetworkConfig

Fusion: TypeAlias = Literal["concat", "linear", "modality_softmax", "gated", "uncertainty", "cross_mean", "cross_gated"]
Head: TypeAlias = Literal["deephit", "cox"]
Missing: TypeAlias = Literal["mask", "zero"]


@dataclass(frozen=True, slots=True)
class Config(BlockNetworkConfig):
    """Settings of the network and its loss, beside those of ``BlockNetworkConfig``.

    Parameters
    ----------
    fusion : str
        How the tokens of the modalities become one: ``cross_gated`` as published, ``cross_mean`` as in the challenge,
        the others for comparison; see ``methods.modalsurv.fusion``.
    self_attention : bool
        Whether a modality attends to itself as well; a control.
    missing : {"mask", "zero"}
        A missing modality is attended to by nobody and has no weight, or is a vector of zeros, as in the authors' code.
    width, heads, feed_forward : int
        Of the tokens; heads of the attention; hidden nodes of its feed-forward layer as a multiple of the width.
    dropout : float
        Of projections, attention weights and the fused vector.
    head : {"deephit", "cox"}
        A distribution over intervals, or a log hazard ratio.
    offset : {"none", "evidence"}
        What the log hazard ratio is added to: nothing, or the predictor of ``evidence_cox`` (head ``cox`` alone). The
        network then starts at zero, and stays there where no epoch is better for its held-out patients.
    intervals : int
        Of the time axis (deephit).
    spacing : {"equidistant", "quantiles", "event_quantiles"}
        Intervals of equal length, equal falls of the Kaplan-Meier curve, or equal numbers of events (deephit).
    likelihood_weight, ranking_scale : float
        Weight of the likelihood, and sigma, in the loss of DeepHit.
    select_by : {"loss", "concordance"}
        What stops a network and chooses its epoch: the loss of its inner held-out fold, or the concordance there.
    faithful : bool
        The authors' recipe instead: their bins and their loss; each network is chosen by the concordance on its inner
        held-out fold. The concordance that it is chosen by is reported beside the score of patients nobody has seen.
    """

    components: Annotated[int, Field(ge=0)] = 8
    learning_rate: Annotated[float, Field(gt=0)] = 3e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.5
    epochs: Annotated[int, Field(ge=1)] = 80
    patience: Annotated[int, Field(ge=1)] = 40
    width: Annotated[int, Field(ge=1)] = 64
    heads: Annotated[int, Field(ge=1)] = 4
    feed_forward: Annotated[int, Field(ge=1)] = 2
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    fusion: Fusion = "cross_gated"
    self_attention: bool = False
    missing: Missing = "mask"
    head: Head = "deephit"
    offset: Literal["none", "evidence"] = "none"
    intervals: Annotated[int, Field(ge=2)] = 30
    spacing: Spacing = "quantiles"
    likelihood_weight: Annotated[float, Field(ge=0, le=1)] = 0.2
    ranking_scale: Annotated[float, Field(gt=0)] = 0.1
    select_by: Literal["loss", "concordance"] = "concordance"
    faithful: bool = False

    def __post_init__(self) -> None:
        if self.offset == "evidence" and (self.head != "cox" or self.faithful):
            raise ValueError("offset=evidence is a log hazard ratio: it needs head=cox, and faithful=false")
