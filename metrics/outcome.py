"""The outcome of a test fold, prepared once for every metric and method that is scored on it."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from metrics.checks import BoolArray, FloatArray, IntArray, event_indicators, observed_times, positive_number
from metrics.compiled import compiled
from metrics.errors import UndefinedError
from metrics.product_limit import KaplanMeier, product_limit, starts_of_ties


class PreparedOutcome:
    """Observed times and events of the patients to score, with all that depends on nothing else.

    Sorting, the censoring distribution of the train fold and the weights are computed when first needed and
    then kept. Every metric accepts a prepared outcome in place of its leading outcome arrays and gives the
    same number.

    Parameters
    ----------
    train_time, train_event : array-like, shape (m,), or None
        Outcome of the train fold, on which the censoring distribution is fitted (convention 4). None where
        only metrics are wanted that do not weight by it.
    time, event : array-like, shape (n,)
        Outcome of the patients to score.
    tau : float, optional
        Horizon in the unit of `time` (convention 5).

    Raises
    ------
    ValueError
        If a time is not finite or not positive, an event is not 0/1, lengths differ, or tau is not positive.

    Examples
    --------
    >>> from metrics import PreparedOutcome, concordance_index
    >>> outcome = PreparedOutcome([3, 6], [1, 0], [2, 4, 5, 7], [1, 0, 1, 1], tau=5)
    >>> len(outcome), outcome.order.tolist()
    (4, [0, 1, 2, 3])
    >>> concordance_index(outcome, [3, 1, 0.5, 2]).value
    1.0
    """

    def __init__(
        self,
        train_time: ArrayLike | None,
        train_event: ArrayLike | None,
        time: ArrayLike,
        event: ArrayLike,
        tau: float | None = None,
    ) -> None:
        self.time: FloatArray = observed_times(time).copy()
        self.event: BoolArray = event_indicators(event, self.time.size).copy()
        self.tau = None if tau is None else positive_number(tau, "tau")
        self._train: tuple[FloatArray, BoolArray] | None = None
        if (train_time is None) != (train_event is None):
            raise ValueError("train_time and train_event belong together: give both or neither")
        if train_time is not None and train_event is not None:
            train = observed_times(train_time, "train_time").copy()
            self._train = train, event_indicators(train_event, train.size, "train_event").copy()

    def __len__(self) -> int:
        return int(self.time.size)

    @property
    def train_time(self) -> FloatArray:
        """Observed times of the train fold."""
        return self._train_outcome[0]

    @property
    def train_event(self) -> BoolArray:
        """Event indicators of the train fold."""
        return self._train_outcome[1]

    @property
    def _train_outcome(self) -> tuple[FloatArray, BoolArray]:
        if self._train is None:
            raise ValueError("this metric needs the train fold's outcome, and the outcome was prepared without it")
        return self._train

    @cached_property
    def trained_on_itself(self) -> bool:
        """Whether the censoring distribution is fitted on the very patients that are scored."""
        same_size = self.train_time.size == self.time.size
        return same_size and bool((self.train_time == self.time).all() and (self.train_event == self.event).all())

    @cached_property
    def order(self) -> IntArray:
        """Patients by time, events before censorings of the same time (convention 1)."""
        # Positive doubles sort like the integers of the same bits, which leaves the lowest place for the
        # event.
        keys = (self.time.view(np.uint64) << np.uint64(1)) | (~self.event).astype(np.uint64)
        return np.argsort(keys).astype(np.int64, copy=False)

    @cached_property
    def censoring(self) -> KaplanMeier:
        """Censoring distribution G of the train fold (convention 4)."""
        return product_limit(*self._train_in_order, of_censoring=True)

    @cached_property
    def train_survival(self) -> KaplanMeier:
        """Kaplan-Meier estimate of the train fold."""
        return product_limit(*self._train_in_order, of_censoring=False)

    @cached_property
    def steps_before(self) -> IntArray:
        """Number of steps of G before each scored patient's time; G(T-) is the value after the last of them."""
        if self.trained_on_itself:
            return self.train_steps
        return self._scatter(np.searchsorted(self.censoring.times, self._time_in_order, side="left"))

    @cached_property
    def train_steps(self) -> IntArray:
        """Index of each train patient's own time among the steps of G."""
        steps = np.empty(self.train_time.size, dtype=np.int64)
        steps[self._train_order] = np.cumsum(starts_of_ties(self._train_in_order[0])) - 1
        return steps

    @cached_property
    def _train_order(self) -> IntArray:
        return self.order if self.trained_on_itself else np.argsort(self.train_time).astype(np.int64, copy=False)

    @cached_property
    def _train_in_order(self) -> tuple[FloatArray, BoolArray]:
        if self.trained_on_itself:
            return self._time_in_order, self.event[self.order]
        return self.train_time[self._train_order], self.train_event[self._train_order]

    def followed_beyond(self, grid: FloatArray) -> IntArray:
        """Count the patients whose time lies beyond each time of a grid."""
        return len(self) - np.searchsorted(self._time_in_order, grid, side="right").astype(np.int64)

    def count_before(self, followed: IntArray) -> IntArray:
        """Count the times of a grid that lie before each patient's time, from :meth:`followed_beyond` it. O(n + k)."""
        passed = np.bincount(len(self) - followed, minlength=len(self) + 1)
        return self._scatter(np.cumsum(passed[:-1]))

    @cached_property
    def _time_in_order(self) -> FloatArray:
        return self.time[self.order]

    def _scatter(self, in_order: NDArray[np.intp]) -> IntArray:
        values = np.empty(in_order.size, dtype=np.int64)
        values[self.order] = in_order
        return values

    def weights_before(self, needed: BoolArray) -> FloatArray:
        """Weights 1/G(T-) of the patients in `needed`, 0 for all others.

        Parameters
        ----------
        needed : ndarray of bool, shape (n,)
            The patients whose weight enters the metric.

        Returns
        -------
        ndarray, shape (n,)

        Raises
        ------
        UndefinedError
            If the train fold's follow-up ends before a time that is needed (convention 6).
        """
        # Within the follow-up of the train fold G(T-) is above 0: it reaches 0 at the last time at the
        # earliest.
        self._require_follow_up(float(self.time.max(where=needed, initial=0.0)))
        return _inverse_before(self.censoring.survival, self.steps_before, needed)

    def weights_at(self, grid: FloatArray) -> FloatArray:
        """Weights 1/G(t) of those still at risk at each t of `grid`; 0 where nobody is at risk.

        Parameters
        ----------
        grid : ndarray, shape (k,)
            Increasing times.

        Returns
        -------
        ndarray, shape (k,)

        Raises
        ------
        UndefinedError
            If G is zero, or the train fold has no follow-up, at a time when somebody is at risk (convention 6).
        """
        needed = grid < self.time.max()
        self._require_follow_up(float(grid.max(where=needed, initial=0.0)))
        survival = self.censoring.at(grid)
        lost = needed & (survival <= 0)
        if lost.any():
            raise UndefinedError(f"G, the censoring survival, is 0 at time {grid[lost][0]}: lower the horizon")
        return np.divide(1.0, survival, out=np.zeros(grid.size), where=needed)

    def _require_follow_up(self, time: float) -> None:
        last = float(self.censoring.times[-1])
        if time > last:
            raise UndefinedError(f"G is needed at time {time}, but the train fold's follow-up ends at {last}")

    def within_horizon(self, grid: FloatArray) -> FloatArray:
        """Return the grid after checking that it does not reach beyond tau."""
        if self.tau is not None and grid[-1] > self.tau:
            raise ValueError(f"the time {grid[-1]} lies beyond the horizon tau = {self.tau}")
        return grid

    def within_follow_up(self, grid: FloatArray) -> FloatArray:
        """Return the grid after checking that it reaches neither beyond tau nor beyond the last observed time.

        Nobody is known to be free of the event there: what is left of a Brier score are the weighted events, and a
        curve that promises survival to nobody would be the best.
        """
        if self.within_horizon(grid)[-1] > self.time.max():
            raise UndefinedError(f"the time {grid[-1]} lies beyond the last observed time {self.time.max()}")
        return grid

    def horizon(self, at: float | None) -> float:
        """Return `at`, or tau where it is None, after checking that the patients are followed that far."""
        time = self.tau if at is None else positive_number(at, "at")
        if time is None:
            raise ValueError("no horizon: give `at`, or an outcome prepared with tau")
        if time > self.time.max():
            raise UndefinedError(f"the horizon {time} lies beyond the last observed time {self.time.max()}")
        return time


@compiled
def _inverse_before(survival: FloatArray, steps_before: IntArray, needed: BoolArray) -> FloatArray:
    """Return 1 / the value after the last step before each patient's time, 0 where it is not needed. O(n)."""
    weights = np.zeros(needed.size)
    for i in range(needed.size):
        if needed[i]:
            weights[i] = 1.0 / survival[steps_before[i] - 1] if steps_before[i] > 0 else 1.0
    return weights
