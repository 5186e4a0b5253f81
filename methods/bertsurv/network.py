"""The network: a note's vector beside measurements and other modalities, then hidden layers."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from benchmarks.types import FloatArray
from methods.bertsurv.config import Config
from methods.shared.layers.gated_attention_pool import GatedAttentionPool
from methods.shared.layers.last_layer import last_layer
from methods.shared.layers.packed_bags import PackedBags
from methods.shared.training.bag_network import Widths

# Rows of the layers that weigh the pieces of a note.
ATTENTION_WIDTH = 64


class BertSurvNetwork(nn.Module):
    """z = [LN(W_v v); x_1; ...; flags], then hidden layers with ReLU and dropout, then the outputs.

    v is the vector of a note, or of several pieces the one that gated attention pools. x_m are the features of a
    table, or the components of another modality, with ``expression=joint`` after a layer of their own. What is missing
    is 0, and its flag 1.

    Parameters
    ----------
    widths : Widths
        Of a note's vector (None: no notes) and of the others.
    config : Config
        All sizes.
    outputs : int
        Number of outputs.
    start : array, shape (outputs,), optional
        What the untrained network says of everybody. Without one the last layer has no constant, which cancels in the
        partial likelihood.
    """

    def __init__(self, widths: Widths, config: Config, outputs: int, start: FloatArray | None) -> None:
        super().__init__()
        self.has_notes = widths.bag is not None
        joined = 0
        if widths.bag is not None:
            self.pool = GatedAttentionPool(widths.bag, ATTENTION_WIDTH)
            normalised = nn.LayerNorm(config.note_width)
            # Normalised entries are of size 1, and many of them would drown a few measurements: at first the whole
            # note has the length of one measurement.
            nn.init.constant_(normalised.weight, config.note_width**-0.5)
            self.note = nn.Sequential(nn.Linear(widths.bag, config.note_width), normalised)
            joined += config.note_width + 1
        self.others = nn.ModuleList()
        for width, is_table in zip(widths.vectors, widths.tables, strict=True):
            trained = config.expression == "joint" and not is_table
            self.others.append(_layer(width, config.latent_width, config.dropout) if trained else nn.Identity())
            joined += (config.latent_width if trained else width) + 1
        sizes = [joined, *config.hidden]
        self.hidden = nn.Sequential(*(_layer(before, after, config.dropout) for before, after in pairwise(sizes)))
        self.last = last_layer(sizes[-1], outputs, start, bias=start is not None)
        # At first the risk is the same for everybody.
        nn.init.zeros_(self.last.weight)

    def forward(
        self, bags: PackedBags | None, vectors: Sequence[Tensor], present: Tensor
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the outputs of n patients, and the weight of each piece of a note.

        Parameters
        ----------
        bags : PackedBags or None
            The pieces of the notes; None without notes.
        vectors : sequence of Tensor, each of shape (n, d_m)
            What stands in the place of a missing one is not read.
        present : Tensor of bool, shape (n, M)
            Which there are, the notes first.
        """
        states = {}
        read = [layer(values) for layer, values in zip(self.others, vectors, strict=True)]
        if bags is not None:
            pooled, states["attention"] = self.pool(bags)
            read.insert(0, self.note(pooled))
        missing = ~present
        kept = [values.masked_fill(missing[:, [m]], 0.0) for m, values in enumerate(read)]
        joined = torch.cat([*kept, missing.to(kept[0].dtype)], dim=1)
        return self.last(self.hidden(joined)), states


def _layer(before: int, after: int, dropout: float) -> nn.Module:
    return nn.Sequential(nn.Linear(before, after), nn.ReLU(), nn.Dropout(dropout))
