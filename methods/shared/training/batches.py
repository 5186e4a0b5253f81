"""Index samplers: which rows make the batches of an epoch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from benchmarks.types import IntArray

# Called once an epoch with the training's generator; what an epoch is, is the sampler's choice.
Batches: TypeAlias = Callable[[np.random.Generator], Iterable[IntArray]]


@dataclass(frozen=True, slots=True)
class ShuffledBatches:
    """Every row once an epoch, in a random order.

    Parameters
    ----------
    rows : int
        Number of rows.
    size : int
        Rows in a batch; the last batch may have fewer.
    smallest : int
        A last batch with fewer rows is joined to the one before it: batch normalisation needs two.
    """

    rows: int
    size: int
    smallest: int = 2

    def __call__(self, generator: np.random.Generator) -> list[IntArray]:
        """Return the batches of one epoch."""
        order = generator.permutation(self.rows)
        starts = list(range(self.size, self.rows, self.size))
        if starts and self.rows - starts[-1] < self.smallest:
            starts.pop()
        return np.split(order, starts)
