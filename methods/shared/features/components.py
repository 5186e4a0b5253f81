"""The vectors of a modality: a table's features, or the first principal components of anything wider."""

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.types import Bags, BoolArray, FloatArray, Matrix, Modality, Patients, Table, Texts
from methods.shared.features.tabular import TabularPreprocessor

# Standardised values beyond this many deviations are cut: single z-scores of expression exceed 10,000.
CLIP = 5.0
# The interquartile range of a normal distribution, in standard deviations.
_NORMAL_RANGE = 1.349
# A word in fewer training texts than this is not counted.
MINIMUM_TEXTS = 5


class Encoder(Protocol):
    """From a modality that all rows have to vectors."""

    def fit(self, modality: Modality) -> None:
        """Learn from n rows."""

    def transform(self, modality: Modality) -> FloatArray:
        """Return the vectors of n rows with the same columns, shape (n, d)."""


class ModalityVectors:
    """One vector per patient from a modality, with everything learnt from the rows given to ``fit``.

    Table: ``TabularPreprocessor``. Matrix: columns standardised robustly, cut at +-5, then the first principal
    components. Bags: the mean of the bag's instances, then as for a Matrix. Texts: tf-idf of words, then the first
    components of its singular value decomposition (latent semantic analysis). Components have mean 0 and variance 1.
    A patient without the modality gets the mean, and a flag says so.

    Parameters
    ----------
    components : int
        Most components; fewer where the training patients or the columns are fewer. 0: the standardised columns of a
        matrix, or of a bag's mean, themselves.
    seed : int
        Of the randomised decompositions.
    flag_missing : bool
        Whether a last column says who is without the modality, if some training patients are.
    matrix : callable, optional
        Makes what turns a matrix into vectors instead of components, unfitted.
    """

    def __init__(
        self, components: int, seed: int, *, flag_missing: bool = True, matrix: Callable[[], Encoder] | None = None
    ) -> None:
        self.components = components
        self.seed = seed
        self.flag_missing = flag_missing
        self._matrix = matrix

    def fit(self, modality: Modality) -> "ModalityVectors":
        """Learn from a modality of n rows.

        Raises
        ------
        ValueError
            If fewer than two rows have the modality.
        """
        present = np.flatnonzero(modality.present)
        if len(present) < 2:
            raise ValueError(f"{len(present)} training patients have the modality, at least 2 are needed")
        have = modality.take(present)
        self._flagged = self.flag_missing and len(present) < len(modality)
        self._encoder = _encoder_of(have, self.components, self.seed)
        if self._matrix is not None and isinstance(have, Matrix):
            self._encoder = self._matrix()
        self._encoder.fit(have)
        self._columns = int(self._encoder.transform(have).shape[1])
        return self

    @property
    def width(self) -> int:
        """Number of columns d of the vectors."""
        return self._columns + self._flagged

    def transform(self, modality: Modality) -> FloatArray:
        """Return the vectors of a modality with the same columns, shape (n, d)."""
        if modality.present.all() and not self._flagged:
            return self._encoder.transform(modality)
        present = np.flatnonzero(modality.present)
        vectors = np.zeros((len(modality), self.width))
        if len(present):
            vectors[present, : self._columns] = self._encoder.transform(modality.take(present))
        if self._flagged:
            vectors[:, self._columns] = ~modality.present
        return vectors


class AllVectors:
    """The vectors of every modality of a cohort, side by side in the order of their names.

    Parameters
    ----------
    components, seed : int
        As of ``ModalityVectors``.
    """

    def __init__(self, components: int, seed: int) -> None:
        self.components = components
        self.seed = seed

    def fit(self, patients: Patients) -> "AllVectors":
        """Learn from the training patients; an error names the modality."""
        self._vectors: Mapping[str, ModalityVectors] = {}
        for name in sorted(patients.modalities):
            try:
                vectors = ModalityVectors(self.components, self.seed).fit(patients.modalities[name])
            except ValueError as error:
                raise ValueError(f"modality {name!r}: {error}") from error
            self._vectors = {**self._vectors, name: vectors}
        return self

    def transform(self, patients: Patients) -> FloatArray:
        """Return the features of n patients, shape (n, d)."""
        parts = [vectors.transform(patients.modalities[name]) for name, vectors in self._vectors.items()]
        return np.concatenate(parts, axis=1)


