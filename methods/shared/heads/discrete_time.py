"""Discrete time: cuts of the time axis, labels, and interpolation between the cuts."""

import warnings
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import torch
from pycox.preprocessing.label_transforms import LabTransDiscreteTime
from torch import Tensor

from benchmarks.types import Context, FloatArray, Outcome

Spacing: TypeAlias = Literal["equidistant", "quantiles", "event_quantiles"]
Censoring: TypeAlias = Literal["earlier", "nearest", "later"]
Interpolation: TypeAlias = Literal["constant_density", "constant_hazard"]


@dataclass(frozen=True, slots=True, eq=False)
class TimeCuts:
    """Cuts of the time axis, and times as numbers of cuts.

    An event is moved to the next cut: the intervals are (c_{k-1}, c_k].

    Parameters
    ----------
    cuts : array, shape (K + 1,)
        0 = c_0 < c_1 < ... < c_K.
    censoring : {"earlier", "nearest", "later"}
        Where a censoring is moved: to the cut before it (as in pycox), to the nearest cut, so that who is
        followed for half of an interval counts as having survived it (Gensheimer & Narasimhan 2019), or to the cut
        after it, as if all of the interval were survived (Zadeh & Schmid 2021). The first raises the hazards where
        many are censored: who is censored in an interval is missing in its risk set. The last lowers them.
    """

    cuts: FloatArray
    censoring: Censoring

    @classmethod
    def fit(
        cls, outcome: Outcome, intervals: int, spacing: Spacing, censoring: Censoring, context: Context
    ) -> "TimeCuts":
        """Place the cuts, equidistant ones and those by quantiles as pycox does.

        Parameters
        ----------
        outcome : Outcome
            Of the training patients; the last cut is their longest time.
        intervals : int
            K. Fewer are made, and the log says so, where quantiles coincide.
        spacing : {"equidistant", "quantiles", "event_quantiles"}
            Equal lengths, equal falls of the Kaplan-Meier curve (Kvamme & Borgan 2021), or equal numbers of events
            (quantiles of the times of those with the event, Chen et al. 2021).
        censoring : {"earlier", "nearest", "later"}
            As in the class.
        context : Context
            Its log.

        Raises
        ------
        ValueError
            If nobody has the event, with ``event_quantiles``.
        """
        if spacing == "event_quantiles":
            return cls(_event_quantiles(outcome, intervals, context), censoring)
        transform = LabTransDiscreteTime(intervals + 1, scheme=spacing)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            transform.fit(outcome.time, outcome.event)
        for warning in caught:
            context.logger.info("discretisation of time: %s", warning.message)
        return cls(np.asarray(transform.cuts, dtype=np.float64), censoring)

    def labels(self, outcome: Outcome) -> tuple[Tensor, Tensor]:
        """Return the number of the cut (int64) and the event indicator (float32) of n patients.

        Times beyond the last cut are censored there.
        """
        time = np.minimum(outcome.time, self.cuts[-1])
        event = outcome.event & (outcome.time <= self.cuts[-1])
        later = np.searchsorted(self.cuts, time, side="left")
        if self.censoring == "later":
            of_censored = later
        elif self.censoring == "earlier":
            of_censored = np.searchsorted(self.cuts, time, side="right") - 1
        else:
            middles = (self.cuts[:-1] + self.cuts[1:]) / 2
            of_censored = np.searchsorted(middles, time, side="right")
        index = np.where(event, later, of_censored).astype(np.int64)
        return torch.from_numpy(index), torch.from_numpy(event.astype(np.float32))

    def marginal_survival(self, outcome: Outcome) -> FloatArray:
        """Return the survival of all patients at the cuts by their labels, shape (K + 1,), strictly decreasing.

        A life table with half an event more in each interval, so that no interval is without one.
        """
        index, event = (label.numpy() for label in self.labels(outcome))
        events = np.bincount(index[event == 1], minlength=len(self.cuts))
        leaving = np.bincount(index, minlength=len(self.cuts))
        at_risk = np.cumsum(leaving[::-1])[::-1]
        return np.asarray(np.cumprod(1 - (events + 0.5) / (at_risk + 1)), dtype=np.float64)


def _event_quantiles(outcome: Outcome, intervals: int, context: Context) -> FloatArray:
    """Return 0, the inner quantiles of the times of the events, and the longest time of all."""
    if not outcome.n_events:
        raise ValueError("no event in the training part: there are no quantiles of the times of events")
    inner = np.quantile(outcome.time[outcome.event], np.arange(1, intervals) / intervals)
    cuts = np.unique(np.concatenate([[0.0], inner, [outcome.time.max()]]))
    if len(cuts) < intervals + 1:
        context.logger.info("discretisation of time: %d of %d intervals, quantiles coincide", len(cuts) - 1, intervals)
    return np.asarray(cuts, dtype=np.float64)


def curves_between_cuts(
    cuts: FloatArray, survival: FloatArray, times: FloatArray, interpolation: Interpolation
) -> FloatArray:
    """Interpolate discrete-time survival to any times (Kvamme & Borgan 2021).

    With t = c_{k-1} + rho (c_k - c_{k-1}):

    - constant density: S(t) = (1 - rho) S(c_{k-1}) + rho S(c_k);
    - constant hazard: S(t) = S(c_{k-1})^(1 - rho) S(c_k)^rho.

    After the last cut the last value is held.

    Parameters
    ----------
    cuts : array, shape (K + 1,)
        Increasing, the first is 0.
    survival : array, shape (n, K + 1)
        S at the cuts; the first is 1.
    times : array, shape (T,)
        Where to evaluate, >= 0.
    interpolation : {"constant_density", "constant_hazard"}
        What is constant within an interval.

    Returns
    -------
    array, shape (n, T)
    """
    inside = np.minimum(times, cuts[-1])
    right = np.clip(np.searchsorted(cuts, inside, side="left"), 1, len(cuts) - 1)
    rho = (inside - cuts[right - 1]) / (cuts[right] - cuts[right - 1])
    before, after = survival[:, right - 1], survival[:, right]
    curves: FloatArray
    if interpolation == "constant_density":
        curves = (1 - rho) * before + rho * after
    else:
        curves = before ** (1 - rho) * after**rho
    return curves
