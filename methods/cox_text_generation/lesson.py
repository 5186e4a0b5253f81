"""What a student is taught in one training: a loss of rows, and the batches of rows."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from benchmarks.types import IntArray
from methods.shared.training.batches import Batches


@dataclass(frozen=True, slots=True)
class Lesson:
    """A mean loss of rows of what is taught, and the sampler of batches."""

    loss: Callable[[IntArray], Tensor]
    batches: Batches


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds of a fixed number of batches, each round drawn from as many shuffles of the rows as it needs.

    The validation part is scored after each round, so that rounds are of one length however many rows there are.
    """

    rows: int
    size: int
    batches: int

    def __call__(self, generator: np.random.Generator) -> list[IntArray]:
        """Return the batches of one round."""
        needed = self.size * self.batches
        shuffles = [generator.permutation(self.rows) for _ in range(-(-needed // self.rows))]
        return np.split(np.concatenate(shuffles)[:needed], self.batches)
