"""The network: an encoder for each modality, then the fusion."""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from methods.abmil_bilinear.authors_recipe import authors_encoder, pair_widths
from methods.abmil_bilinear.config import Config
from methods.abmil_bilinear.fusion import FusedRisk, xavier
from methods.shared.layers.bag_encoder import BagEncoder
from methods.shared.layers.packed_bags import PackedBags
from methods.shared.training.bag_network import Widths


class BilinearNetwork(nn.Module):
    """The bag by attention, a table of covariates as it is, every other modality by layers; then ``FusedRisk``.

    Parameters
    ----------
    widths : Widths
        Of an instance and of the vectors.
    config : Config
        All sizes.
    """

    def __init__(self, widths: Widths, config: Config) -> None:
        super().__init__()
        encoded: list[int] = []
        self.bag: BagEncoder | None = None
        if widths.bag is not None:
            self.bag = BagEncoder(widths.bag, config.patch_width, config.pool, config.attention_width, config.dropout)
            encoded.append(config.patch_width)
        self.encoders = nn.ModuleList()
        for width, table in zip(widths.vectors, widths.tables, strict=True):
            self.encoders.append(nn.Identity() if table else _encoder(width, config))
            encoded.append(width if table else config.encoder_width)
        if config.faithful:
            xavier(self)
        outputs = pair_widths(widths, config) if config.faithful else None
        self.risk = FusedRisk(
            config.fusion,
            encoded,
            config.rank,
            config.pair_width,
            pair_widths=outputs,
            start_at_zero=not config.faithful,
        )

    def forward(
        self, bags: PackedBags | None, vectors: Sequence[Tensor], present: Tensor
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return r of n patients, shape (n, 1), its contributions, and the weight of each instance."""
        read = [encoder(values) for encoder, values in zip(self.encoders, vectors, strict=True)]
        states: dict[str, Tensor] = {}
        if self.bag is not None and bags is not None:
            pooled, states["attention"] = self.bag(bags)
            read.insert(0, pooled)
        risk, parts = self.risk(read, present)
        states.update(parts)
        units = None if self.training else self.risk.units(read, present)
        if units is not None:
            states["units"] = units
        return risk, states


def _encoder(width: int, config: Config) -> nn.Module:
    if config.faithful:
        return authors_encoder(width, config)
    return nn.Sequential(
        nn.Linear(width, config.encoder_hidden),
        nn.ReLU(),
        nn.Dropout(config.dropout),
        nn.Linear(config.encoder_hidden, config.encoder_width),
        nn.ReLU(),
    )
