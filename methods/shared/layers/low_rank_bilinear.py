"""Products of two modalities of low rank."""

from typing import cast

from torch import Tensor, nn


class LowRankBilinear(nn.Module):
    """F(x, y) = O((P x) * (Q y)), P, Q and O affine (Kim et al. 2017, low-rank bilinear pooling).

    The constants of P and Q give F first-order terms of x and y beside their products.

    Parameters
    ----------
    left, right : int
        Widths of x and y.
    rank : int
        Rows of P and Q: the number of products.
    outputs : int
        Rows of O.
    bias : bool
        Whether P, Q and O have a constant; without, F is bilinear.
    """

    def __init__(self, left: int, right: int, rank: int, outputs: int, *, bias: bool = True) -> None:
        super().__init__()
        self.left = nn.Linear(left, rank, bias=bias)
        self.right = nn.Linear(right, rank, bias=bias)
        self.output = nn.Linear(rank, outputs, bias=bias)

    def products(self, x: Tensor, y: Tensor) -> Tensor:
        """Return (P x) * (Q y) of n patients, shape (n, rank)."""
        return cast(Tensor, self.left(x) * self.right(y))

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """Return F of n patients, shape (n, outputs)."""
        return cast(Tensor, self.output(self.products(x, y)))
