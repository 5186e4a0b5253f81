"""The network: a projection per modality, the fusion, and the outputs."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from benchmarks.types import FloatArray
from methods.modalsurv.config import Config
from methods.modalsurv.fusion import FusionLayer
from methods.shared.layers.last_layer import last_layer


class ModalSurvNetwork(nn.Module):
    """x_m = Dropout(ReLU(W_m f_m + b_m)), then the fusion, dropout, and a linear layer.

    Parameters
    ----------
    widths : sequence of int, length M
        Of the vectors f_m.
    config : Config
        All sizes.
    outputs : int
        Number of outputs.
    start : array, shape (outputs,), optional
        What the untrained network says of everybody.
    """

    def __init__(self, widths: Sequence[int], config: Config, outputs: int, start: FloatArray | None) -> None:
        super().__init__()
        self.projections = nn.ModuleList(
            nn.Sequential(nn.Linear(width, config.width), nn.ReLU(), nn.Dropout(config.dropout)) for width in widths
        )
        self.fusion = FusionLayer(len(widths), config)
        self.dropout = nn.Dropout(config.dropout)
        # A constant cancels in the partial likelihood.
        self.last = last_layer(config.width, outputs, start, bias=config.head != "cox" or config.faithful)
        if config.offset == "evidence":
            nn.init.zeros_(self.last.weight)
        self.zeros_for_missing = config.missing == "zero" or config.faithful

    def forward(self, vectors: Sequence[Tensor], present: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the outputs of n patients, and gate and attention for figures."""
        read = [values.masked_fill(~present[:, [m]], 0.0) for m, values in enumerate(vectors)]
        tokens = torch.stack(
            [projection(values) for projection, values in zip(self.projections, read, strict=True)], dim=1
        )
        if self.zeros_for_missing:
            present = torch.ones_like(present)
        fused, states = self.fusion(tokens, present)
        return self.last(self.dropout(fused)), states
