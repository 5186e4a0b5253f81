"""Batches of texts of about the same length: little of them is padding."""

from dataclasses import dataclass

import numpy as np

from benchmarks.types import IntArray

# Batches' worth of shuffled rows that are sorted by length together: more would make the same batches every epoch.
POOL = 16


@dataclass(frozen=True, slots=True, eq=False)
class SimilarLengthBatches:
    """Rounds of a number of batches, drawn from as many shuffles of the rows as that takes.

    Parameters
    ----------
    lengths : array of int, shape (n,)
        Tokens of each text.
    size : int
        Texts in a batch.
    batches : int
        Batches of a round, after which the validation part is looked at.
    """

    lengths: IntArray
    size: int
    batches: int

    def __call__(self, generator: np.random.Generator) -> list[IntArray]:
        """Return the batches of one round."""
        needed = self.size * self.batches
        shuffles = [generator.permutation(len(self.lengths)) for _ in range(-(-needed // len(self.lengths)))]
        rows = np.concatenate(shuffles)[:needed]
        batches: list[IntArray] = []
        for start in range(0, needed, POOL * self.size):
            pool = rows[start : start + POOL * self.size]
            pool = pool[np.argsort(self.lengths[pool], kind="stable")]
            batches += np.split(pool, range(self.size, len(pool), self.size))
        return [batches[place] for place in generator.permutation(len(batches))]
