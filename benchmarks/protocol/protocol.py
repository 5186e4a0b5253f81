"""The evaluation protocol of a dataset: everything a score depends on besides predictions and outcomes."""

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.protocol.splits import make_splits, published_splits
from benchmarks.types import Cohort, FloatArray, Outcome, Split
from benchmarks.types.canonical import sha256_of_json

# Stands for the conventions the metrics implement (tie rules, censoring weights, interpolation); raised whenever one
# of them changes, so that scores made under different ones are never put in one table.
CONVENTIONS = "2026-11"

MINIMUM_CENSORING_SURVIVAL = 0.1
# A test part with fewer events up to the horizon gets no score.
MINIMUM_EVENTS = 5

# The splits over which a horizon is fixed by rule.
STANDARD_SPLITS = {"folds": 5, "repeats": 10}

# The grid: so many equally spaced times, and at most so many event times.
EVEN_POINTS = 101
MAXIMUM_EVENT_TIMES = 256


@dataclass(frozen=True, slots=True, eq=False)
class EvaluationProtocol:
    """Horizon, grid and conventions of one dataset.

    Parameters
    ----------
    dataset : str
        Name of the dataset.
    times : array, shape (T,)
        The grid, from 0 to the horizon tau, in the cohort's unit. tau is the end of the grid, of IBS and of the
        comparable pairs, and the time of the calibration metrics (convention 5).
    """

    dataset: str
    times: FloatArray

    def __post_init__(self) -> None:
        times = np.array(self.times, dtype=np.float64)
        if times.ndim != 1 or len(times) < 100:
            raise ValueError(f"the grid of {self.dataset} needs at least 100 points, it has {times.size}")
        if times[0] != 0 or not np.isfinite(times).all() or (np.diff(times) <= 0).any():
            raise ValueError(f"the grid of {self.dataset} must start at 0 and increase strictly")
        times.flags.writeable = False
        object.__setattr__(self, "times", times)

    @classmethod
    def of(cls, dataset: str, cohort: Cohort, horizon: float | None) -> "EvaluationProtocol":
        """Return the protocol of a dataset: the horizon its card fixes, the grid its outcome gives by rule.

        Without a horizon (None) it follows from the outcomes too, by the rule over ``STANDARD_SPLITS`` and the
        published ones: a function of patients and outcome, so that every run on them has the same protocol.

        Raises
        ------
        UsageError
            If there are too few events to fix a horizon.
        """
        if horizon is None:
            horizon = horizon_by_rule(cohort.outcome, _splits_of_the_rule(dataset, cohort))
        return cls(dataset, grid_by_rule(cohort.outcome, horizon))

    @property
    def horizon(self) -> float:
        """The last time of the grid, tau."""
        return float(self.times[-1])

    @property
    def grid_sha256(self) -> str:
        """Checksum of the grid."""
        return hashlib.sha256(self.times.astype("<f8").tobytes()).hexdigest()

    @property
    def id(self) -> str:
        """Stands for all of the protocol in results."""
        return protocol_id(self.dataset, self.grid_sha256)


def _splits_of_the_rule(dataset: str, cohort: Cohort) -> list[Split]:
    try:
        splits = make_splits(cohort, seed=0, **STANDARD_SPLITS)
    except UsageError as error:
        raise UsageError(f"{dataset}: no horizon can be fixed: {error}") from None
    if cohort.published_fold is not None:
        # Published folds too small to be run on say so when they are asked for; others are not held up by them.
        with contextlib.suppress(UsageError):
            splits += published_splits(cohort, seed=0)
    return splits


def protocol_id(dataset: str, grid_sha256: str) -> str:
    """Return the first 12 hexadecimal digits of the sha256 of dataset, grid, minimum of events and conventions."""
    return sha256_of_json([dataset, grid_sha256, MINIMUM_EVENTS, CONVENTIONS])[:12]


def grid_by_rule(outcome: Outcome, horizon: float) -> FloatArray:
    """Return the grid times of a cohort, from 0 to the horizon.

    Equally spaced times for the integrals, and the observed event times: between two of them no curve is asked for,
    so a grid without them would count pairs of events within one step as ties (where many patients die early, that
    moves the time-dependent concordance by several hundredths). Of more than 256 distinct event times, 256 at even
    ranks are taken.
    """
    events = np.unique(outcome.time[outcome.event & (outcome.time <= horizon)])
    if len(events) > MAXIMUM_EVENT_TIMES:
        events = events[np.linspace(0, len(events) - 1, MAXIMUM_EVENT_TIMES).round().astype(np.int64)]
    return np.union1d(np.linspace(0.0, horizon, EVEN_POINTS), events)


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