class _TableEncoder:
    def fit(self, modality: Modality) -> None:
        assert isinstance(modality, Table)
        self._features = TabularPreprocessor().fit(modality)

    def transform(self, modality: Modality) -> FloatArray:
        assert isinstance(modality, Table)
        return self._features.transform(modality)


class _Standardised:
    """Components of another encoder, brought to mean 0 and variance 1; those that do not vary are dropped."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def fit(self, modality: Modality) -> None:
        self._encoder.fit(modality)
        components = self._encoder.transform(modality)
        self._mean = components.mean(axis=0)
        deviation = components.std(axis=0)
        self._kept: BoolArray = deviation > 1e-8 * max(1.0, float(deviation.max(initial=0.0)))
        self._deviation = deviation[self._kept]

    def transform(self, modality: Modality) -> FloatArray:
        found: FloatArray = (self._encoder.transform(modality) - self._mean)[:, self._kept] / self._deviation
        return found


class _MatrixEncoder:
    """Robust standardisation, clipping, principal components."""

    def __init__(self, components: int, seed: int) -> None:
        self.components, self.seed = components, seed

    def fit(self, modality: Modality) -> None:
        values = _rows(modality)
        lower, self._median, upper = np.nanpercentile(values, [25, 50, 75], axis=0)
        # Where half the values and more are equal (mutation flags), the standard deviation stands in.
        spread = (upper - lower) / _NORMAL_RANGE
        self._scale = np.where(spread > 0, spread, np.nanstd(values, axis=0))
        # The scale of equal values may be a rounding error above 0.
        varies = np.nanmax(values, axis=0) > np.nanmin(values, axis=0)
        self._varying = np.isfinite(self._median) & (self._scale > 0) & varies
        if not self._varying.any():
            raise ValueError("no column varies among the training patients")
        clipped = self._clipped(values)
        if self.components:
            few = min(self.components, *clipped.shape)
            self._pca = PCA(n_components=few, random_state=self.seed).fit(clipped)

    def transform(self, modality: Modality) -> FloatArray:
        clipped = self._clipped(_rows(modality))
        if not self.components:
            return clipped
        projected: FloatArray = self._pca.transform(clipped)
        return projected

    def _clipped(self, values: FloatArray) -> FloatArray:
        keep = self._varying
        standard = (values[:, keep] - self._median[keep]) / self._scale[keep]
        clipped: FloatArray = np.clip(np.nan_to_num(standard, nan=0.0), -CLIP, CLIP)
        return clipped


class _TextEncoder:
    """tf-idf and a truncated singular value decomposition."""

    def __init__(self, components: int, seed: int) -> None:
        self.components, self.seed = components, seed

    def fit(self, modality: Modality) -> None:
        assert isinstance(modality, Texts)
        rare = min(MINIMUM_TEXTS, len(modality) // 2)
        self._words = TfidfVectorizer(min_df=max(1, rare), sublinear_tf=True)
        counts = self._words.fit_transform(modality.texts)
        few = min(self.components, counts.shape[0] - 1, counts.shape[1] - 1)
        if few < 1:
            raise ValueError("the training texts have fewer than two words in common use")
        self._decomposition = TruncatedSVD(n_components=few, random_state=self.seed).fit(counts)

    def transform(self, modality: Modality) -> FloatArray:
        assert isinstance(modality, Texts)
        projected: FloatArray = self._decomposition.transform(self._words.transform(modality.texts))
        return projected


def _encoder_of(modality: Modality, components: int, seed: int) -> Encoder:
    if isinstance(modality, Table):
        return _TableEncoder()
    if isinstance(modality, Texts):
        return _Standardised(_TextEncoder(components, seed))
    return _Standardised(_MatrixEncoder(components, seed)) if components else _MatrixEncoder(components, seed)


def _rows(modality: Modality) -> FloatArray:
    """Return the values of a Matrix, or the mean instance of each bag, one bag in memory at a time."""
    if isinstance(modality, Bags):
        return np.stack([modality[row].mean(axis=0, dtype=np.float64) for row in range(len(modality))])
    assert isinstance(modality, Matrix)
    return modality.values.astype(np.float64)
