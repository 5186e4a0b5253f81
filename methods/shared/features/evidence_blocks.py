"""Blocks of features for a Cox model with a penalty of its own for each: one or two a modality, and who lacks which."""

import numpy as np
from sklearn.decomposition import PCA

from benchmarks.types import FloatArray, IntArray, Modality, Patients, Table, Texts
from methods.shared.features.common_columns import CommonColumns
from methods.shared.features.components import ModalityVectors
from methods.shared.features.report_facts import FactVectors

CLINICAL, FACTS = "clinical", "facts"
MISSING = "missing"
"""The block of the flags that say who lacks a modality."""
HINGES = {"age": 0.6}
"""Clinical columns that may bend, and at which quantile."""


class EvidenceBlocks:
    """Features of every modality by block, with everything learnt from the patients given to ``fit``.

    Tables: ``CommonColumns``; age may bend at its 60 % quantile; facts of reports as ``FactVectors`` takes them. Texts:
    components of latent semantic analysis at variance 1. Matrices, and bags by their mean instance: columns
    standardised robustly and cut, then principal components whose variance stays their eigenvalue, so that a common
    penalty shrinks the small ones more. A patient without a modality has 0 in its columns; if training patients lack
    it, a flag in a block of its own says who does. What stands in the place is never read.

    Parameters
    ----------
    components : int
        Most principal components of a matrix or of bags.
    leading : int
        If above 0, so many of the first components are one block and the others another ("rna, rest").
    text_components : int
        Most components of texts.
    style : bool
        Whether facts that tell how a hospital writes are read.
    seed : int
        Of the randomised decompositions.
    """

    def __init__(self, components: int, leading: int, text_components: int, *, style: bool, seed: int) -> None:
        self.components = components
        self.leading = leading
        self.text_components = text_components
        self.style = style
        self.seed = seed

    def fit(self, patients: Patients) -> "EvidenceBlocks":
        """Learn from the training patients; an error names the modality."""
        self._encoders = {}
        names: list[str] = []
        block: list[int] = []
        # The clinical block comes first, the others by name.
        for name in sorted(patients.modalities, key=lambda name: (name != CLINICAL, name)):
            modality = patients.modalities[name]
            try:
                self._encoders[name] = self._encoder(name, modality)
            except ValueError as error:
                raise ValueError(f"modality {name!r}: {error}") from error
            width = self._encoders[name].width
            first = self.leading if self.leading and isinstance(self._encoders[name], _Components) else width
            for label, size in ((name, min(first, width)), (f"{name}, rest", width - first)):
                if size > 0:
                    block += [len(names)] * size
                    names.append(label)
        self._flagged = [name for name in self._encoders if not patients.modalities[name].present.all()]
        if self._flagged:
            block += [len(names)] * len(self._flagged)
            names.append(MISSING)
        self.names = tuple(names)
        """Names of the B blocks."""
        self.block: IntArray = np.array(block, dtype=np.int64)
        """Block of each of the p features."""
        self._shares = np.array([1 - patients.modalities[name].present.mean() for name in self._flagged])
        return self

    def transform(self, patients: Patients) -> FloatArray:
        """Return the features of n patients, shape (n, p)."""
        parts = [encoder.transform(patients.modalities[name]) for name, encoder in self._encoders.items()]
        if self._flagged:
            absent = np.stack([~patients.modalities[name].present for name in self._flagged], axis=1)
            parts.append((absent - self._shares) / np.sqrt(self._shares * (1 - self._shares)))
        return np.concatenate(parts, axis=1)

    def _encoder(self, name: str, modality: Modality) -> "_Columns | _Vectors | _Components":
        if isinstance(modality, Table):
            return _Columns(name, modality, style=self.style)
        if isinstance(modality, Texts):
            return _Vectors(modality, self.text_components, self.seed)
        return _Components(modality, self.components, self.seed)


class _Columns:
    """Columns of a table."""

    def __init__(self, name: str, table: Modality, *, style: bool) -> None:
        assert isinstance(table, Table)
        if name == FACTS:
            self._columns: FactVectors | CommonColumns = FactVectors(style=style, flag_missing=False)
        else:
            bends = {column: where for column, where in HINGES.items() if name == CLINICAL and column in table.frame}
            self._columns = CommonColumns(hinge=bends)
        self.width = len(self._columns.fit(table).names)

    def transform(self, table: Modality) -> FloatArray:
        assert isinstance(table, Table)
        return self._columns.transform(table)


class _Vectors:
    """Components of texts, at variance 1."""

    def __init__(self, texts: Modality, components: int, seed: int) -> None:
        self._vectors = ModalityVectors(components, seed, flag_missing=False).fit(texts)
        self.width = self._vectors.width

    def transform(self, texts: Modality) -> FloatArray:
        return self._vectors.transform(texts)


class _Components:
    """Principal components with their own variance."""

    def __init__(self, modality: Modality, components: int, seed: int) -> None:
        self._columns = ModalityVectors(0, seed, flag_missing=False).fit(modality)
        have = self._columns.transform(modality.take(np.flatnonzero(modality.present)))
        self._pca = PCA(n_components=min(components, len(have) - 1, have.shape[1]), random_state=seed).fit(have)
        # The last components of few columns may have no variance but rounding.
        variances = self._pca.explained_variance_
        self.width = int((variances > 1e-12 * variances[0]).sum())

    def transform(self, modality: Modality) -> FloatArray:
        found = np.zeros((len(modality), self.width))
        present = np.flatnonzero(modality.present)
        if len(present):
            columns = self._columns.transform(modality.take(present))
            found[present] = self._pca.transform(columns)[:, : self.width]
        return found
