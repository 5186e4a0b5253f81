"""From one token per modality to one vector per patient: the published fusion and those it is compared with.

Tokens x_1 ... x_M; sums and means run over the modalities that a patient has.

================  =====================================================================================
concat            ReLU(W [x_1; ...; x_M]), 0 in the place of a missing one
linear            the mean of x_m
modality_softmax  sum of w_m x_m, w the softmax of one number a modality, the same for every patient
gated             sum of w_m x_m, w by a gate that sees all tokens
uncertainty       sum of w_m x_m, w_m proportional to exp(-s(x_m)): s stands for a log variance
cross_mean        the mean of a_m = attention of x_m to the other modalities
cross_gated       sum of w_m a_m by the gate; a_m with residual and feed-forward layer
================  =====================================================================================

After all but ``concat`` comes a linear layer W_o.
"""

from typing import cast

import torch
from torch import Tensor, nn

from methods.modalsurv.config import Config
from methods.shared.layers.cross_attention import CrossAttention, masked_softmax
from methods.shared.layers.modality_gate import ModalityGate


class CrossModal(nn.Module):
    """Attention of each modality to the others, with weights of its own for each (Wahab et al. 2025).

    Parameters
    ----------
    modalities : int
        M.
    config : Config
        Width, heads, feed-forward layer, dropout, self-attention.
    residual : bool
        Whether residual and feed-forward layer follow.
    """

    def __init__(self, modalities: int, config: Config, *, residual: bool) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            CrossAttention(config.width, config.heads, config.dropout, config.feed_forward, residual=residual)
            for _ in range(modalities)
        )
        others = torch.ones(modalities, modalities, dtype=torch.bool)
        if not config.self_attention:
            others.fill_diagonal_(False)
        self.register_buffer("others", others, persistent=False)

    def forward(self, tokens: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """Return the tokens a_m, shape (n, M, d), and who attends to whom, shape (n, M, M)."""
        others = cast(Tensor, self.others)
        # A missing modality asks nothing, and nobody asks it.
        read = tokens.masked_fill(~present[..., None], 0.0)
        asked = present[:, None, :] & others & present[:, :, None]
        found = [block(read[:, [m]], read, asked[:, m]) for m, block in enumerate(self.blocks)]
        return torch.cat([token for token, _ in found], dim=1), torch.cat([weights for _, weights in found], dim=1)


class FusionLayer(nn.Module):
    """One of the fusions of this module.

    Parameters
    ----------
    modalities : int
        M.
    config : Config
        Which fusion, and its sizes.
    """

    def __init__(self, modalities: int, config: Config) -> None:
        super().__init__()
        self.fusion = config.fusion
        width = config.width
        if self.fusion in ("cross_mean", "cross_gated"):
            self.attention = CrossModal(modalities, config, residual=self.fusion == "cross_gated")
        if self.fusion in ("gated", "cross_gated"):
            self.gate = ModalityGate(width, modalities)
        elif self.fusion == "modality_softmax":
            self.modality_scores = nn.Parameter(torch.zeros(modalities))
        elif self.fusion == "uncertainty":
            self.log_variance = nn.Linear(width, 1)
        self.output = nn.Linear(width * modalities if self.fusion == "concat" else width, width)

    def forward(self, tokens: Tensor, present: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the fused vector, shape (n, d), and what figures show: gate (n, M), attention (n, M * M).

        Parameters
        ----------
        tokens : Tensor, shape (n, M, d)
            What stands in the place of a missing one is not read.
        present : Tensor of bool, shape (n, M)
            Which modalities there are.
        """
        tokens = tokens.masked_fill(~present[..., None], 0.0)
        if self.fusion == "concat":
            return self.output(tokens.flatten(1)).relu(), {}
        states: dict[str, Tensor] = {}
        if self.fusion in ("cross_mean", "cross_gated"):
            tokens, attention = self.attention(tokens, present)
            states["attention"] = attention.flatten(1)
        weights = self._weights(tokens, present)
        states["gate"] = weights
        fused = (weights[..., None] * tokens).sum(dim=1)
        return self.output(fused), states

    def _weights(self, tokens: Tensor, present: Tensor) -> Tensor:
        """Return the weights of the modalities, shape (n, M)."""
        if self.fusion in ("gated", "cross_gated"):
            return cast(Tensor, self.gate(tokens, present))
        if self.fusion == "modality_softmax":
            return masked_softmax(self.modality_scores.expand(present.shape), present)
        if self.fusion == "uncertainty":
            return masked_softmax(-self.log_variance(tokens)[..., 0], present)
        return present.to(tokens.dtype) / present.sum(dim=1, keepdim=True).clamp(min=1)
