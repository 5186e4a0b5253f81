"""Bags of a batch as one long array: the instances of all patients one below the other, and whose each one is.

Bags differ in size by a factor of a hundred. Packed, a batch costs what its instances cost; padded to the longest bag
it would cost many times as much in memory and in time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.types import Bags, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class PackedBags:
    """Bags of n patients; a patient without a bag has no instance.

    Parameters
    ----------
    instances : Tensor, shape (R, d)
        Patient after patient.
    owner : Tensor of int64, shape (R,)
        Which of the n patients each instance is of, not decreasing.
    patients : int
        n.
    """

    instances: Tensor
    owner: Tensor
    patients: int

    def to(self, device: torch.device | str) -> "PackedBags":
        """Return the bags on a device."""
        return PackedBags(self.instances.to(device), self.owner.to(device), self.patients)


def pack_bags(
    bags: Bags, rows: Sequence[int] | IntArray, cap: int | None = None, generator: np.random.Generator | None = None
) -> PackedBags:
    """Read the bags of some patients into one float32 array; only these are in memory.

    Parameters
    ----------
    bags : Bags
        Of all patients. The bag of a patient who is not ``present`` is not read.
    rows : sequence of int, length n
        Which patients.
    cap : int, optional
        Most instances of a bag. Of a larger one so many are drawn, without replacement, in their order.
    generator : Generator, optional
        Source of the draws; needed with ``cap``.

    Raises
    ------
    ValueError
        If a cap is given without a generator.
    """
    if cap is not None and generator is None:
        raise ValueError("drawing instances of a bag needs a generator")
    parts, sizes = [], []
    for row in rows:
        bag = bags[int(row)] if bags.present[row] else np.empty((0, bags.width), dtype=np.float32)
        if cap is not None and generator is not None and len(bag) > cap:
            bag = bag[np.sort(generator.choice(len(bag), cap, replace=False))]
        parts.append(bag)
        sizes.append(len(bag))
    instances = np.concatenate(parts) if parts else np.empty((0, bags.width), dtype=np.float32)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    return PackedBags(torch.from_numpy(instances), torch.from_numpy(owner), len(sizes))


def softmax_within(scores: Tensor, owner: Tensor, patients: int) -> Tensor:
    """Return the softmax of scores over the instances of each patient.

    Parameters
    ----------
    scores : Tensor, shape (R, h)
        One column a head.
    owner : Tensor of int64, shape (R,)
        Patient of each instance.
    patients : int
        n.

    Returns
    -------
    Tensor, shape (R, h)
        For each patient with an instance, and each head, weights that sum to 1.
    """
    index = owner[:, None].expand_as(scores)
    lowest = scores.new_full((patients, scores.shape[1]), -torch.inf)
    # The largest score of a patient only keeps the exponentials in range; the softmax does not depend on it.
    largest = lowest.scatter_reduce(0, index, scores.detach(), "amax")
    raised = (scores - largest[owner]).exp()
    return raised / sum_within(raised, owner, patients)[owner]


def sum_within(values: Tensor, owner: Tensor, patients: int) -> Tensor:
    """Return the sum of values, shape (R, d), over the instances of each patient, shape (n, d); 0 without any."""
    return values.new_zeros((patients, values.shape[1])).index_add(0, owner, values)
