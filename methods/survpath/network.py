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
    """What pathways and instances gather, LN(A + F(A)), the means of both kinds, side by side in a layer.

    A is ``PathwayAttention``. There is no residual around it: the genes themselves would stand beside the few
    instances that a pathway has chosen, and drown them. An instance whose patient has no pathway is handed on as it is
    (A = x); without a bag pathways attend to pathways.

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
        hidden = config.feed_forward * width
        self.feed_forward = nn.Sequential(
            nn.Linear(width, hidden), nn.GELU(), nn.Dropout(dropout), nn.Linear(hidden, width)
        )
        self.normalisation = nn.LayerNorm(width)
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
        anyone = there.any(dim=1)[bags.owner, None]
        slides = self._after(torch.where(anyone, of_instances, instances.instances))
        slide, _ = self.mean(PackedBags(slides, bags.owner, bags.patients))
        gene = _mean_of_present(self._after(of_pathways), there)
        outputs = self.fused(slide, gene, vectors[self.molecular :], present)
        counts = torch.bincount(bags.owner, minlength=bags.patients).clamp(min=1)
        looked_at = sum_within(to_pathways, bags.owner, bags.patients) / counts[:, None]
        return outputs, {ATTENTION: to_instances * there[bags.owner], "to_pathways": looked_at}

    def _after(self, gathered: Tensor) -> Tensor:
        """Return tokens after feed-forward layer and normalisation."""
        after: Tensor = self.normalisation(gathered + self.feed_forward(gathered))
        return after


def _mean_of_present(tokens: Tensor, present: Tensor) -> Tensor:
    """Return the mean of the tokens that are present, shape (n, d); 0 without any."""
    counts = present.sum(dim=1, keepdim=True).clamp(min=1)
    return tokens.masked_fill(~present[:, :, None], 0.0).sum(dim=1) / counts
