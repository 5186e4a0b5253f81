"""How slides and genes are looked at: three kinds of streams, each giving tokens or vectors of both modalities."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from methods.kemm.config import Config
from methods.kemm.knowledge_attention import KnowledgeAttention, joined, packed_tokens
from methods.kemm.queries import GENOMIC, IMAGE, LearnedQueries, TextQueries, TextSources, TextTokens
from methods.shared.layers.co_attention import CoAttention
from methods.shared.layers.cross_attention import CrossAttention
from methods.shared.layers.packed_bags import PackedBags

# States of a network: where the queries of each modality look. (R, T) and (n, T * G).
TO_INSTANCES, TO_GENES = "to_instances", "to_genes"


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a network knows of n patients before anything looks at anything.

    Parameters
    ----------
    instances : PackedBags, optional
        Of the slides, as wide as tokens.
    genes : Tensor, shape (n, G, width), optional
        Tokens of genes, of which ``genes_there``, (n, G), are present.
    report : Tensor, shape (n, L, width), optional
        Tokens of the reports, of which ``told``, (n, L), are present.
    """

    patients: int
    instances: PackedBags | None = None
    has_bag: Tensor | None = None
    genes: Tensor | None = None
    genes_there: Tensor | None = None
    report: Tensor | None = None
    told: Tensor | None = None


@dataclass(slots=True)
class Streams:
    """Tokens of each kind of modality, (n, T, width), which of them there are, (n, T), and states."""

    tokens: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict)
    states: dict[str, Tensor] = field(default_factory=dict)


class KnowledgeStreams(nn.Module):
    """Knowledge looks at slides and at genes; what it found in one then looks at what it found in the other.

    With ``kecm_order=joint`` it looks at both at once, and there is no second step.

    Parameters
    ----------
    config : Config
        All sizes.
    texts : TextSources
        Which texts there are.
    kinds : tuple of str
        Which modalities there are.
    """

    def __init__(self, config: Config, texts: TextSources, kinds: tuple[str, ...]) -> None:
        super().__init__()
        self.kinds = kinds
        self.joint = config.kecm_order == "joint" and len(kinds) > 1
        width = config.width
        self.queries = nn.ModuleDict()
        for kind in kinds:
            count = texts.asking(kind)
            if config.kecm == "on" and count:
                self.queries[kind] = TextQueries(texts, kind, width)
            else:
                self.queries[kind] = LearnedQueries(count or config.learned_queries, width)
        self.looking = nn.ModuleDict(
            {kind: KnowledgeAttention(width, config.heads, config.dropout, config.feed_forward) for kind in kinds}
        )
        if len(kinds) > 1 and not self.joint:
            self.crossing = nn.ModuleDict(
                {kind: CrossAttention(width, config.heads, config.dropout, residual=False) for kind in kinds}
            )
            self.after_crossing = nn.ModuleDict({kind: nn.LayerNorm(width) for kind in kinds})

    def forward(self, seen: Seen, text: TextTokens | None) -> Streams:
        """Return the streams of n patients, and the states ``to_instances`` and ``to_genes``."""
        keys = {kind: self._keys(kind, seen) for kind in self.kinds}
        has = {kind: self._has(kind, seen) for kind in self.kinds}
        found = Streams()
        for kind in self.kinds:
            queries, present = self._asking(kind, seen, text)
            others = [keys[other] for other in self.kinds if other != kind] if self.joint else []
            looked_at = joined(keys[kind], others[0]) if others else keys[kind]
            tokens, weights = self.looking[kind](queries, looked_at)
            weights = weights * present[looked_at.owner]
            if others:
                weights = weights[_own_rows(keys[kind], others[0])]
            found.tokens[kind] = tokens, present & has[kind][:, None]
            self._keep(found, kind, weights, seen)
        if len(self.kinds) > 1 and not self.joint:
            self._cross(found)
        return found

    def _asking(self, kind: str, seen: Seen, text: TextTokens | None) -> tuple[Tensor, Tensor]:
        module = self.queries[kind]
        if isinstance(module, LearnedQueries):
            asking: tuple[Tensor, Tensor] = module(seen.patients)
        else:
            asking = module(text, seen.report, seen.told, seen.patients)
        return asking

    def _cross(self, found: Streams) -> None:
        one, other = self.kinds
        before = dict(found.tokens)
        for kind, to in ((one, other), (other, one)):
            (tokens, present), (keys, there) = before[kind], before[to]
            attended, _ = self.crossing[kind](tokens, keys, there)
            crossed = self.after_crossing[kind](tokens + attended)
            # Who lacks the other modality goes on without this step.
            found.tokens[kind] = torch.where(there.any(dim=1)[:, None, None], crossed, tokens), present

    def _keys(self, kind: str, seen: Seen) -> PackedBags:
        if kind == IMAGE:
            assert seen.instances is not None
            return seen.instances
        assert seen.genes is not None
        assert seen.genes_there is not None
        return packed_tokens(seen.genes, seen.genes_there)

    def _has(self, kind: str, seen: Seen) -> Tensor:
        has = seen.has_bag if kind == IMAGE else seen.genes_there
        assert has is not None
        return has if has.ndim == 1 else has.any(dim=1)

    def _keep(self, found: Streams, kind: str, weights: Tensor, seen: Seen) -> None:
        if kind == IMAGE:
            found.states[TO_INSTANCES] = weights
            return
        assert seen.genes_there is not None
        n, genes = seen.genes_there.shape
        whole = weights.new_zeros((n, genes, weights.shape[1]))
        whole[seen.genes_there] = weights
        found.states[TO_GENES] = whole.transpose(1, 2).flatten(1)


class GeneStreams(nn.Module):
    """Groups of genes look at the slides, as in MCAT; nothing looks at the genes. A patient without genes asks nothing.

    Parameters
    ----------
    config : Config
        All sizes.
    """

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.looking = CoAttention(config.width)

    def forward(self, seen: Seen) -> Streams:
        """Return the streams of n patients, and the state ``to_instances``."""
        assert seen.genes is not None
        assert seen.genes_there is not None
        assert seen.instances is not None
        assert seen.has_bag is not None
        tokens, weights = self.looking(seen.genes, seen.instances)
        present = seen.genes_there & seen.has_bag[:, None]
        tokens = torch.where(seen.has_bag[:, None, None], tokens, 0.0)
        return Streams(
            {IMAGE: (tokens, present), GENOMIC: (seen.genes, seen.genes_there)},
            {TO_INSTANCES: weights * seen.genes_there[seen.instances.owner]},
        )


def _own_rows(own: PackedBags, other: PackedBags) -> Tensor:
    """Return where the rows of the first stand in ``joined(own, other)``."""
    owner = torch.cat([own.owner, other.owner])
    order = torch.argsort(owner, stable=True)
    return (order < len(own.owner)).nonzero()[:, 0]
