"""How many repeats of the folds would decide between two methods, if any number would."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import nctdtr, ndtr, ndtri, stdtrit

from leaderboards.statistics.checks import at_least, not_negative, share

# Nobody runs more than this, and power has stopped rising long before.
MOST_FOLDS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatsToDecide:
    """Answer to how many repeats of k folds would decide a pair.

    Attributes
    ----------
    repeats : int or None
        Smallest number of repeats that reaches the power; None where no number does.
    power : float
        Probability of a decision with that number of repeats; without end of repeats where there is none.
    power_in_the_limit : float
        Probability of a decision without end of repeats.
    smallest_difference : float
        Difference below which no number of repeats reaches the power.
    reason : str or None
        Why there is no number, in words.
    """

    repeats: int | None
    power: float
    power_in_the_limit: float
    smallest_difference: float
    reason: str | None


def repeats_to_decide(
    difference: float,
    standard_deviation: float,
    *,
    folds: int,
    test_to_train: float,
    alpha: float = 0.05,
    power: float = 0.8,
) -> RepeatsToDecide:
    r"""Return the smallest number of repeats at which the corrected t test would tell two methods apart.

    If the true difference is d and that of a fold has standard deviation s, then over J = r k folds the
    statistic of :func:`~leaderboards.statistics.corrected_t.corrected_t_test` follows Student's distribution
    with J - 1 degrees of freedom and non-centrality

    .. math:: \lambda_J = \frac{|d|}{s \sqrt{\frac1J + \frac{n_{test}}{n_{train}}}}
              \;\longrightarrow\; \frac{|d|}{s \sqrt{n_{test} / n_{train}}}.

    Repeats shrink the first term only: the second is the price of training on overlapping parts of one sample.
    Below :math:`(z_{1-\alpha/2} + z_{power})\, s \sqrt{n_{test}/n_{train}}`, about, only more patients help.

    Parameters
    ----------
    difference : float
        Mean difference of the folds, taken as the true one: the answer inherits its uncertainty.
    standard_deviation : float
        Of the differences of the folds, greater than 0.
    folds : int
        k, the folds of one repeat.
    test_to_train : float
        Number of test patients over number of train patients of a fold.
    alpha : float
        Two-sided level; alpha over the number of pairs is safe where Holm's adjustment follows.
    power : float
        Probability of a decision that is asked for, greater than alpha.

    Returns
    -------
    RepeatsToDecide

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52, section 5.
    Johnson, Kotz and Balakrishnan (1995), Continuous Univariate Distributions 2, chapter 31 (noncentral t).
    """
    size, level = abs(float(difference)), share(alpha, "alpha")
    if not np.isfinite(size):
        raise ValueError(f"difference is {difference}, not a finite number")
    if not (np.isfinite(standard_deviation) and standard_deviation > 0):
        raise ValueError(f"standard_deviation is {standard_deviation}, it must be finite and greater than 0")
    if share(power, "power") <= level:
        raise ValueError(f"power is {power}, it must be greater than alpha, {level}")
    per_repeat = at_least(folds, 1, "folds")
    effect, ratio = size / standard_deviation, not_negative(test_to_train, "test_to_train")

    limit = _power_in_the_limit(effect, ratio, level)
    smallest = float((ndtri(1 - level / 2) + ndtri(power)) * standard_deviation * np.sqrt(ratio))

    def power_of(repeats: int) -> float:
        return _power(effect, ratio, level, repeats * per_repeat)

    fewest = 1 if per_repeat > 1 else 2
    most = MOST_FOLDS // per_repeat
    if limit <= power or power_of(most) < power:
        return RepeatsToDecide(
            repeats=None,
            power=limit,
            power_in_the_limit=limit,
            smallest_difference=smallest,
            reason=_why_none(size, smallest, ratio),
        )
    too_few, enough = fewest - 1, fewest
    while power_of(enough) < power:
        too_few, enough = enough, min(2 * enough, most)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if power_of(middle) < power:
            too_few = middle
        else:
            enough = middle
    return RepeatsToDecide(
        repeats=enough, power=power_of(enough), power_in_the_limit=limit, smallest_difference=smallest, reason=None
    )


def _why_none(size: float, smallest: float, ratio: float) -> str:
    """Say why no number of repeats decides."""
    if size == 0:
        return "the mean difference is 0: there is nothing to decide"
    if size > smallest:
        return f"it would take more than {MOST_FOLDS} folds"
    return (
        f"a difference of {size:.3g} is below the {smallest:.3g} that endless repeats could decide: the train parts"
        f" overlap, and n_test / n_train = {ratio:.3g} does not shrink; more patients would help, more folds would not"
    )


def _power(effect: float, ratio: float, level: float, folds: int) -> float:
    """Probability that the corrected t test over so many folds rejects, either way."""
    freedom = float(folds - 1)
    critical = float(stdtrit(freedom, 1 - level / 2))
    noncentrality = effect / np.sqrt(1 / folds + ratio)
    return float(1 - nctdtr(freedom, noncentrality, critical) + nctdtr(freedom, noncentrality, -critical))


def _power_in_the_limit(effect: float, ratio: float, level: float) -> float:
    """Probability that the corrected t test rejects without end of repeats."""
    if ratio == 0:
        return 1.0 if effect > 0 else level
    critical, noncentrality = float(ndtri(1 - level / 2)), effect / np.sqrt(ratio)
    return float(ndtr(noncentrality - critical) + ndtr(-noncentrality - critical))
