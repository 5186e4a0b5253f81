"""What the outputs of a discrete-time network mean: survival at the cuts from outputs, and outputs from survival.

A network has one output for each cut c_0 = 0 < c_1 < ... < c_K. Nobody has an event at c_0, but a network leaves a
little mass there: its first output is not used for prediction, which gives survival conditional on T > 0, and
S(0) = 1.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import logsigmoid

from benchmarks.types import FloatArray


@dataclass(frozen=True, slots=True)
class Parametrisation:
    """A pair of inverse functions.

    Parameters
    ----------
    survival : callable
        From outputs, shape (n, K + 1), to survival at the cuts, same shape, 1 in the first column.
    outputs : callable
        From survival at the cuts, shape (K + 1,), decreasing within (0, 1), to the outputs that mean it.
    """

    survival: Callable[[FloatArray], FloatArray]
    outputs: Callable[[FloatArray], FloatArray]


def survival_of_hazards(logits: FloatArray) -> FloatArray:
    """Return S(c_k) = prod over 1 <= j <= k of (1 - sigmoid(logit_j)), shape (n, K + 1)."""
    survival: FloatArray = logsigmoid(-torch.from_numpy(logits[:, 1:])).cumsum(1).exp().numpy()
    return _with_one_at_zero(survival)


def hazards_of_survival(survival: FloatArray) -> FloatArray:
    """Return logit(1 - S(c_k) / S(c_{k-1})), shape (K + 1,); S before c_0 is 1."""
    before = np.concatenate([[1.0], survival[:-1]])
    logits: FloatArray = np.log((before - survival) / survival)
    return logits


def survival_of_density(logits: FloatArray) -> FloatArray:
    """Return S(c_k), the mass after c_k of a softmax over c_1 ... c_K and "later"; the logit of "later" is 0."""
    later = torch.zeros((len(logits), 1), dtype=torch.float64)
    density = torch.cat([torch.from_numpy(logits[:, 1:]), later], dim=1).softmax(1)
    # Summed from the end: 1 - cumsum would lose the small probabilities of the tail.
    survival: FloatArray = density.flip(1).cumsum(1).flip(1)[:, 1:].numpy()
    return _with_one_at_zero(survival)


def density_of_survival(survival: FloatArray) -> FloatArray:
    """Return log((S(c_{k-1}) - S(c_k)) / S(c_K)), shape (K + 1,); S before c_0 is 1."""
    before = np.concatenate([[1.0], survival[:-1]])
    logits: FloatArray = np.log((before - survival) / survival[-1])
    return logits


def _with_one_at_zero(survival: FloatArray) -> FloatArray:
    return np.concatenate([np.ones((len(survival), 1)), survival], axis=1)


HAZARDS = Parametrisation(survival_of_hazards, hazards_of_survival)
DENSITY = Parametrisation(survival_of_density, density_of_survival)
