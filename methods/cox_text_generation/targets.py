"""Which number the student is taught to write of a patient, and which linear predictor that number stands for.

The paper's exact quantity is not known; these are three candidates. In all of them a higher number means an earlier
event, and each can be turned back into the teacher's linear predictor, from which the curve follows.
"""

from typing import Literal, Protocol, TypeAlias

import numpy as np

from benchmarks.types import FloatArray
from methods.cox_text_generation.number_text import NumberFormat

TargetName: TypeAlias = Literal["event_prob", "rank", "log_hr"]

# A probability of 0 or 1 has no finite linear predictor.
SMALLEST_PROBABILITY = 0.001


class Target(Protocol):
    """A risk as a number that can be written."""

    format: NumberFormat

    def numbers(self, linear_predictor: FloatArray) -> FloatArray:
        """Return the numbers, shape (n,), that stand for n linear predictors; not rounded."""

    def linear_predictor(self, numbers: FloatArray) -> FloatArray:
        """Return the linear predictors, shape (n,), that n numbers stand for."""


class EventProbability:
    """p = 1 - S(tau | x) in percent, with S(tau | x) = exp(-H0(tau) exp(lp)); 0.1 <= p <= 99.9.

    A number gives lp = log(-log(1 - p)) - log H0(tau), so that S(t | x) = (1 - p)^(H0(t) / H0(tau)).

    Parameters
    ----------
    cumulative_hazard : float
        H0(tau) > 0.
    digits : int
        Two (whole percents) or three (one decimal).
    """

    def __init__(self, cumulative_hazard: float, digits: int) -> None:
        self.format = NumberFormat(digits, decimals=digits - 2)
        self._log_hazard = float(np.log(cumulative_hazard))

    def numbers(self, linear_predictor: FloatArray) -> FloatArray:
        """Return 100 p."""
        with np.errstate(over="ignore"):
            probability = -np.expm1(-np.exp(linear_predictor + self._log_hazard))
        return 100 * _inside(probability)

    def linear_predictor(self, numbers: FloatArray) -> FloatArray:
        """Return log(-log(1 - p)) - log H0(tau)."""
        survival = 1 - _inside(np.asarray(numbers) / 100)
        linear_predictor: FloatArray = np.log(-np.log(survival)) - self._log_hazard
        return linear_predictor


class Rank:
    """Where the linear predictor stands among the training patients': 000 (lowest) to 999, ties at their middle.

    A number r gives the quantile of the training patients' linear predictors at (r + 1/2) / 1000.

    Parameters
    ----------
    train : array, shape (n,)
        Linear predictors of the training patients.
    digits : int
        Two (100 steps) or three (1000 steps).
    """

    def __init__(self, train: FloatArray, digits: int) -> None:
        self.format = NumberFormat(digits)
        self._sorted = np.sort(train)
        self._steps = 10**digits

    def numbers(self, linear_predictor: FloatArray) -> FloatArray:
        """Return the rank in steps."""
        below = np.searchsorted(self._sorted, linear_predictor, side="left")
        upto = np.searchsorted(self._sorted, linear_predictor, side="right")
        share = (below + upto) / (2 * len(self._sorted))
        steps: FloatArray = np.minimum(np.floor(self._steps * share), self._steps - 1)
        return steps

    def linear_predictor(self, numbers: FloatArray) -> FloatArray:
        """Return the quantiles."""
        quantiles: FloatArray = np.quantile(self._sorted, (np.asarray(numbers) + 0.5) / self._steps)
        return quantiles


class LogHazardRatio:
    """The linear predictor itself, with sign and two decimals; -9.99 to +9.99.

    It is centred, since the teacher's covariates have mean 0.

    Parameters
    ----------
    digits : int
        Two (one decimal) or three (two decimals).
    """

    def __init__(self, digits: int) -> None:
        self.format = NumberFormat(digits, decimals=digits - 1, signed=True)

    def numbers(self, linear_predictor: FloatArray) -> FloatArray:
        """Return the linear predictor within the limits of the format."""
        limited: FloatArray = np.clip(linear_predictor, -self.format.largest, self.format.largest)
        return limited

    def linear_predictor(self, numbers: FloatArray) -> FloatArray:
        """Return the numbers as they are."""
        return np.asarray(numbers, dtype=np.float64)


def make_target(
    name: TargetName, digits: int, *, train_linear_predictor: FloatArray, cumulative_hazard: float
) -> Target:
    """Return the named target of a fitted teacher.

    Parameters
    ----------
    name : {"event_prob", "rank", "log_hr"}
        Which number.
    digits : int
        Two or three.
    train_linear_predictor : array, shape (n,)
        Of the training patients.
    cumulative_hazard : float
        H0 at the teacher's horizon.
    """
    if name == "event_prob":
        return EventProbability(cumulative_hazard, digits)
    if name == "rank":
        return Rank(train_linear_predictor, digits)
    return LogHazardRatio(digits)


def _inside(probability: FloatArray) -> FloatArray:
    limited: FloatArray = np.clip(probability, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return limited
