"""The network: pathways and instances as tokens of one layer of attention, then the mean of each kind."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from benchmarks.types import FloatArray
from methods.shared.layers.fused_outputs import FusedOutputs
from methods.shared.layers.gated_attention_pool import MeanPool
from methods.shared.layers.packed_bags import PackedBags, sum_within
from methods.shared.layers.token_perceptrons import GeneTokenLayer
from methods.shared.training.bag_network import Widths
from methods.shared.training.token_bag_network import ATTENTION
from methods.survpath.attention import PathwayAttention
from methods.survpath.config import Config


class SurvPathNetwork(nn.Module):
    """Pathway and bag tokens x, u = LN(x + A), LN(u + F(u)), means of both kinds, side by side in a layer.

    A is ``PathwayAttention``. A patient without pathways has the mean of instances that attend to nothing (A = 0), one
    without a bag that of pathways that attend to pathways.

    Parameters
    ----------
    widths : Widths
        Of an instance, of the tokens and of the vectors beside.
    config : Config
        All sizes.
    outputs : int
        Number of outputs.
    start : array, shape (outputs,), optional
        What the untrained network says of everybody.
    """

    def __init__(self, widths: Widths, config: Config, outputs: int, start: FloatArray | None) -> None:
        super().__init__()
        assert widths.bag is not None, "learn refuses patients without a bag"
        width, dropout = config.width, config.dropout
        self.molecular = len(widths.tokens)
        self.instances = nn.Sequential(nn.Linear(widths.bag, width), nn.Dropout(dropout))
        self.genes = GeneTokenLayer(widths.tokens, width, dropout)
        self.attention = PathwayAttention(width)
        self.after_attention, self.after_feed_forward = nn.LayerNorm(width), nn.LayerNorm(width)
        hidden = config.feed_forward * width
        self.feed_forward = nn.Sequential(
            nn.Linear(width, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, width)
        )
        self.mean = MeanPool()
        modalities = 1 + self.molecular + len(widths.vectors)
        self.fused = FusedOutputs(width, widths.vectors, modalities, "concat", 1, dropout, outputs, start)

    def forward(
        self, bags: PackedBags, vectors: Sequence[Tensor], present: Tensor
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the outputs of n patients, the weight of each instance for each pathway, and who looks at a pathway.

        Parameters
        ----------
        bags : PackedBags
            Of the n patients.
        vectors : sequence of Tensor, each (n, d_m)
            Columns of the tokens of each molecular modality, then the other modalities.
        present : Tensor of bool, shape (n, M)
            Which modalities there are: the bag, the molecular ones, the others.
        """
        pathways, there = self.genes(vectors[: self.molecular], present[:, 1 : 1 + self.molecular])
        instances = PackedBags(self.instances(bags.instances), bags.owner, bags.patients)
        of_pathways, of_instances, to_instances, to_pathways = self.attention(pathways, there, instances)
        slides = PackedBags(self._after(instances.instances, of_instances), bags.owner, bags.patients)
        slide, _ = self.mean(slides)
        gene = _mean_of_present(self._after(pathways, of_pathways), there)
        outputs = self.fused(slide, gene, vectors[self.molecular :], present)
        counts = torch.bincount(bags.owner, minlength=bags.patients).clamp(min=1)
        looked_at = sum_within(to_pathways, bags.owner, bags.patients) / counts[:, None]
        return outputs, {ATTENTION: to_instances * there[bags.owner], "to_pathways": looked_at}

    def _after(self, tokens: Tensor, gathered: Tensor) -> Tensor:
        """Return tokens after residual, feed-forward layer and normalisation."""
        u = self.after_attention(tokens + gathered)
        after: Tensor = self.after_feed_forward(u + self.feed_forward(u))
        return after


def _mean_of_present(tokens: Tensor, present: Tensor) -> Tensor:
    """Return the mean of the tokens that are present, shape (n, d); 0 without any."""
    counts = present.sum(dim=1, keepdim=True).clamp(min=1)
    return tokens.masked_fill(~present[:, :, None], 0.0).sum(dim=1) / counts
