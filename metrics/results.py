"""What each metric returns beside its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from metrics.checks import FloatArray, IntArray
from metrics.estimates import Estimate, Estimates, Influence

__all__ = [
    "BrierScore",
    "CalibrationIndex",
    "CalibrationSlope",
    "Comparison",
    "Concordance",
    "DCalibration",
    "DynamicAUC",
    "Estimate",
    "Estimates",
    "GroupedCalibration",
    "Influence",
    "IntegratedBrierScore",
    "MeanLoss",
    "NetBenefit",
    "OneCalibration",
]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Concordance(Estimate):
    """A concordance index.

    Attributes
    ----------
    comparable_pairs : int
        Number of comparable pairs (convention 2).
    tied_share : float
        Share of them whose predictions are equal (convention 3).
    """

    comparable_pairs: int
    tied_share: float

    limits: ClassVar[tuple[float, float]] = (0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BrierScore(Estimates):
    """Brier scores.

    Attributes
    ----------
    at : ndarray, shape (k,)
        The times.
    events : ndarray of int, shape (k,)
        Number of events at or before each time.
    """

    at: FloatArray
    events: IntArray

    limits: ClassVar[tuple[float, float]] = (0.0, np.inf)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class IntegratedBrierScore(Estimate):
    """An integrated Brier score beside that of the Kaplan-Meier estimate.

    Attributes
    ----------
    scaled : Estimate
        1 - IBS / IBS of the train fold's Kaplan-Meier estimate: 0 is no better than it, 1 is perfect.
    reference : float
        IBS of that Kaplan-Meier estimate on the same patients and grid.
    grid : ndarray, shape (k,)
        The times integrated over.
    events : int
        Number of events up to the end of the grid.
    """

    scaled: Estimate
    reference: float
    grid: FloatArray
    events: int

    limits: ClassVar[tuple[float, float]] = (0.0, np.inf)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DCalibration(Estimate):
    """Distribution calibration; the value is the chi-squared statistic.

    Attributes
    ----------
    p_value : float
        Probability of a larger statistic if the curves are calibrated.
    largest_deviation : float
        Largest distance of a bin's share of patients from 1 / bins.
    shares, counts : ndarray, shape (bins,)
        Share and number of patients per bin, bin 0 next to S = 0.
    events : int
        Number of events.
    can_reject : bool
        Whether there are events enough for curves that are wrong to be rejected at 5 %: at least 5 a bin, and so many
        that the statistic would be significant if all of them were in one bin.
    """

    p_value: float
    largest_deviation: float
    shares: FloatArray
    counts: FloatArray
    events: int
    can_reject: bool


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CalibrationIndex(Estimate):
    """Distance between predicted and observed probability of the event by a horizon; the value is the ICI.

    Attributes
    ----------
    e50, e90, largest : float
        Median, 90th percentile and maximum of the distance.
    at : float
        The horizon.
    predicted, observed : ndarray, shape (n,)
        Predicted, and smoothed observed, probability of the event by the horizon.
    events : int
        Number of events by the horizon.
    """

    e50: float
    e90: float
    largest: float
    at: float
    predicted: FloatArray
    observed: FloatArray
    events: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DynamicAUC(Estimate):
    """Time-dependent area under the ROC curve; the value is the mean over the times.

    Attributes
    ----------
    at : ndarray, shape (k,)
        The times.
    by_time : Estimates
        The area at each time.
    cases, controls : ndarray of int, shape (k,)
        Number of patients with an event by each time, and of those followed beyond it.
    """

    at: FloatArray
    by_time: Estimates
    cases: IntArray
    controls: IntArray

    limits: ClassVar[tuple[float, float]] = (0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GroupedCalibration(Estimate):
    """Predicted and observed probability of the event by a horizon, by groups of predicted risk.

    The value is the mean distance of the two, groups weighted by their size.

    Attributes
    ----------
    at : float
        The horizon.
    predicted, observed : ndarray, shape (g,)
        Mean predicted probability, and 1 - Kaplan-Meier, of each group; the lowest risk comes first.
    variance : ndarray, shape (g,)
        Greenwood's variance of the observed probability.
    lower, upper : ndarray, shape (g,)
        95 % confidence limits of the observed probability.
    size, events : ndarray of int, shape (g,)
        Number of patients, and of events by the horizon, in each group.
    """

    at: float
    predicted: FloatArray
    observed: FloatArray
    variance: FloatArray
    lower: FloatArray
    upper: FloatArray
    size: IntArray
    events: IntArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OneCalibration(Estimate):
    """Test of calibration at one time; the value is the chi-squared statistic.

    Attributes
    ----------
    p_value : float
        Probability of a larger statistic if the predictions are calibrated.
    degrees_of_freedom : int
        Number of groups.
    groups : GroupedCalibration
        The groups compared.
    """

    p_value: float
    degrees_of_freedom: int
    groups: GroupedCalibration


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CalibrationSlope(Estimate):
    """Slope of the observed on the predicted log cumulative hazard; 1 is perfect.

    Attributes
    ----------
    intercept : Estimate
        Log of observed over predicted cumulative hazard by the horizon, the slope held at 1; 0 is perfect.
    at : float
        The horizon.
    events : int
        Number of events.
    """

    intercept: Estimate
    at: float
    events: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NetBenefit(Estimates):
    """Net benefit of treating those above each threshold.

    Attributes
    ----------
    thresholds : ndarray, shape (k,)
        Predicted probabilities from which one is treated.
    treat_all : ndarray, shape (k,)
        Net benefit of treating everybody; that of treating nobody is 0.
    treated : ndarray of int, shape (k,)
        Number of patients at or above each threshold.
    at : float
        The horizon.
    """

    thresholds: FloatArray
    treat_all: FloatArray
    treated: IntArray
    at: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MeanLoss(Estimate):
    """Mean of a loss per patient.

    Attributes
    ----------
    events : int
        Number of events that enter.
    """

    events: int

    limits: ClassVar[tuple[float, float]] = (0.0, np.inf)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Comparison(Estimate):
    """Paired difference of two estimates, the first less the second.

    Attributes
    ----------
    p_value : float
        Two-sided, of no difference, by the normal distribution.
    """

    p_value: float
