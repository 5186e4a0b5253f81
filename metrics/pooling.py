"""Estimates pooled over folds, with the influence of each patient on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from metrics.checks import FloatArray, IntArray, finite_vector


class OneUnitError(ValueError):
    """A fold holds one patient, or one event, and leaves no spread within it to see."""


@dataclass(frozen=True, slots=True, eq=False)
class Folds:
    """Who is scored in each fold and how much the fold weighs; the same for all methods compared.

    Parameters
    ----------
    patients : int
        Number of patients of the dataset; rows are numbered 0 .. patients - 1.
    scored : sequence of ndarray of int
        Rows of the patients scored in each fold. Within one repeat a patient is scored once at most.
    weight : ndarray, shape (F,)
        Weight of each fold's estimate, greater than 0: the number of comparable pairs for a concordance index
        (the sum of their weights for Uno's), the number of patients for a mean of losses. It must not depend on
        the method. A fold without a comparable pair has no estimate and is left out for all methods.
    repeat : ndarray of int, shape (F,), optional
        Repeat that each fold belongs to. Default: all belong to one.
    trained : sequence of ndarray of int, optional
        Rows of the train part of each fold, for metrics whose censoring weights come from it and for these only.
    events : ndarray, shape (F,), optional
        Number of events that enter the estimate of each fold, where it is a ratio of sums over events: a
        concordance index, a score relative to that of another curve. Default: it is a mean over patients.

    Raises
    ------
    ValueError
        If there is no fold, a row is out of range or twice in a repeat, a weight is not greater than 0, or the
        lengths do not fit.
    """

    patients: int
    scored: Sequence[IntArray]
    weight: FloatArray
    repeat: IntArray | None = None
    trained: Sequence[IntArray] | None = None
    events: FloatArray | None = None

    def __post_init__(self) -> None:
        scored = _all_rows(self.scored, "scored", self.patients)
        if not scored:
            raise ValueError("there is no fold to pool")
        weight = finite_vector(self.weight, "weight")
        repeat = np.zeros(len(scored), np.int64) if self.repeat is None else np.asarray(self.repeat)
        if weight.size != len(scored) or repeat.shape != (len(scored),):
            raise ValueError(f"{len(scored)} folds have {weight.size} weights and repeats of shape {repeat.shape}")
        if weight.min() <= 0:
            raise ValueError(f"weight of fold {int(weight.argmin())} is {weight.min()}, it must be greater than 0")
        labels, repeat = np.unique(repeat, return_inverse=True)
        for number, label in enumerate(labels):
            together = np.concatenate([scored[fold] for fold in np.flatnonzero(repeat == number)])
            if np.unique(together).size < together.size:
                raise ValueError(f"a patient is scored in two folds of repeat {label}")
        trained = None if self.trained is None else _all_rows(self.trained, "trained", self.patients)
        if trained is not None and len(trained) != len(scored):
            raise ValueError(f"{len(scored)} folds have {len(trained)} train parts")
        if self.events is not None and finite_vector(self.events, "events").size != len(scored):
            raise ValueError(f"{len(scored)} folds have {len(self.events)} numbers of events")
        for name, value in (("scored", scored), ("weight", weight), ("trained", trained)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "repeat", repeat.astype(np.int64))

    @property
    def share(self) -> FloatArray:
        """Weight of each fold's estimate in the pooled one: repeats alike, folds of a repeat by weight."""
        within = np.bincount(self._repeat, self.weight)
        return np.asarray(self.weight / within[self._repeat] / within.size)

    @property
    def patients_taking_part(self) -> int:
        """Number of patients who are scored or trained on in some fold."""
        involved = np.zeros(self.patients, dtype=np.bool_)
        for rows in (*self.scored, *(self.trained or ())):
            involved[rows] = True
        return int(involved.sum())

    @property
    def correction(self) -> float:
        r"""Factor of the variance for what is lost as the influence adds up to 0 within each fold.

        With u units a fold (events where `events` is given, else patients) and R repeats,

        .. math:: \left[\left(1 - \tfrac1u\right)\left(1 - \tfrac1u + \tfrac1{uR}\right)\right]^{-1}.

        A unit's influence less the mean of its fold has the variance :math:`\sigma^2 (1 - 1/u)`. The mean over R
        repeats, in each of which a unit meets others, keeps its own share :math:`(1 - 1/u)^2 \sigma^2` whole and
        an R-th of that of the others, :math:`(u - 1) / u^2 \sigma^2`. For one repeat of k folds of n units in all
        it is n / (n - k). In a ratio of sums over events, those of the events add up to 0 by themselves: seven
        events a fold leave 6/7 of the variance, however many patients there are.

        Raises
        ------
        OneUnitError
            If a fold has one unit: it leaves no spread to see.
        """
        repeats = int(self._repeat.max()) + 1
        per_repeat = int(np.bincount(self._repeat).max())
        if self.events is None:
            units = self.patients_taking_part / per_repeat
            named = f"{self.patients_taking_part} patients in {per_repeat} folds leave"
        else:
            units = float(np.mean(self.events))
            named = f"{units:g} events a fold leave"
        if units <= 1:
            raise OneUnitError(f"{named} no spread within a fold to see")
        lost = 1 / units
        return 1 / ((1 - lost) * (1 - lost + lost / repeats))

    @property
    def strata(self) -> IntArray:
        """Fold of each patient, -1 where never scored; with several repeats 0 for all, as no fold is theirs."""
        several = bool((self._repeat > 0).any())
        labels = np.full(self.patients, -1, dtype=np.int64)
        for number, rows in enumerate(self.scored):
            labels[rows] = 0 if several else number
        return labels

    @property
    def _repeat(self) -> IntArray:
        assert self.repeat is not None
        return self.repeat


@dataclass(frozen=True, slots=True, eq=False)
class PooledEstimate:
    """An estimate pooled over folds, or the difference of two.

    Attributes
    ----------
    value : float
        The estimate.
    influence : ndarray, shape (n,)
        Influence of each patient: value less truth is their sum plus smaller terms. Their sum is 0.
    folds : Folds
        What it was pooled over.
    """

    value: float
    influence: FloatArray
    folds: Folds

    @property
    def standard_error(self) -> float:
        """Standard error that the sampling of the patients scored gives it."""
        return float(np.sqrt(self.folds.correction * (self.influence @ self.influence)))

    @property
    def degrees_of_freedom(self) -> float:
        """Degrees of freedom of the standard error (`effective_degrees_of_freedom`)."""
        square = self.influence**2
        return float(effective_degrees_of_freedom(square.sum(), (square**2).sum(), self.folds.patients_taking_part))

    def __sub__(self, other: PooledEstimate) -> PooledEstimate:
        """Difference of two methods: what a patient does to both alike cancels."""
        if self.folds is not other.folds:
            raise ValueError("the two estimates were not pooled over the same folds: build one Folds for all methods")
        return PooledEstimate(self.value - other.value, self.influence - other.influence, self.folds)


def effective_degrees_of_freedom(second: ArrayLike, fourth: ArrayLike, patients: int) -> FloatArray:
    r"""Degrees of freedom of a variance that is the sum of n patients' squared influence.

    By Satterthwaite, those of the chi-squared distribution of the same mean and variance,

    .. math:: \nu = \frac{2 V^2}{\widehat{\mathrm{Var}}(V)}, \quad V = \sum_i a_i^2, \quad
        \widehat{\mathrm{Var}}(V) = \sum_i a_i^4 - V^2 / n.

    Of n normal influences they are n; where few patients have most of the influence (those with an event, say) they
    are about as many as these.

    Parameters
    ----------
    second, fourth : array-like
        Sums of the second and of the fourth powers of the influence.
    patients : int
        n.

    Returns
    -------
    ndarray
        At least 2; infinite where all patients have influence of the same size.

    References
    ----------
    Pan and Wall (2002), Small-sample adjustments in using the sandwich variance estimator in generalized
    estimating equations, Statistics in Medicine 21.
    """
    variance = np.asarray(second, dtype=np.float64)
    spread = np.asarray(fourth, dtype=np.float64) - variance**2 / patients
    # Rounding leaves a little where all are alike.
    known = spread > 1e-12 * variance**2
    return np.asarray(np.divide(2 * variance**2, spread, out=np.full(variance.shape, np.inf), where=known))


def pool(
    folds: Folds,
    values: ArrayLike,
    influence: Sequence[ArrayLike],
    trained_influence: Sequence[ArrayLike] | None = None,
) -> PooledEstimate:
    r"""Pool the estimates of one method over folds, and the influence of the patients with them.

    .. math::

        \hat\theta = \frac1R \sum_r \frac{\sum_{f \in r} w_f \hat\theta_f}{\sum_{f \in r} w_f}, \qquad
        a_i = \sum_{f \ni i} \frac{w_f}{R \sum_{g \in r(f)} w_g} \frac{\varphi_{fi}}{n_f}

    Pairs across folds never enter: models of different folds give risks that cannot be compared. With pairs for
    weights, a pooled C is the C of all pairs within folds. A patient who recurs in R repeats has one influence, the
    mean of R: repeats make the estimate steadier but add no patients, so they do not shrink the standard error
    as R times the patients would. The weights are taken as given.

    Parameters
    ----------
    folds : Folds
        One object for all methods that are to be compared.
    values : array-like, shape (F,)
        Estimate of each fold.
    influence : sequence of array-like
        Influence of the patients scored in each fold, in the order of `folds.scored`, on the scale on which the
        estimate less the truth is their mean; or losses whose mean the estimate is. Each is centred.
    trained_influence : sequence of array-like, optional
        Influence of the train part of each fold through the censoring weights, in the order of `folds.trained`.

    Returns
    -------
    PooledEstimate

    Raises
    ------
    ValueError
        If the numbers of folds or patients do not fit, or a number is not finite.

    References
    ----------
    Kang, Chen, Petrick and Gallas (2015), Comparing two correlated C indices, Statistics in Medicine 34.
    LeDell, Petersen and van der Laan (2015), Computationally efficient confidence intervals for
    cross-validated area under the ROC curve estimates, Electronic Journal of Statistics 9 (pooled folds).
    """
    estimates = finite_vector(values, "values")
    if estimates.size != len(folds.scored):
        raise ValueError(f"there are {estimates.size} values for {len(folds.scored)} folds")
    total = np.zeros(folds.patients)
    _add(total, folds.share, folds.scored, influence, "influence")
    if (trained_influence is None) != (folds.trained is None):
        raise ValueError("`trained` of the folds and `trained_influence` must both be given, or neither")
    if trained_influence is not None and folds.trained is not None:
        _add(total, folds.share, folds.trained, trained_influence, "trained_influence")
    return PooledEstimate(float(folds.share @ estimates), total, folds)


def _add(
    total: FloatArray, shares: FloatArray, rows: Sequence[IntArray], influence: Sequence[ArrayLike], name: str
) -> None:
    if len(influence) != len(rows):
        raise ValueError(f"{name} has {len(influence)} parts for {len(rows)} folds")
    for number, (own, part, share) in enumerate(zip(rows, influence, shares, strict=True)):
        given = finite_vector(part, f"{name} of fold {number}")
        if given.size != own.size:
            raise ValueError(f"{name} of fold {number} has {given.size} entries for {own.size} patients")
        total[own] += share / own.size * (given - given.mean())


def _all_rows(parts: Sequence[IntArray], name: str, patients: int) -> tuple[IntArray, ...]:
    return tuple(row_numbers(part, f"{name} of fold {number}", patients) for number, part in enumerate(parts))


def row_numbers(values: ArrayLike, name: str, length: int) -> IntArray:
    """Return distinct row numbers 0 .. length - 1."""
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise ValueError(f"{name} must be a vector of row numbers, got shape {array.shape}, dtype {array.dtype}")
    rows = array.astype(np.int64)
    if rows.size == 0:
        raise ValueError(f"{name} is empty: it holds no patient")
    if rows.min() < 0 or rows.max() >= length:
        raise ValueError(f"{name} spans {rows.min()} to {rows.max()}, expected row numbers 0 to {length - 1}")
    if np.unique(rows).size < rows.size:
        raise ValueError(f"{name} holds a patient twice")
    return rows
