"""Attention from one set of tokens to another, of which some may be missing."""

import torch
from torch import Tensor, nn


def masked_softmax(scores: Tensor, present: Tensor) -> Tensor:
    """Return the softmax over the last axis of those that are present; all zero where none is.

    Parameters
    ----------
    scores, present : Tensors of one shape (or that of one broadcast to it), present of bool.
    """
    hidden = scores.masked_fill(~present, -torch.inf)
    anyone = present.any(dim=-1, keepdim=True)
    # A row without any has a constant instead, so that neither its value nor its gradient is NaN.
    weights = hidden.masked_fill(~anyone, 0.0).softmax(dim=-1)
    return weights * present


class CrossAttention(nn.Module):
    """Multi-head attention, its residual and a feed-forward layer (Vaswani et al. 2017, layer normalisation after).

    With x the query and A the attention of x to the keys:
    u = LN(x + A), out = LN(u + F(u)), F two layers with ReLU between. A query without a key is handed on as it is.

    Parameters
    ----------
    width : int
        d, of all tokens.
    heads : int
        Number of heads; must divide the width.
    dropout : float
        Of the attention weights, in training.
    feed_forward : int
        Hidden nodes of F as a multiple of the width.
    residual : bool
        Without it the output is A alone, as in the variant ``mean`` of ModalSurv.

    Raises
    ------
    ValueError
        If the number of heads does not divide the width.
    """

    def __init__(
        self, width: int, heads: int, dropout: float = 0.0, feed_forward: int = 4, *, residual: bool = True
    ) -> None:
        super().__init__()
        if width % heads:
            raise ValueError(f"{heads} heads do not divide a width of {width}")
        self.heads = heads
        self.residual = residual
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)
        self.dropout = nn.Dropout(dropout)
        if residual:
            self.after_attention = nn.LayerNorm(width)
            self.after_feed_forward = nn.LayerNorm(width)
            hidden = feed_forward * width
            self.feed_forward = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width))

    def forward(self, queries: Tensor, keys: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """Return the tokens and the attention weights.

        Parameters
        ----------
        queries : Tensor, shape (n, q, d)
            q tokens per patient.
        keys : Tensor, shape (n, k, d)
            k tokens per patient that are attended to; finite also where they are not present.
        present : Tensor of bool, shape (n, k)
            Which of them there are.

        Returns
        -------
        tokens : Tensor, shape (n, q, d)
        weights : Tensor, shape (n, q, k)
            Mean over the heads; they sum to 1 over the keys that are present, and are 0 for the others.
        """
        q, k, v = self._split(self.query(queries)), self._split(self.key(keys)), self._split(self.value(keys))
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        weights = masked_softmax(scores, present[:, None, None, :].expand_as(scores))
        mixed = (self.dropout(weights) @ v).transpose(1, 2).flatten(2)
        attended = self.output(mixed)
        if self.residual:
            u = self.after_attention(queries + attended)
            attended = self.after_feed_forward(u + self.feed_forward(u))
        anyone = present.any(dim=1)[:, None, None]
        return torch.where(anyone, attended, queries), weights.mean(dim=1)

    def _split(self, tokens: Tensor) -> Tensor:
        """Return tokens (n, t, d) by head, (n, h, t, d / h)."""
        n, count, width = tokens.shape
        return tokens.reshape(n, count, self.heads, width // self.heads).transpose(1, 2)
