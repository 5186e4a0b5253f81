"""The authors' training, as their code has it: encoder, pairs of patients, loss.

Read in their code (hassancpu/ChimeraChallenge2025_Task_3, MIT). It is there to be measured, not recommended: of two
patients a partial likelihood learns which one was first, and of many pairs not even that.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.types import BoolArray, IntArray, Outcome
from methods.abmil_bilinear.config import Config
from methods.shared.heads.cox_head import CoxHead
from methods.shared.training.bag_network import BagNetwork, Widths
from methods.shared.training.batches import Batches

# Outputs of the pair of bag and expression; all others have ``pair_width``.
WIDE_PAIR = 64
# Nodes of the second of the three layers that read expression.
SECOND_HIDDEN = 512
# Added before logarithm and division.
SMALL = 1e-8


def pair_widths(widths: Widths, config: Config) -> list[int]:
    """Return the outputs of each pair: 64 of the bag and an encoded modality, ``pair_width`` (32) of any other two."""
    bag = widths.bag is not None
    encoded = [*([False] if bag else []), *(not table for table in widths.tables)]
    pairs = combinations(range(len(encoded)), 2)
    return [WIDE_PAIR if bag and i == 0 and encoded[j] else config.pair_width for i, j in pairs]


def authors_encoder(width: int, config: Config) -> nn.Module:
    """Return their three layers for expression."""
    return nn.Sequential(
        nn.Linear(width, config.encoder_hidden),
        nn.ReLU(),
        nn.Dropout(config.dropout),
        nn.Linear(config.encoder_hidden, SECOND_HIDDEN),
        nn.ReLU(),
        nn.Dropout(config.dropout),
        nn.Linear(SECOND_HIDDEN, config.encoder_width),
        nn.ReLU(),
    )


@dataclass(frozen=True, slots=True, eq=False)
class BalancedDraws:
    """n draws with replacement an epoch; half of them, on average, are patients with the event.

    Parameters
    ----------
    event : array of bool, shape (n,)
        Who has the event.
    size : int
        Draws in a batch; the last one may have fewer.
    """

    event: BoolArray
    size: int

    def __call__(self, generator: np.random.Generator) -> list[IntArray]:
        """Return the batches of one epoch."""
        n, events = len(self.event), int(self.event.sum())
        weights = np.where(self.event, 1 / max(events, 1), 1 / max(n - events, 1))
        drawn = generator.choice(n, n, p=weights / weights.sum())
        return np.split(drawn, range(self.size, n, self.size))


class AuthorsNetwork(BagNetwork):
    """Networks on batches of ``BalancedDraws``."""

    def batches(self, outcome: Outcome) -> Batches:
        """Return what draws pairs of patients."""
        return BalancedDraws(outcome.event, self.config.batch_size)


class CumulativeCoxHead(CoxHead):
    """Their loss: risks less the largest, a running sum from the latest time on, ties in any order.

    A batch without an event has the loss 0, and a step of decay alone. ``batches`` counts the batches, and
    ``with_gradient`` those that say anything of the risks: with an event of somebody who is not last.
    """

    def __init__(self) -> None:
        super().__init__("breslow")
        self.batches = 0
        self.with_gradient = 0

    def loss(self, outputs: Tensor, *labels: Tensor) -> Tensor:
        """Return the loss of a batch."""
        time, event = labels
        order = torch.argsort(time, descending=True, stable=True)
        self.batches += 1
        self.with_gradient += bool(event[order][1:].any())
        return cumulative_loss(outputs[order, 0], event[order])


def cumulative_loss(risk: Tensor, event: Tensor) -> Tensor:
    """Return the mean over events of log(sum of exp(r) up to them) - r, of risks from the latest time to the first."""
    risk = risk - risk.max()
    log_sum = (risk.exp().cumsum(dim=0) + SMALL).log()
    return ((log_sum - risk) * event).sum() / (event.sum() + SMALL)
