"""The evaluation protocol of a dataset: everything a score depends on besides predictions and outcomes."""

import hashlib
from dataclasses import dataclass

import numpy as np

from benchmarks.errors import UsageError
from benchmarks.protocol.horizon import NoHorizonError, horizon_by_rule
from benchmarks.protocol.splits import NO_EVENT
from benchmarks.types import Cohort, FloatArray, Outcome
from benchmarks.types.canonical import sha256_of_json

# Stands for the conventions the metrics implement (tie rules, censoring weights, interpolation); raised whenever one
# of them changes, so that scores made under different ones are never put in one table.
CONVENTIONS = "2026-11-26"

# A test part with fewer events up to the horizon gets no score.
MINIMUM_EVENTS = 5

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
        """Return the protocol of a dataset: the horizon its card or the user fixes, the grid its outcome gives by rule.

        Without a horizon (None) it follows from the outcomes too, by ``horizon_by_rule``: a function of the data, so
        that every run on the same patients has the same protocol.

        Raises
        ------
        NoHorizonError
            If nobody has the event, or the rule gives no horizon.
        UsageError
            If a given horizon is not positive, no event is before it, or follow-up ends before it.
        """
        if horizon is None:
            try:
                horizon = horizon_by_rule(cohort)
            except NoHorizonError as error:
                raise NoHorizonError(f"{dataset}: {error}") from None
        else:
            _check_horizon(dataset, cohort, horizon)
        return cls(dataset, grid_by_rule(cohort.outcome, horizon))

    def unscored(self, outcome: Outcome, folds: int) -> str:
        """Say that some test parts have too few events to be scored, and what helps; nothing if all have enough.

        Parameters
        ----------
        outcome : Outcome
            Of all n patients.
        folds : int
            k, of the stratified k-fold split: of E events, the smallest test part has the whole part of E / k.
        """
        n_events = int((outcome.event & (outcome.time <= self.horizon)).sum())
        if n_events // folds >= MINIMUM_EVENTS:
            return ""
        told = (
            f"{self.dataset}: {n_events} events up to the horizon: {folds} folds leave {n_events // folds} in a test "
            f"part, which is scored from {MINIMUM_EVENTS} on;"
        )
        if (most := n_events // MINIMUM_EVENTS) >= 2:
            return f"{told} --folds {most} leaves enough"
        needed = 2 * MINIMUM_EVENTS
        if outcome.n_events >= needed:
            return f"{told} {outcome.n_events} have it later: --set {self.dataset}.horizon=TIME sets a later horizon"
        return f"{told} no split does with fewer than {needed}, and there are {outcome.n_events} in all"

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


def _check_horizon(dataset: str, cohort: Cohort, horizon: float) -> None:
    outcome, unit = cohort.outcome, cohort.time_unit
    if outcome.n_events == 0:
        raise NoHorizonError(f"{dataset}: {NO_EVENT}")
    first, last = outcome.time[outcome.event].min(), outcome.time.max()
    if horizon >= last:
        raise UsageError(f"{dataset}: horizon {horizon:g} {unit}: follow-up ends at {last:g}; take an earlier one")
    if horizon < first:
        raise UsageError(f"{dataset}: horizon {horizon:g} {unit}: the first event is at {first:g}; take a later one")
