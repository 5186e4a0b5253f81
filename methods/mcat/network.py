"""The network: gene families attend to the bag; both sets of tokens through a transformer and a pool."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from benchmarks.types import FloatArray
from methods.mcat.config import Config
from methods.shared.layers.co_attention import CoAttention
from methods.shared.layers.cross_attention import CrossAttention
from methods.shared.layers.fused_outputs import FusedOutputs
from methods.shared.layers.packed_bags import PackedBags
from methods.shared.layers.token_perceptrons import GeneTokenLayer
from methods.shared.layers.token_pool import TokenPool
from methods.shared.training.bag_network import Widths
from methods.shared.training.token_bag_network import ATTENTION


class MCATNetwork(nn.Module):
    """Co-attention of T gene families, then for slides and genes each a transformer and a gated pool, then the fusion.

    A patient without genes has no families that could ask: there a learnt query stands for each. Tokens that are not
    there are attended to by none and not pooled.

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
        self.instances = nn.Sequential(nn.Linear(widths.bag, width), nn.ReLU(), nn.Dropout(dropout))
        self.genes = GeneTokenLayer(widths.tokens, width, dropout)
        count = sum(self.genes.counts)
        # Zeros: where no training patient lacks the genes, the query of who does is that of no family.
        self.queries = nn.Parameter(torch.zeros(count, width))
        self.co_attention = CoAttention(width)
        self.of_slides, self.of_genes = (TokenTransformer(config) for _ in range(2))
        modalities = 1 + self.molecular + len(widths.vectors)
        self.fused = FusedOutputs(
            width, widths.vectors, modalities, config.fusion, config.rank, dropout, outputs, start
        )

    def forward(
        self, bags: PackedBags, vectors: Sequence[Tensor], present: Tensor
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the outputs of n patients, the weight of each instance for each family, and those of the pools.

        Parameters
        ----------
        bags : PackedBags
            Of the n patients.
        vectors : sequence of Tensor, each (n, d_m)
            Columns of the tokens of each molecular modality, then the other modalities.
        present : Tensor of bool, shape (n, M)
            Which modalities there are: the bag, the molecular ones, the others.
        """
        families, there = self.genes(vectors[: self.molecular], present[:, 1 : 1 + self.molecular])
        asking = torch.where(there[:, :, None], families, self.queries)
        instances = PackedBags(self.instances(bags.instances), bags.owner, bags.patients)
        slides, attention = self.co_attention(asking, instances)
        slide, slide_weights = self.of_slides(slides, present[:, :1].expand_as(there))
        gene, gene_weights = self.of_genes(families, there)
        outputs = self.fused(slide, gene, vectors[self.molecular :], present)
        return outputs, {ATTENTION: attention, "slide_pool": slide_weights, "gene_pool": gene_weights}


class TokenTransformer(nn.Module):
    """Layers in which tokens attend to each other, gated attention over them, and a layer with ReLU.

    Parameters
    ----------
    config : Config
        All sizes.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        width, dropout = config.width, config.dropout
        self.layers = nn.ModuleList(
            CrossAttention(width, config.heads, dropout, config.feed_forward) for _ in range(config.layers)
        )
        self.pool = TokenPool(width, config.attention_width, dropout)
        self.last = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Dropout(dropout))

    def forward(self, tokens: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """Return the vectors of n patients, shape (n, width), 0 without a token, and the weights of tokens, (n, T)."""
        for layer in self.layers:
            tokens, _ = layer(tokens, tokens, present)
        pooled, weights = self.pool(tokens, present)
        anyone = present.any(dim=1, keepdim=True)
        return self.last(pooled).masked_fill(~anyone, 0.0), weights
