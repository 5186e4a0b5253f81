"""The network: streams of slides, genes and report, each to one vector, and the layers on these."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import torch
from torch import Tensor, nn

from benchmarks.types import FloatArray
from methods.kemm.config import Config
from methods.kemm.queries import GENOMIC, IMAGE, TextSources, TextTokens
from methods.kemm.streams import GeneStreams, KnowledgeStreams, Seen
from methods.shared.layers.cross_attention import CrossAttention
from methods.shared.layers.gated_attention_pool import GatedAttentionPool
from methods.shared.layers.last_layer import last_layer
from methods.shared.layers.low_rank_bilinear import LowRankBilinear
from methods.shared.layers.packed_bags import PackedBags
from methods.shared.layers.token_perceptrons import GeneTokenLayer
from methods.shared.layers.token_pool import TokenPool
from methods.shared.training.bag_network import Widths

REPORT = "report"


class KemmNetwork(nn.Module):
    """Adapters, streams, a transformer and a gated pool for each stream, two layers on their vectors, a linear layer.

    Other modalities stand beside the last layer, with a flag for each modality that is missing.

    Parameters
    ----------
    widths : Widths
        Of an instance, of the tokens of genes and of the vectors beside.
    texts : TextSources
        Which texts are read.
    config : Config
        All sizes.
    outputs : int
        Number of outputs.
    start : array, shape (outputs,), optional
        What the untrained network says of everybody.
    """

    def __init__(
        self, widths: Widths, texts: TextSources, config: Config, outputs: int, start: FloatArray | None
    ) -> None:
        super().__init__()
        width, dropout = config.width, config.dropout
        self.bag, self.molecular, self.reports = widths.bag is not None, len(widths.tokens), texts.lines > 0
        if widths.bag is not None:
            self.instances = nn.Sequential(nn.Linear(widths.bag, width), nn.ReLU(), nn.Dropout(dropout))
        if self.molecular:
            self.genes = GeneTokenLayer(widths.tokens, width, dropout)
        read = self.reports or (texts.knowledge and config.kecm == "on")
        self.text = TextTokens(texts, width) if read else None
        kinds = (*([IMAGE] if self.bag else []), *([GENOMIC] if self.molecular else []))
        self.streams = _streams(config, texts, kinds)
        pooled = [kind for kind in kinds if kind == GENOMIC or self.streams is not None]
        self.pools = nn.ModuleDict({kind: StreamPool(config) for kind in [*pooled, *([REPORT] if texts.lines else [])]})
        if self.bag and self.streams is None:
            self.bag_pool = GatedAttentionPool(width, config.attention_width, dropout)
        self.kinds = [*kinds, *([REPORT] if texts.lines else [])]
        self.hidden = _Fused(len(self.kinds), config) if self.kinds else None
        modalities = self.bag + self.molecular + self.reports + len(widths.vectors)
        self.last = last_layer(width * bool(self.kinds) + sum(widths.vectors) + modalities, outputs, start)

    def forward(
        self, bags: PackedBags | None, vectors: Sequence[Tensor], present: Tensor
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the outputs of n patients, and where the queries look.

        Parameters
        ----------
        bags : PackedBags, optional
            Of the n patients.
        vectors : sequence of Tensor
            Columns of the tokens of each molecular modality; vectors of the lines of the reports, (n, L, d), and which
            of them there are, (n, L), if reports are read; the other modalities, each (n, d_m).
        present : Tensor of bool, shape (n, M)
            Which modalities there are: the bag, the molecular ones, the report, the others.
        """
        seen = self._seen(bags, vectors, present)
        pooled: dict[str, Tensor] = {}
        states: dict[str, Tensor] = {}
        if self.streams is not None:
            found = self.streams(seen, self.text) if isinstance(self.streams, KnowledgeStreams) else self.streams(seen)
            pooled = {kind: self.pools[kind](*tokens) for kind, tokens in found.tokens.items()}
            states = found.states
        else:
            if seen.instances is not None:
                pooled[IMAGE], _ = self.bag_pool(seen.instances)
            if seen.genes is not None:
                pooled[GENOMIC] = self.pools[GENOMIC](seen.genes, seen.genes_there)
        if seen.report is not None:
            pooled[REPORT] = self.pools[REPORT](seen.report, seen.told)
        missing = ~present
        beside = vectors[self.molecular + 2 * self.reports :]
        first = present.shape[1] - len(beside)
        read = [values.masked_fill(missing[:, [first + m]], 0.0) for m, values in enumerate(beside)]
        hidden = [] if self.hidden is None else [self.hidden([pooled[kind] for kind in self.kinds])]
        outputs: Tensor = self.last(torch.cat([*hidden, *read, missing.to(self.last.weight.dtype)], dim=1))
        return outputs, states

    def _seen(self, bags: PackedBags | None, vectors: Sequence[Tensor], present: Tensor) -> Seen:
        """Return the tokens of n patients; of what is missing none."""
        instances = has_bag = genes = genes_there = report = told = None
        column = int(self.bag)
        if self.bag:
            assert bags is not None
            has_bag = present[:, 0]
            # A hidden bag is hidden whole.
            shown = has_bag[bags.owner]
            instances = PackedBags(self.instances(bags.instances[shown]), bags.owner[shown], bags.patients)
            has_bag = has_bag & (torch.bincount(instances.owner, minlength=bags.patients) > 0)
        if self.molecular:
            genes, genes_there = self.genes(vectors[: self.molecular], present[:, column : column + self.molecular])
        if self.reports:
            assert self.text is not None
            lines, of_lines = vectors[self.molecular : self.molecular + 2]
            told = of_lines & present[:, [column + self.molecular]]
            report = self.text.report(lines.masked_fill(~told[:, :, None], 0.0))
        return Seen(len(present), instances, has_bag, genes, genes_there, report, told)


