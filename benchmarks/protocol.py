"""The evaluation protocol of a dataset: everything a score depends on besides predictions and outcomes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.canonical import sha256_of_json
from benchmarks.cards import DatasetCard
from benchmarks.types import FloatArray, Outcome, Split

# Stands for the conventions the metrics implement (tie rules, censoring weights, interpolation); raised whenever one
# of them changes, so that scores made under different ones are never put in one table.
CONVENTIONS = "2026-11"

MINIMUM_CENSORING_SURVIVAL = 0.1


@dataclass(frozen=True, slots=True)
class EvaluationProtocol:
    """Horizon, grid and conventions of one dataset.

    Parameters
    ----------
    dataset : str
        Name of the dataset.
    horizon : float
        tau, in the cohort's unit: the end of the grid, of IBS and of the comparable pairs, and the time of the
        calibration metrics (convention 5).
    grid_points : int
        Number of equally spaced grid times from 0 to tau, at least 100.
    minimum_events : int
        A test part with fewer events before tau gets no score.
    conventions : str
        Version of the metric conventions.
    """

    dataset: str
    horizon: float
    grid_points: int
    minimum_events: int
    conventions: str = CONVENTIONS

    def __post_init__(self) -> None:
        if not self.horizon > 0:
            raise ValueError(f"the horizon of {self.dataset} is {self.horizon}, it must be > 0")
        if self.grid_points < 100:
            raise ValueError(f"the grid of {self.dataset} has {self.grid_points} points, at least 100 are needed")

    @classmethod
    def of(cls, card: DatasetCard) -> "EvaluationProtocol":
        """Return the protocol that a dataset's card fixes."""
        return cls(card.name, card.protocol.horizon, card.protocol.grid_points, card.protocol.minimum_events)

    @property
    def times(self) -> FloatArray:
        """The grid, shape (grid_points,): 0 and tau included."""
        return np.linspace(0.0, self.horizon, self.grid_points)

    @property
    def id(self) -> str:
        """The first 12 hexadecimal digits of the sha256 of all fields."""
        return sha256_of_json(asdict(self))[:12]


def horizon_by_rule(outcome: Outcome, splits: Sequence[Split]) -> float:
    """Return the horizon of convention 5: the rule by which the cards' horizons were fixed.

    The largest observed time t at which, in every split, the censoring survival of the train part G(t-) is at
    least 0.1 and follow-up of the train and the test part goes beyond t.
    """
    # Imported here: the rule is applied when a card is written, never in a run.
    from metrics import censoring_distribution

    limit = np.inf
    reach = np.inf
    for split in splits:
        train, test = outcome.take(split.train), outcome.take(split.test)
        curve = censoring_distribution(train.time, train.event)
        below = np.flatnonzero(curve.survival < MINIMUM_CENSORING_SURVIVAL)
        # G(t-) >= 0.1 holds up to and including the time at which G falls below it.
        limit = min(limit, curve.times[below[0]] if below.size else np.inf)
        reach = min(reach, train.time.max(), test.time.max())
    allowed = outcome.time[(outcome.time <= limit) & (outcome.time < reach)]
    return float(allowed.max())
