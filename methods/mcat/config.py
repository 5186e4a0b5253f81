"""Settings of MCAT."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from methods.shared.layers.fused_outputs import Fusion
from methods.shared.training.token_bag_network import TokenBagNetworkConfig


@dataclass(frozen=True, slots=True)
class Config(TokenBagNetworkConfig):
    """Settings of the network, beside those of ``TokenBagNetworkConfig``.

    Parameters
    ----------
    fusion : {"concat", "bilinear"}
        How the vectors of slides and genes come together: side by side, or in products of low rank.
    rank : int
        Number of products (bilinear).
    layers, heads, feed_forward : int
        Of the two transformers: layers; heads of each; hidden nodes of its feed-forward layer as a multiple of the
        width.
    attention_width : int
        Rows of the layers of the gated attention.
    """

    fusion: Fusion = "concat"
    rank: Annotated[int, Field(ge=1)] = 16
    layers: Annotated[int, Field(ge=1)] = 2
    heads: Annotated[int, Field(ge=1)] = 4
    feed_forward: Annotated[int, Field(ge=1)] = 2
    attention_width: Annotated[int, Field(ge=1)] = 64
