"""The paired difference of two methods on the same patients."""

from __future__ import annotations

from math import sqrt

from scipy.special import erfc

from metrics.errors import UndefinedError
from metrics.estimates import Estimate
from metrics.results import Comparison


def compare(first: Estimate, second: Estimate) -> Comparison:
    r"""Difference of two estimates of the same metric on the same patients, with interval and p-value.

    The influence of each patient on the difference is the difference of its influences, so that what the two
    methods get right or wrong together cancels. With standard error s of the difference d,
    :math:`p = 2\,\Phi(-|d| / s)`.

    Parameters
    ----------
    first, second : Estimate
        Results of one metric for two methods, on the same patients in the same order, with the same train
        fold.

    Returns
    -------
    Comparison
        `value` is the first less the second.

    Raises
    ------
    UndefinedError
        If the standard error is 0 although the two differ, or there is one patient.
    ValueError
        If one has no influence function, or the numbers of patients differ.

    References
    ----------
    Kang, Chen, Petrick and Gallas (2015), Comparing two correlated C indices, Statistics in Medicine 34.

    Examples
    --------
    Of the four comparable pairs the first risk has all in order, the second has three.

    >>> from metrics import compare, concordance_index
    >>> time, event = [2, 4, 5, 7], [1, 0, 1, 1]
    >>> first = concordance_index(time, event, [4, 3, 2, 1])
    >>> second = concordance_index(time, event, [4, 3, 1, 2])
    >>> difference = compare(first, second)
    >>> difference.value
    0.25
    >>> 0 < difference.p_value < 1
    True
    >>> compare(first, first).p_value
    1.0
    """
    if first.influence is None or second.influence is None:
        raise ValueError("this metric has no contributions of patients to compare by")
    difference = first.value - second.value
    influence = first.influence - second.influence
    error = influence.standard_error()
    if error is None:
        raise UndefinedError("one patient does not tell two methods apart")
    if error > 0:
        p_value = float(erfc(abs(difference) / float(error) / sqrt(2.0)))
    elif difference == 0:
        p_value = 1.0
    else:
        raise UndefinedError("every patient has the same influence on the difference: its standard error is 0")
    return Comparison(value=difference, influence=influence, p_value=p_value)
