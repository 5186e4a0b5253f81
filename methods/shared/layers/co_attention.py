"""Attention between the tokens of a patient and the instances of the patient's bag, on packed bags."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from methods.shared.layers.packed_bags import PackedBags, softmax_within


def scores_of_instances(tokens: Tensor, bags: PackedBags) -> Tensor:
    """Return the inner product of each instance with each token of its patient, over the square root of d.

    Parameters
    ----------
    tokens : Tensor, shape (n, T, d)
        Of n patients.
    bags : PackedBags
        R instances of width d of the same patients.

    Returns
    -------
    Tensor, shape (R, T)
    """
    pairs = zip(_by_patient(bags.instances, bags), tokens, strict=True)
    scores = torch.cat([instances @ of_patient.T for instances, of_patient in pairs])
    return scores / math.sqrt(tokens.shape[2])


def sum_of_instances(weights: Tensor, bags: PackedBags) -> Tensor:
    """Return the weighted sums of each patient's instances, shape (n, T, d), by weights of shape (R, T).

    0 for a patient without a bag.
    """
    pairs = zip(_by_patient(weights, bags), _by_patient(bags.instances, bags), strict=True)
    return torch.stack([of_patient.T @ instances for of_patient, instances in pairs])


def sum_of_tokens(weights: Tensor, tokens: Tensor, bags: PackedBags) -> Tensor:
    """Return for each instance the weighted sum of its patient's tokens, shape (R, d), by weights of shape (R, T)."""
    pairs = zip(_by_patient(weights, bags), tokens, strict=True)
    return torch.cat([of_patient @ own for of_patient, own in pairs])


def _by_patient(values: Tensor, bags: PackedBags) -> Sequence[Tensor]:
    """Return the rows of each patient."""
    sizes: list[int] = torch.bincount(bags.owner, minlength=bags.patients).tolist()
    return torch.split(values, sizes)


class CoAttention(nn.Module):
    """Each token becomes a weighted mean of the instances, which it chooses (Chen et al. 2021).

    softmax(Q K' / sqrt(d)) V, Q of the tokens, K and V of the instances, one head; then a linear layer.

    Parameters
    ----------
    width : int
        d, of tokens and instances.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.output = nn.Linear(width, width)

    def forward(self, tokens: Tensor, bags: PackedBags) -> tuple[Tensor, Tensor]:
        """Return the tokens' means of the instances, and the weight of each instance for each token.

        Parameters
        ----------
        tokens : Tensor, shape (n, T, d)
            Of n patients.
        bags : PackedBags
            R instances of width d.

        Returns
        -------
        means : Tensor, shape (n, T, d)
            Of no meaning for a patient without a bag.
        weights : Tensor, shape (R, T)
            They sum to 1 over the instances of each patient.
        """
        owner, patients = bags.owner, bags.patients
        keys = PackedBags(self.key(bags.instances), owner, patients)
        weights = softmax_within(scores_of_instances(self.query(tokens), keys), owner, patients)
        values = PackedBags(self.value(bags.instances), owner, patients)
        means: Tensor = self.output(sum_of_instances(weights, values))
        return means, weights
