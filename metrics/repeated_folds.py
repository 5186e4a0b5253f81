"""The standard error of a mean over the folds of a cross-validation, repeated or not."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from metrics.checks import FloatArray

# Values that agree to this share of their size differ by rounding only.
ROUNDING = 1e-12


def standard_error_over_folds(values: ArrayLike, *, test_to_train: float) -> FloatArray:
    r"""Corrected standard error of the mean of a score, or of a difference of scores, over r repeats of k folds.

    Train parts of different folds overlap, so the values of the folds depend on each other and the variance
    :math:`s^2 / J` of the mean of J = r k independent values is too small. Corrected,

    .. math:: \mathrm{SE} = s \sqrt{\frac1J + \frac{n_{test}}{n_{train}}};

    the second term stands for the dependence and does not shrink with more repeats. Intervals and tests use Student's
    t with J - 1 degrees of freedom.

    Parameters
    ----------
    values : array-like, shape (J,) or (m, J)
        One value per fold of each repeat, J at least 2; or m rows of such values.
    test_to_train : float
        Number of test patients over number of train patients of a fold: 1 / (k - 1) where nothing is set aside
        for validation. 0 gives the standard error of independent values.

    Returns
    -------
    ndarray, shape () or (m,)
        In the unit of the values; 0 where they differ by rounding only.

    Raises
    ------
    ValueError
        If there are fewer than two folds, a value is not finite, or the ratio is negative or not finite.

    References
    ----------
    Nadeau and Bengio (2003), Inference for the generalization error, Machine Learning 52, section 5.
    Bouckaert and Frank (2004), Evaluating the replicability of significance tests for comparing learning
    algorithms, PAKDD 2004, section 3.2 (r x k form).

    Examples
    --------
    The variance is 5/3; over four folds with one test patient per four train patients,
    SE = sqrt(5/3 * (1/4 + 1/4)):

    >>> from metrics import standard_error_over_folds
    >>> print(round(float(standard_error_over_folds([1.0, 2.0, 3.0, 4.0], test_to_train=0.25)), 4))
    0.9129
    """
    array = np.asarray(values)
    if array.ndim not in (1, 2):
        raise ValueError(f"values has shape {array.shape}, expected one value per fold, or rows of them")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"values must be numbers, got dtype {array.dtype}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError("values holds a number that is not finite")
    ratio = float(test_to_train)
    if not (np.isfinite(ratio) and ratio >= 0):
        raise ValueError(f"test_to_train is {ratio}, it must be finite and at least 0")
    folds = array.shape[-1]
    if folds < 2:
        raise ValueError(f"there are values of {folds} fold(s), at least two are needed to see their spread")
    varies = np.ptp(array, axis=-1) > ROUNDING * np.abs(array).max(axis=-1)
    deviation = np.where(varies, array.std(axis=-1, ddof=1), 0.0)
    return np.asarray(deviation * np.sqrt(1 / folds + ratio))