class StreamPool(nn.Module):
    """Layers in which the tokens of a stream attend to each other, and gated attention over them.

    Parameters
    ----------
    config : Config
        All sizes.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layers = nn.ModuleList(
            CrossAttention(config.width, config.heads, config.dropout, config.feed_forward)
            for _ in range(config.layers)
        )
        self.pool = TokenPool(config.width, config.attention_width, config.dropout)

    def forward(self, tokens: Tensor, present: Tensor) -> Tensor:
        """Return the vectors of n patients, shape (n, width); 0 without a token."""
        for layer in self.layers:
            tokens, _ = layer(tokens, tokens, present)
        pooled: Tensor = self.pool(tokens, present)[0]
        return pooled


class _Fused(nn.Module):
    """Two layers with ReLU on vectors side by side; or the first on products of low rank of each two of them."""

    def __init__(self, count: int, config: Config) -> None:
        super().__init__()
        width = config.width
        self.pairs = [*combinations(range(count), 2)] if config.fusion == "bilinear" else []
        self.products = nn.ModuleList(LowRankBilinear(width, width, config.rank, width) for _ in self.pairs)
        if not self.pairs:
            self.first = nn.Linear(count * width, width)
        self.second = nn.Sequential(nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Dropout(config.dropout))

    def forward(self, vectors: Sequence[Tensor]) -> Tensor:
        """Return the hidden layer of n patients, shape (n, width)."""
        if self.pairs:
            products = [
                module(vectors[i], vectors[j]) for module, (i, j) in zip(self.products, self.pairs, strict=True)
            ]
            first = torch.stack(products).sum(dim=0)
        else:
            first = self.first(torch.cat([*vectors], dim=1))
        hidden: Tensor = self.second(first)
        return hidden


def _streams(config: Config, texts: TextSources, kinds: tuple[str, ...]) -> KnowledgeStreams | GeneStreams | None:
    """Return what looks at slides and genes; None if nothing does."""
    if not kinds or config.attention == "concat":
        return None
    return GeneStreams(config) if config.attention == "coattn" else KnowledgeStreams(config, texts, kinds)
