"""One vector of the states of a text's tokens."""

from torch import Tensor


def masked_mean(hidden: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over real tokens, shape (n, d), of states (n, L, d) and a mask (n, L)."""
    real = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * real).sum(1) / real.sum(1).clamp(min=1)


def first_token(hidden: Tensor) -> Tensor:
    """Return the state of the first token, shape (n, d): of a BERT the one it was pretrained to sum up a text with."""
    return hidden[:, 0]
