"""What a metric returns: a number that knows its uncertainty and the patients it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from metrics.checks import FloatArray, IntArray

NORMAL_QUANTILE_975 = 1.959963984540054


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """First-order effect of each patient on an estimate.

    The estimate less the truth is mean(scored) + mean(train) + smaller terms.

    Attributes
    ----------
    scored : ndarray, shape (n,) or (n, k)
        Effect of each scored patient, with mean 0; one column per number where the estimate is a vector.
    train : ndarray, shape (m,) or (m, k), or None
        Effect of each patient of the train fold through the censoring distribution; None where there is none.
    shared : bool
        Whether the two are the same patients in the same order, so that their effects add up patient by
        patient.
    """

    scored: FloatArray
    train: FloatArray | None = None
    shared: bool = False

    def __sub__(self, other: Influence) -> Influence:
        """Influence on the difference of two estimates of the same patients."""
        if self.scored.shape != other.scored.shape:
            raise ValueError("the two estimates do not come from the same patients")
        if (self.train is None) != (other.train is None):
            raise ValueError("one of the two estimates depends on the censoring distribution, the other does not")
        train = None if self.train is None or other.train is None else self.train - other.train
        return Influence(self.scored - other.scored, train, self.shared)

    def standard_error(self) -> FloatArray | None:
        """Return the standard error of the estimate, or None where one patient leaves it unknown."""
        if len(self.scored) < 2:
            return None
        if self.train is None:
            variance = _variance_of_mean(self.scored)
        elif self.shared:
            variance = _variance_of_mean(self.scored + self.train)
        else:
            variance = _variance_of_mean(self.scored) + _variance_of_mean(self.train)
        return np.sqrt(variance)


def _variance_of_mean(effects: FloatArray) -> FloatArray:
    if len(effects) < 2:
        return np.zeros(effects.shape[1:])
    return np.asarray(effects.var(axis=0, ddof=1) / len(effects))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Estimate:
    """A number with its uncertainty; ``float()`` gives the number.

    Attributes
    ----------
    value : float
        The estimate.
    influence : Influence or None
        Effect of each patient on it; None where the metric does not decompose.
    """

    value: float
    influence: Influence | None = None

    limits: ClassVar[tuple[float, float]] = (-np.inf, np.inf)

    def __float__(self) -> float:
        return self.value

    @property
    def standard_error(self) -> float | None:
        """Standard error by the influence function, or None where there is none."""
        error = None if self.influence is None else self.influence.standard_error()
        return None if error is None else float(error)

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % confidence interval, value -+ 1.96 standard errors, kept within the metric's range."""
        error = self.standard_error
        if error is None:
            return None
        reach = NORMAL_QUANTILE_975 * error
        lowest, highest = type(self).limits
        return max(self.value - reach, lowest), min(self.value + reach, highest)

    @property
    def contributions(self) -> FloatArray | None:
        """One number per scored patient; their mean is the value (convention 15)."""
        return None if self.influence is None else self.value + self.influence.scored


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
class Estimates:
    """Several numbers of one kind with their uncertainty; ``float()`` works where there is one.

    Attributes
    ----------
    value : ndarray, shape (k,)
        The estimates.
    influence : Influence
        Effect of each patient, one column per number.
    """

    value: FloatArray
    influence: Influence

    limits: ClassVar[tuple[float, float]] = (-np.inf, np.inf)

    def __float__(self) -> float:
        if self.value.size != 1:
            raise TypeError(f"there are {self.value.size} numbers: choose one of `.value`")
        return float(self.value[0])

    @property
    def standard_error(self) -> FloatArray | None:
        """Standard errors by the influence function, or None where one patient leaves them unknown."""
        return self.influence.standard_error()

    @property
    def interval(self) -> tuple[FloatArray, FloatArray] | None:
        """95 % confidence intervals of each number by itself, kept within the metric's range."""
        error = self.standard_error
        if error is None:
            return None
        reach = NORMAL_QUANTILE_975 * error
        lowest, highest = type(self).limits
        return np.maximum(self.value - reach, lowest), np.minimum(self.value + reach, highest)

    @property
    def contributions(self) -> FloatArray:
        """One row per scored patient (n, k); the means of the columns are the values (convention 15)."""
        return self.value + self.influence.scored


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
    shares : ndarray, shape (bins,)
        Share of patients per bin, bin 0 next to S = 0.
    events : int
        Number of events.
    """

    p_value: float
    largest_deviation: float
    shares: FloatArray
    events: int


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


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bootstrap:
    """An estimate and its values in resamples of the patients; ``float()`` gives the estimate.

    Attributes
    ----------
    value : float
        The estimate.
    replicates : ndarray, shape (r,)
        Its value in each resample.
    """

    value: float
    replicates: FloatArray

    def __float__(self) -> float:
        return self.value

    @property
    def standard_error(self) -> float:
        """Standard deviation of the replicates."""
        return float(self.replicates.std(ddof=1))

    @property
    def interval(self) -> tuple[float, float]:
        """95 % percentile interval."""
        lower, upper = np.quantile(self.replicates, (0.025, 0.975))
        return float(lower), float(upper)
