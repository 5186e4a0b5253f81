"""Vectors of what is not text: covariates, expression, anything of numbers.

All that is learnt of the training patients is a few arrays, so that a student can be saved without pickle.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.decomposition import PCA

from benchmarks.types import Bags, FloatArray, IntArray, Matrix, Modality, Patients, Table, Texts
from methods.shared.features.modality_blocks import Blocks
from methods.shared.features.tabular import RARE_SHARE

# Standardised values beyond this many deviations are cut.
CLIP = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class ColumnScale:
    """Columns less a centre, over a spread, cut at +-5; 0 where a value is missing."""

    centre: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, values: FloatArray) -> "ColumnScale":
        """Learn mean and standard deviation of the columns, shape (n, p); a constant column becomes 0."""
        known = np.ma.masked_invalid(values)
        spread = known.std(axis=0).filled(0.0)
        centre = known.mean(axis=0).filled(0.0)
        # The deviation of equal values may be a rounding error above 0.
        return cls(centre, np.where(spread > 1e-9 * np.maximum(1.0, np.abs(centre)), spread, np.inf))

    def apply(self, values: FloatArray) -> FloatArray:
        """Return the scaled columns, shape (n, p)."""
        scaled: FloatArray = np.clip(np.nan_to_num((values - self.centre) / self.spread, nan=0.0), -CLIP, CLIP)
        return scaled


@dataclass(frozen=True, slots=True, eq=False)
class TableVectors:
    """Numbers, a flag for each column with missing values, and a 0/1 column for each level that 1 % have."""

    numbers: list[str]
    flagged: list[str]
    levels: dict[str, list[str]]
    scale: ColumnScale

    @classmethod
    def of(cls, table: Table) -> "TableVectors":
        """Learn from the rows of training patients."""
        levels = {}
        for name in table.categorical:
            shares = table.frame[name].astype(object).value_counts().sort_index() / len(table)
            levels[name] = [str(level) for level in shares.index if shares[level] >= RARE_SHARE]
        flagged = [str(name) for name in table.frame if table.frame[name].isna().any()]
        unscaled = cls(list(table.numeric), flagged, levels, ColumnScale(np.zeros(1), np.ones(1)))
        return cls(unscaled.numbers, flagged, levels, ColumnScale.of(unscaled.columns(table)))

    def columns(self, table: Table) -> FloatArray:
        """Return the columns before they are scaled, shape (n, p)."""
        frame = table.frame
        found = [frame[name].to_numpy(np.float64) for name in self.numbers]
        found += [frame[name].isna().to_numpy(np.float64) for name in self.flagged]
        for name, levels in self.levels.items():
            words = frame[name].astype(object)
            found += [np.asarray(words == level, dtype=np.float64) for level in levels]
        return np.stack(found, axis=1) if found else np.zeros((len(table), 0))

    def transform(self, table: Modality) -> FloatArray:
        """Return the vectors of n rows."""
        assert isinstance(table, Table), "a table stays a table"
        return self.scale.apply(self.columns(table))


@dataclass(frozen=True, slots=True, eq=False)
class MatrixVectors:
    """Standardised columns, or their first principal components, standardised; of a bag its mean instance."""

    scale: ColumnScale
    axes: FloatArray | None
    components: ColumnScale | None

    @classmethod
    def of(cls, values: FloatArray, components: int, seed: int) -> "MatrixVectors":
        """Learn from the rows of training patients; with 0 components the columns themselves."""
        scale = ColumnScale.of(values)
        if not components:
            return cls(scale, None, None)
        scaled = scale.apply(values)
        few = min(components, len(scaled) - 1, scaled.shape[1])
        axes = PCA(few, svd_solver="randomized", random_state=seed).fit(scaled).components_.T
        return cls(scale, axes, ColumnScale.of(scaled @ axes))

    def transform(self, modality: Modality) -> FloatArray:
        """Return the vectors of n rows."""
        scaled = self.scale.apply(_rows(modality))
        return scaled if self.axes is None or self.components is None else self.components.apply(scaled @ self.axes)


class Measurements:
    """Vectors of every modality but texts, with everything learnt of the training patients.

    Parameters
    ----------
    components : int
        Most components of a matrix or of bags; 0: their columns.
    """

    def __init__(self, components: int) -> None:
        self.components = components
        self._vectors: dict[str, TableVectors | MatrixVectors] = {}

    def fit(self, patients: Patients, seed: int) -> "Measurements":
        """Learn from the training patients.

        Raises
        ------
        ValueError
            If fewer than two of them have a modality; it names it.
        """
        for name in sorted(patients.modalities):
            modality = patients.modalities[name]
            if isinstance(modality, Texts):
                continue
            have = np.flatnonzero(modality.present)
            if len(have) < 2:
                raise ValueError(f"modality {name!r}: {len(have)} training patients have it, at least 2 are needed")
            rows = modality.take(have)
            if isinstance(rows, Table):
                self._vectors[name] = TableVectors.of(rows)
            else:
                self._vectors[name] = MatrixVectors.of(_rows(rows), self.components, seed)
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The modalities, in the order of the vectors."""
        return tuple(self._vectors)

    @property
    def widths(self) -> tuple[int, ...]:
        """Width of each modality's vectors."""
        return tuple(_width(vectors) for vectors in self._vectors.values())

    @property
    def tables(self) -> tuple[bool, ...]:
        """Which of them are tables."""
        return tuple(isinstance(vectors, TableVectors) for vectors in self._vectors.values())

    def transform(self, patients: Patients) -> Blocks:
        """Return the vectors of n patients, 0 in the place of a missing one, and who has which, shape (n, M)."""
        n = len(patients.ids)
        found, present = [], np.zeros((n, len(self._vectors)), dtype=np.bool_)
        for place, (name, encoder) in enumerate(self._vectors.items()):
            modality = patients.modalities[name]
            have: IntArray = np.flatnonzero(modality.present)
            values = np.zeros((n, self.widths[place]))
            if len(have):
                values[have] = encoder.transform(modality.take(have))
            present[have, place] = True
            found.append(values)
        return Blocks(tuple(found), present)

    def state(self) -> tuple[dict[str, Any], dict[str, FloatArray]]:
        """Return what was learnt: plain values, and arrays by name."""
        plain: dict[str, Any] = {}
        arrays: dict[str, FloatArray] = {}
        for name, vectors in self._vectors.items():
            arrays |= {f"{name}.centre": vectors.scale.centre, f"{name}.spread": vectors.scale.spread}
            if isinstance(vectors, TableVectors):
                plain[name] = {"numbers": vectors.numbers, "flagged": vectors.flagged, "levels": vectors.levels}
                continue
            plain[name] = None
            if vectors.axes is not None and vectors.components is not None:
                arrays |= {
                    f"{name}.axes": vectors.axes,
                    f"{name}.components.centre": vectors.components.centre,
                    f"{name}.components.spread": vectors.components.spread,
                }
        return plain, arrays

    @classmethod
    def restored(cls, components: int, plain: dict[str, Any], arrays: dict[str, FloatArray]) -> "Measurements":
        """Return what ``state`` was taken of."""
        found = cls(components)
        for name, table in plain.items():
            scale = ColumnScale(arrays[f"{name}.centre"], arrays[f"{name}.spread"])
            if table is not None:
                found._vectors[name] = TableVectors(table["numbers"], table["flagged"], table["levels"], scale)
                continue
            axes = arrays.get(f"{name}.axes")
            of_components = (
                None
                if axes is None
                else ColumnScale(arrays[f"{name}.components.centre"], arrays[f"{name}.components.spread"])
            )
            found._vectors[name] = MatrixVectors(scale, axes, of_components)
        return found


def _width(vectors: TableVectors | MatrixVectors) -> int:
    if isinstance(vectors, MatrixVectors) and vectors.axes is not None:
        return int(vectors.axes.shape[1])
    return len(vectors.scale.centre)


def _rows(modality: Modality) -> FloatArray:
    """Return the values of a Matrix, or the mean instance of each bag, one bag in memory at a time."""
    if isinstance(modality, Bags):
        return np.stack([modality[row].mean(axis=0, dtype=np.float64) for row in range(len(modality))])
    assert isinstance(modality, Matrix), "neither text nor table nor bag"
    return modality.values.astype(np.float64)
