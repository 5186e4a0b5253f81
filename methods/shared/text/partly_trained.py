"""A backbone of which a part is trained: nothing, the last layers, low-rank additions to all of them, or everything."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from benchmarks.types import IntArray
from methods.shared.text.backbone import Backbone
from methods.shared.text.block_attention import attend_in_blocks
from methods.shared.text.layer_views import final_norm_of, layers_of, lower_view, upper_view
from methods.shared.text.lora import add_low_rank
from methods.shared.text.precision import Precision, chosen, halve_frozen_weights
from methods.shared.text.tokens import length_sorted, padded

Trained: TypeAlias = Literal["none", "last_layers", "lora", "full"]

# Pieces that the frozen layers read at once.
READ_TOGETHER = 32


@dataclass(frozen=True, slots=True, eq=False)
class ReadTexts:
    """Pieces of text as far as the frozen layers have read them.

    Parameters
    ----------
    ids : list of m lists of int
        Tokens.
    states : list of m Tensors, shape (L_i, width), or None
        Output of the last frozen layer; None where no layer is frozen.
    """

    ids: list[list[int]]
    states: list[Tensor] | None

    def __len__(self) -> int:
        return len(self.ids)


class PartlyTrained(nn.Module):
    """A backbone whose lower layers are frozen, read each text once, and whose rest is trained.

    In bfloat16 everything runs under autocast: frozen matrices are stored in bfloat16, trained ones in float32.

    Parameters
    ----------
    backbone : Backbone
        Changed in place by training.
    trained : {"none", "last_layers", "lora", "full"}
        What is trained; with ``last_layers`` the normalisation behind them, too.
    last_layers : int
        How many of them, from 1 to all; used by ``last_layers`` alone.
    lora_rank : int
        Rank of the additions to the projections of attention and feed-forward parts (Hu et al. 2022), with ``lora``.
    precision : {"auto", "float32", "bfloat16"}
        "auto" is bfloat16 where the processor or GPU is fast with it.
    checkpointing : bool
        Whether states inside of layers are computed again for the gradient instead of kept: less memory, more time.
    device : str
        Where it runs.

    Raises
    ------
    ValueError
        If there are not so many layers.
    """

    def __init__(
        self,
        backbone: Backbone,
        trained: Trained,
        *,
        last_layers: int = 2,
        lora_rank: int = 16,
        precision: Precision = "auto",
        checkpointing: bool = False,
        device: str = "cpu",
    ) -> None:
        super().__init__()
        if trained == "last_layers" and not 1 <= last_layers <= backbone.layers:
            raise ValueError(f"{backbone.label} has {backbone.layers} layers: {last_layers} of them cannot be trained")
        self.backbone = backbone
        self.trained = trained
        self.device = torch.device(device)
        self.number = chosen(precision, device)
        self.model = backbone.model
        self.frozen_layers = {"none": backbone.layers, "last_layers": backbone.layers - last_layers}.get(trained, 0)
        self._choose(last_layers, lora_rank)
        of_transformers: Any = self.model
        if checkpointing:
            of_transformers.activation_checkpointing_enable({"use_reentrant": False})
        if self.number == torch.bfloat16:
            halve_frozen_weights(self.model, of_transformers.get_output_embeddings())
            self.after_loading()
        self.to(self.device).eval()
        # Tuples, since a module would register what they hold a second time.
        self._lower: tuple[Any, Any] | None = None
        self._upper: tuple[Any, Any] | None = None
        if 0 < self.frozen_layers < backbone.layers:
            self._lower = lower_view(backbone.body, backbone.layers, self.frozen_layers)
            self._upper = upper_view(backbone.body, backbone.layers, self.frozen_layers)

    def after_loading(self) -> None:
        """Have the layers attend as they are meant to: transformers knows of it in this process alone."""
        if self.number == torch.bfloat16 and self.device.type == "cpu" and self.backbone.kind == "causal":
            attend_in_blocks(self.model)

    @property
    def trained_parameters(self) -> int:
        """Number of parameters that are trained."""
        return sum(parameter.numel() for parameter in self.trainable())

    def trainable(self) -> list[nn.Parameter]:
        """Return the parameters that are trained."""
        return [parameter for parameter in self.model.parameters() if parameter.requires_grad]

    def read(self, ids: Sequence[Sequence[int]]) -> ReadTexts:
        """Run the frozen layers over m pieces of text, once; what is trained goes on from their output.

        Where all layers are frozen the output is that of the last one, normalised. It is kept in memory: m x L x width
        numbers, of two bytes in bfloat16, of four in float32.
        """
        pieces = [list(piece) for piece in ids]
        if not self.frozen_layers:
            return ReadTexts(pieces, None)
        states: list[Tensor] = [torch.empty(0)] * len(pieces)
        with torch.inference_mode(), self.autocast():
            for rows in length_sorted([len(piece) for piece in pieces], READ_TOGETHER):
                batch, mask = self._batch([pieces[row] for row in rows])
                hidden = self._frozen_output(batch, mask)
                for row, of_piece, real in zip(rows, hidden, mask, strict=True):
                    states[row] = of_piece[real].to(self.number)
        return ReadTexts(pieces, [state.clone() for state in states])

    def forward(self, texts: ReadTexts, rows: Sequence[int] | IntArray) -> tuple[Tensor, Tensor]:
        """Return the states of the last layer, float32 of shape (n, L, width), and which tokens are real, (n, L).

        An encoder's padding is behind a text, a causal model's before it.
        """
        batch, mask = self._batch([texts.ids[row] for row in rows])
        with self.autocast():
            if texts.states is None:
                hidden = self._run(self.backbone.body, batch, mask)
            else:
                hidden = self._padded_states([texts.states[row] for row in rows])
                if self._upper is not None:
                    view, given = self._upper
                    given.states = hidden
                    hidden = self._run(view, batch, mask)
        return hidden.float(), mask

    @contextmanager
    def autocast(self) -> Iterator[None]:
        """Compute with the chosen numbers."""
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.number == torch.bfloat16):
            yield

    def _choose(self, last_layers: int, lora_rank: int) -> None:
        body = self.backbone.body
        self.model.requires_grad_(self.trained == "full")
        if self.trained == "lora":
            add_low_rank(self.model, lora_rank)
        if self.trained == "last_layers":
            for layer in layers_of(body, self.backbone.layers)[1][-last_layers:]:
                layer.requires_grad_(True)
            for parameter in final_norm_of(body):
                parameter.requires_grad_(True)

    def _frozen_output(self, batch: Tensor, mask: Tensor) -> Tensor:
        if self._lower is None:
            return self._run(self.backbone.body, batch, mask)
        view, tap = self._lower
        self._run(view, batch, mask)
        states: Tensor = tap.states
        return states

    def _run(self, body: Any, batch: Tensor, mask: Tensor) -> Tensor:
        positions = {}
        if self.backbone.kind == "causal":
            # Counted in each text's own tokens: padding before it moves nothing.
            positions = {"position_ids": (mask.cumsum(1) - 1).clamp(min=0), "use_cache": False}
        hidden: Tensor = body(input_ids=batch, attention_mask=mask.long(), **positions).last_hidden_state
        return hidden

    def _batch(self, pieces: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        left = self.backbone.kind == "causal"
        batch, mask = padded(pieces, self.backbone.tokenizer.pad_token_id, left=left)
        return batch.to(self.device), mask.to(self.device)

    def _padded_states(self, states: Sequence[Tensor]) -> Tensor:
        side = "left" if self.backbone.kind == "causal" else "right"
        return pad_sequence(list(states), batch_first=True, padding_side=side).float()


def diagnostics(module: PartlyTrained, *, tokens_seen: int, unparseable_share: float | None = None) -> dict[str, float]:
    """Return what a row says of its language model, for ``Prediction.diagnostics``.

    Parameters
    ----------
    module : PartlyTrained
        The model.
    tokens_seen : int
        Tokens of all texts that were read in training, each time counted.
    unparseable_share : float, optional
        Share of answers that are no number of the format, of a model that writes.
    """
    said = {
        "parameters_in_millions": module.backbone.parameters_in_millions,
        "trained_parameters_in_millions": module.trained_parameters / 1e6,
        "tokens_seen_in_millions": tokens_seen / 1e6,
    }
    return said if unparseable_share is None else {**said, "unparseable_share": unparseable_share}
