"""A number that knows its uncertainty and the patients it came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from metrics.checks import FloatArray

NORMAL_QUANTILE_975 = 1.959963984540054


@dataclass(frozen=True, slots=True, eq=False)
class Influence:
    """First-order effect of each patient on an estimate.

    The estimate less the truth is mean(scored) + mean(train) + smaller terms.

    Attributes
    ----------
    scored : ndarray, shape (n,) or (n, k)
        Influence of each scored patient, with mean 0; one column per number where the estimate is a vector.
    train : ndarray, shape (m,) or (m, k), or None
        Influence of each patient of the train fold through the censoring distribution; None where there is none.
    shared : bool
        Whether the two are the same patients in the same order, so that their influence adds up patient by
        patient.

    Examples
    --------
    >>> import numpy as np
    >>> from metrics import Influence
    >>> float(Influence(np.array([-1.0, 1.0])).standard_error())
    1.0
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


def _variance_of_mean(contributions: FloatArray) -> FloatArray:
    if len(contributions) < 2:
        return np.zeros(contributions.shape[1:])
    return np.asarray(contributions.var(axis=0, ddof=1) / len(contributions))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Estimate:
    """A number with its uncertainty; ``float()`` gives the number.

    Attributes
    ----------
    value : float
        The estimate.
    influence : Influence or None
        Influence of each patient on it; None where the metric does not decompose.

    Examples
    --------
    >>> import numpy as np
    >>> from metrics import Estimate, Influence
    >>> estimate = Estimate(value=0.7, influence=Influence(np.array([-0.1, 0.1])))
    >>> float(estimate), round(estimate.standard_error, 4), [round(limit, 3) for limit in estimate.interval]
    (0.7, 0.1, [0.504, 0.896])
    >>> estimate.contributions.round(4).tolist()
    [0.6, 0.8]
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
class Estimates:
    """Several numbers of one kind with their uncertainty; ``float()`` works where there is one.

    Attributes
    ----------
    value : ndarray, shape (k,)
        The estimates.
    influence : Influence
        Influence of each patient, one column per number.

    Examples
    --------
    >>> import numpy as np
    >>> from metrics import Estimates, Influence
    >>> influence = Influence(np.array([[-0.1, 1.0], [0.1, -1.0]]))
    >>> Estimates(value=np.array([0.7, 2.0]), influence=influence).standard_error.round(4).tolist()
    [0.1, 1.0]
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
