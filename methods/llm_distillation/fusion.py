"""From the state behind a prompt, and the vectors of the other modalities, to the outputs of a survival head."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.types import FloatArray
from methods.shared.layers.cross_attention import masked_softmax
from methods.shared.layers.last_layer import last_layer

Fusion: TypeAlias = Literal["text", "early", "late"]

# Of the layers on covariates, on anything wider, and on all of them together.
ENCODED = 64
WIDE_HIDDEN = 256
JOINED = 128


class ModalityHead(nn.Module):
    """e = encoder(x), and outputs of this modality alone, phi = V relu(e).

    Parameters
    ----------
    width : int
        Of the vectors x.
    table : bool
        Covariates: width -> 64 -> 64; anything else: width -> 256 -> 64.
    dropout : float
        Behind the first layer.
    outputs : int
        K.
    start : array, shape (K,), or None
        What the untrained outputs say.
    """

    def __init__(self, width: int, outputs: int, start: FloatArray | None, *, table: bool, dropout: float) -> None:
        super().__init__()
        hidden = ENCODED if table else WIDE_HIDDEN
        self.encoder = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, ENCODED)
        )
        self.last = silent_layer(ENCODED, outputs, start)

    def forward(self, vectors: Tensor) -> tuple[Tensor, Tensor]:
        """Return e, shape (n, 64), and the outputs, shape (n, K)."""
        encoded = self.encoder(vectors)
        return encoded, self.last(encoded.relu())


class FusionNetwork(nn.Module):
    """Outputs phi of n patients from the text's state h and the other modalities.

    - text: phi = W h.
    - early: phi = MLP([P h; e_1; ...; flags of what is missing]).
    - late: phi = sum_m w_m phi_m with phi_text = W h and w = softmax(G [P h; e_1; ...]) over those that are there.

    h is normalised first, and so are P h and e_m, which would be of very different size. In the place of what a patient
    lacks stands a learnt vector; in the gate its weight is 0.

    Parameters
    ----------
    fusion : {"text", "early", "late"}
        Which of them.
    text_width : int
        d, of h.
    widths, tables : sequences of length M
        Width of the other modalities' vectors, and which are covariates.
    outputs : int
        K.
    start : array, shape (K,), or None
        What the untrained network says of everybody.
    projection : int
        Rows of P.
    dropout : float
        Of the layers that are not the language model's.
    """

    def __init__(
        self,
        fusion: Fusion,
        text_width: int,
        widths: Sequence[int],
        tables: Sequence[bool],
        outputs: int,
        start: FloatArray | None,
        *,
        projection: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.fusion = fusion
        self.normalised = nn.LayerNorm(text_width)
        if fusion in ("text", "late"):
            self.text_last = silent_layer(text_width, outputs, start)
        if fusion == "text":
            return
        self.heads = nn.ModuleList(
            ModalityHead(width, outputs, start, table=table, dropout=dropout)
            for width, table in zip(widths, tables, strict=True)
        )
        self.project = nn.Linear(text_width, projection)
        self.absent = nn.ParameterList(torch.zeros(size) for size in [projection, *[ENCODED] * len(self.heads)])
        everything = projection + ENCODED * len(self.heads)
        parts = 1 + len(self.heads)
        if fusion == "early":
            self.joined = nn.Sequential(nn.Linear(everything + parts, JOINED), nn.ReLU(), nn.Dropout(dropout))
            self.joined_last = silent_layer(JOINED, outputs, start)
        else:
            self.gate = nn.Linear(everything, parts)
            # At first all modalities count the same.
            nn.init.zeros_(self.gate.weight)
            nn.init.zeros_(self.gate.bias)

    def forward(
        self, hidden: Tensor, vectors: Sequence[Tensor], present: Tensor
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the outputs, shape (n, K), and the gate's weights, shape (n, 1 + M), of a late fusion.

        Parameters
        ----------
        hidden : Tensor, shape (n, d)
            State at the last token of the prompt.
        vectors : sequence of M Tensors, shape (n, d_m)
            What stands in the place of a missing one is not read.
        present : Tensor of bool, shape (n, 1 + M)
            Which there are, the text first.
        """
        text = self.normalised(hidden)
        if self.fusion == "text":
            return self.text_last(text), {}
        said = [
            head(values.masked_fill(~present[:, [place]], 0.0))
            for place, (head, values) in enumerate(zip(self.heads, vectors, strict=True), start=1)
        ]
        encoded = [_standardised(code) for code in (self.project(text), *(code for code, _ in said))]
        filled = [
            torch.where(present[:, [place]], code, absent)
            for place, (code, absent) in enumerate(zip(encoded, self.absent, strict=True))
        ]
        together = torch.cat(filled, dim=1)
        if self.fusion == "early":
            flags = (~present).to(together.dtype)
            return self.joined_last(self.joined(torch.cat([together, flags], dim=1))), {}
        gate = masked_softmax(self.gate(together), present)
        # Of a patient without any modality the text's outputs are taken: of an empty prompt.
        gate = torch.where(present.any(dim=1, keepdim=True), gate, _first(gate))
        outputs = torch.stack([self.text_last(text), *[outputs for _, outputs in said]], dim=1)
        return (gate[..., None] * outputs).sum(dim=1), {"gate": gate}


def silent_layer(inputs: int, outputs: int, start: FloatArray | None) -> nn.Linear:
    """Return a last layer that says the same of everybody at first: the start, or 0 without a constant."""
    layer = last_layer(inputs, outputs, start, bias=start is not None)
    nn.init.zeros_(layer.weight)
    return layer


def _standardised(code: Tensor) -> Tensor:
    return functional.layer_norm(code, code.shape[-1:])


def _first(gate: Tensor) -> Tensor:
    only = torch.zeros_like(gate)
    only[:, 0] = 1.0
    return only
