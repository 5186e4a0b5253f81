"""Index samplers: which rows make the batches of an epoch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from benchmarks.types import BoolArray, IntArray

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


@dataclass(frozen=True, slots=True, eq=False)
class EventBalancedBatches:
    """Every row once an epoch, in a random order in which each batch has its share of the events.

    A batch as a risk set says nothing without an event; by chance small batches often have none.

    Parameters
    ----------
    event : array of bool, shape (n,)
        Who has the event.
    size : int
        Rows in a batch; the last batch may have fewer, or up to half as many more.
    """

    event: BoolArray
    size: int

    def __call__(self, generator: np.random.Generator) -> list[IntArray]:
        """Return the batches of one epoch."""
        count = max(1, round(len(self.event) / self.size))
        batches: list[list[IntArray]] = [[] for _ in range(count)]
        for rows in (np.flatnonzero(self.event), np.flatnonzero(~self.event)):
            shuffled = generator.permutation(rows)
            # The first batches get what is left over of the events, the last ones what is left over of the others.
            parts = np.array_split(shuffled, count)
            for batch, part in zip(batches, parts if self.event[rows[:1]].any() else reversed(parts), strict=True):
                batch.append(part)
        return [generator.permutation(np.concatenate(batch)) for batch in batches]
