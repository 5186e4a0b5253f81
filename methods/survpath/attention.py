"""Attention among pathways and between pathways and instances, but not among instances."""

import math

import torch
from torch import Tensor, nn

from methods.shared.layers.co_attention import scores_of_instances, sum_of_instances, sum_of_tokens
from methods.shared.layers.cross_attention import masked_softmax
from methods.shared.layers.packed_bags import PackedBags, sum_within


class PathwayAttention(nn.Module):
    """One head of attention over all tokens of a patient, without the block of instances that attend to instances.

    With Q, K and V linear in all tokens, a pathway's row is one softmax over the patient's pathways and instances
    together; an instance's row is a softmax over the pathways (Jaume et al. 2024). For T pathways and m
    instances T (T + 2 m) scores instead of (T + m)^2.

    Parameters
    ----------
    width : int
        d, of pathways and instances.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width, bias=False)
        self.key = nn.Linear(width, width, bias=False)
        self.value = nn.Linear(width, width, bias=False)

    def forward(self, pathways: Tensor, present: Tensor, bags: PackedBags) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return what pathways and instances gather, and where pathways and instances look.

        Parameters
        ----------
        pathways : Tensor, shape (n, T, d)
            Of n patients.
        present : Tensor of bool, shape (n, T)
            Which pathways there are; nobody attends to the others, and what they gather is of no meaning.
        bags : PackedBags
            R instances of width d.

        Returns
        -------
        of_pathways : Tensor, shape (n, T, d)
        of_instances : Tensor, shape (R, d)
            0 for an instance whose patient has no pathway.
        to_instances : Tensor, shape (R, T)
            Weight of each instance for each pathway: what is missing to 1 over a patient's instances goes to pathways.
        to_pathways : Tensor, shape (R, T)
            Weight of each pathway for each instance: they sum to 1 over the pathways.
        """
        owner, patients = bags.owner, bags.patients
        queries, keys, values = self.query(pathways), self.key(pathways), self.value(pathways)
        asking, asked, given = (
            PackedBags(layer(bags.instances), owner, patients) for layer in (self.query, self.key, self.value)
        )
        among = queries @ keys.transpose(1, 2) / math.sqrt(keys.shape[2])
        hidden = among.masked_fill(~present[:, None, :], -torch.inf)
        raised, raised_of_instances, total = _joint_softmax(hidden, scores_of_instances(queries, asked), bags)
        to_instances = raised_of_instances / total[owner]
        gathered = (raised / total[:, :, None]) @ values + sum_of_instances(to_instances, given)
        to_pathways = masked_softmax(scores_of_instances(keys, asking), present[owner])
        return gathered, sum_of_tokens(to_pathways, values, bags), to_instances, to_pathways


def _joint_softmax(among: Tensor, of_instances: Tensor, bags: PackedBags) -> tuple[Tensor, Tensor, Tensor]:
    """Return the exponentials of the scores among pathways (n, T, T) and to instances (R, T), and their sums (n, T)."""
    index = bags.owner[:, None].expand_as(of_instances)
    # The largest score of a row only keeps the exponentials in range; the softmax does not depend on it.
    largest = among.detach().amax(dim=2).scatter_reduce(0, index, of_instances.detach(), "amax")
    # A patient without pathway and instance has no score at all.
    largest = largest.masked_fill(largest == -torch.inf, 0.0)
    raised = (among - largest[:, :, None]).exp()
    raised_of_instances = (of_instances - largest[bags.owner]).exp()
    total = raised.sum(dim=2) + sum_within(raised_of_instances, bags.owner, bags.patients)
    return raised, raised_of_instances, total.masked_fill(total == 0, 1.0)
