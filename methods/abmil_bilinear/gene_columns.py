"""What the networks read of a matrix other than components: the columns that vary most, or all as they are."""

from collections.abc import Callable

import numpy as np

from benchmarks.types import FloatArray, IntArray, Matrix, Modality
from methods.abmil_bilinear.config import Config
from methods.shared.features.components import Encoder, ModalityVectors

# Percentiles of a column beyond which its values count as these: a single z-score above 10,000 is no variance.
TAILS = (1.0, 99.0)


def matrix_encoder(config: Config) -> Callable[[], Encoder] | None:
    """Return what makes an encoder of matrices by the settings; None for components."""
    if config.faithful:
        return UnscaledColumns
    return (lambda: WidestColumns(config.genes)) if config.genes else None


def widest(values: FloatArray, count: int) -> IntArray:
    """Return the ``count`` columns of largest variance, in their order; of equal variances the first ones.

    Parameters
    ----------
    values : array, shape (n, g)
        NaN = missing; a column without any value has no variance. Values beyond the 1st and 99th percentile of their
        column count as that percentile.
    count : int
        All columns if there are no more.
    """
    known = np.flatnonzero(~np.isnan(values).all(axis=0))
    lower, upper = np.nanpercentile(values[:, known], TAILS, axis=0)
    variance = np.nanvar(np.clip(values[:, known], lower, upper), axis=0)
    return np.sort(known[np.argsort(-variance, kind="stable")[:count]])


class WidestColumns:
    """The columns that vary most among the training patients, standardised robustly and cut at +-5.

    Parameters
    ----------
    count : int
        Most columns.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def fit(self, modality: Modality) -> None:
        """Choose the columns, and learn centre and scale of each."""
        self._columns = widest(_values(modality), self.count)
        self._standardised = ModalityVectors(0, 0, flag_missing=False).fit(self._chosen(modality))

    def transform(self, modality: Modality) -> FloatArray:
        """Return the chosen columns of n patients, shape (n, d)."""
        return self._standardised.transform(self._chosen(modality))

    def _chosen(self, modality: Modality) -> Matrix:
        assert isinstance(modality, Matrix)
        names = tuple(modality.names[column] for column in self._columns)
        return Matrix(modality.values[:, self._columns], names, modality.present)


class UnscaledColumns:
    """All columns that vary among the training patients, as they are; a missing value is their mean."""

    def fit(self, modality: Modality) -> None:
        """Learn the means."""
        values = _values(modality)
        known = np.flatnonzero(~np.isnan(values).all(axis=0))
        varies = np.nanmax(values[:, known], axis=0) > np.nanmin(values[:, known], axis=0)
        self._columns = known[varies]
        self._mean = np.nanmean(values[:, self._columns], axis=0)

    def transform(self, modality: Modality) -> FloatArray:
        """Return the columns of n patients, shape (n, d)."""
        values = _values(modality)[:, self._columns]
        return np.where(np.isnan(values), self._mean, values)


def _values(modality: Modality) -> FloatArray:
    assert isinstance(modality, Matrix)
    return modality.values.astype(np.float64)
