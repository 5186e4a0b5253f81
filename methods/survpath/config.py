"""Settings of SurvPath."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from methods.shared.features.gene_tokens import GeneSets
from methods.shared.training.token_bag_network import TokenBagNetworkConfig


@dataclass(frozen=True, slots=True)
class Config(TokenBagNetworkConfig):
    """Settings of the network, beside those of ``TokenBagNetworkConfig``.

    Parameters
    ----------
    feed_forward : int
        Hidden nodes of the feed-forward layer as a multiple of the width.
    """

    gene_sets: GeneSets = "hallmark"
    feed_forward: Annotated[int, Field(ge=1)] = 1
