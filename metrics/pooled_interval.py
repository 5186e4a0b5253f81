"""The confidence interval of an estimate pooled over folds, made on a scale on which it is nearly normal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import expit, logit, stdtrit

from metrics.estimates import Estimate
from metrics.pooling import Folds, OneUnitError, PooledEstimate, pool

Scale: TypeAlias = Literal["logit", "log", "complementary log"]


@dataclass(frozen=True, slots=True)
class _Transformation:
    """A scale: the open range of its values, the transformation, its derivative and its inverse."""

    lowest: float
    highest: float
    forth: Callable[[float], float]
    derivative: Callable[[float], float]
    back: Callable[[float], float]


_SCALES = {
    "logit": _Transformation(0.0, 1.0, logit, lambda value: 1 / (value * (1 - value)), expit),
    "log": _Transformation(0.0, np.inf, np.log, lambda value: 1 / value, np.exp),
    "complementary log": _Transformation(
        -np.inf, 1.0, lambda value: np.log1p(-value), lambda value: 1 / (1 - value), lambda y: -np.expm1(y)
    ),
}


def pooled_interval(estimate: PooledEstimate, scale: Scale, *, confidence: float = 0.95) -> tuple[float, float] | None:
    r"""Confidence interval of what the models of the folds reach on patients like these.

    With the estimate :math:`\hat\theta`, its standard error s by the influence of the patients and the quantile t of
    Student's distribution with the effective degrees of freedom of s,

    .. math:: g^{-1}\left(g(\hat\theta) \pm t\, |g'(\hat\theta)|\, s\right),

    where g is the logit for a concordance index, the logarithm for a mean loss, and :math:`\log(1 - \theta)` for a
    score that is 1 less a ratio of losses.

    Parameters
    ----------
    estimate : PooledEstimate
        Pooled over folds.
    scale : {"logit", "log", "complementary log"}
        g.
    confidence : float
        Of the interval.

    Returns
    -------
    tuple of float or None
        Lower and upper end, about the estimate, in its unit. None where there is none: at the end of the range (a
        concordance of 1, whose patients show no spread), or with one event, or patient, a fold. An estimate that is
        the same whatever patients there are, such as the concordance of equal risks, is its own interval.

    Notes
    -----
    The models are taken as given: it says nothing of the methods fitted anew on other patients.
    """
    kind = _SCALES[scale]
    value = estimate.value
    if not kind.lowest < value < kind.highest:
        return None
    try:
        error = estimate.standard_error
    except OneUnitError:
        return None
    if error == 0:
        return value, value
    quantile = float(stdtrit(estimate.degrees_of_freedom, 0.5 + confidence / 2))
    reach = quantile * kind.derivative(value) * error
    ends = (float(kind.back(kind.forth(value) + sign * reach)) for sign in (-1, 1))
    low, high = sorted(ends)
    return low, high


def interval_of_one_fold(estimate: Estimate, scale: Scale, *, events: int | None = None) -> tuple[float, float] | None:
    """95 % interval of an estimate on one test part, made as that of a mean over folds.

    Parameters
    ----------
    estimate : Estimate
        With influence of the scored patients, and of others through the censoring weights where there are such.
    scale : {"logit", "log", "complementary log"}
        As of `pooled_interval`.
    events : int, optional
        Of a ratio of sums over events, how many; as in `Folds`.

    Returns
    -------
    tuple of float or None
        As of `pooled_interval`; None without influence, too.
    """
    influence = estimate.influence
    if influence is None:
        return None
    scored, trained = influence.scored, influence.train
    rows = np.arange(len(scored))
    counted = None if events is None else np.array([float(events)])
    patients, others = len(scored), None
    if trained is not None:
        others = [rows if influence.shared else len(scored) + np.arange(len(trained))]
        patients += 0 if influence.shared else len(trained)
    folds = Folds(patients, [rows], np.ones(1), trained=others, events=counted)
    pooled = pool(folds, [estimate.value], [scored], None if trained is None else [trained])
    return pooled_interval(pooled, scale)
