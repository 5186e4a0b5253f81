"""The columns of a cohort as numbers, one at a time: what the checks of a dataset look at."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.types import BoolArray, Cohort, FloatArray, Matrix, Modality, Table

# Of a wide matrix, so many columns are examined: those whose ranks go best with the observed times.
EXAMINED_COLUMNS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """A column of a table or matrix as numbers.

    Parameters
    ----------
    modality, column : str
        Where it stands.
    name : str
        The column, and of a category which level.
    values : array, shape (n,)
        NaN = missing; 0 and 1 for the level of a category.
    """

    modality: str
    column: str
    name: str
    values: FloatArray

    @property
    def known(self) -> BoolArray:
        """Of whom there is a value."""
        return np.isfinite(self.values)

    @property
    def label(self) -> str:
        """Modality and name, as messages say it."""
        return f"{self.modality}: {self.name!r}"


def measurements(name: str, modality: Modality) -> Iterator[Measurement]:
    """Yield the columns of a table or matrix.

    Of a category each level, but one if it has two; of an ordered one its rank.
    """
    if isinstance(modality, Matrix):
        for place, column in enumerate(modality.names):
            yield Measurement(name, column, column, modality.values[:, place].astype(np.float64))
    if isinstance(modality, Table):
        for column in modality.numeric:
            yield Measurement(name, column, column, modality.frame[column].to_numpy())
        for column in modality.categorical:
            yield from _levels(name, column, modality.frame[column])


def examined(name: str, modality: Modality, cohort: Cohort) -> Iterator[Measurement]:
    """Yield all columns of a table, and those of a matrix whose ranks go best with the times of the events."""
    if not isinstance(modality, Matrix) or len(modality.names) <= EXAMINED_COLUMNS:
        yield from measurements(name, modality)
        return
    rows = np.flatnonzero(cohort.outcome.event & modality.present)
    if rows.size < 3:
        return
    ranked = pd.DataFrame(modality.values[rows]).rank()
    ranks = ranked.fillna(ranked.mean()).fillna(0.0).to_numpy()
    times = pd.Series(cohort.outcome.time[rows]).rank().to_numpy()
    ranks -= ranks.mean(axis=0)
    spread = np.sqrt((ranks**2).sum(axis=0))
    strength = np.abs((times - times.mean()) @ ranks) / np.where(spread > 0, spread, 1.0)
    for place in np.argsort(-strength)[:EXAMINED_COLUMNS]:
        column = modality.names[place]
        yield Measurement(name, column, column, modality.values[:, place].astype(np.float64))


def count_columns(cohort: Cohort) -> int:
    """Return how many columns the tables and matrices of a cohort have; 1 if there is none."""
    counts = (
        len(modality.names) if isinstance(modality, Matrix) else modality.frame.shape[1]
        for modality in cohort.patients.modalities.values()
        if isinstance(modality, Matrix | Table)
    )
    return max(1, sum(counts))


def _levels(name: str, column: str, values: "pd.Series[str]") -> Iterator[Measurement]:
    category = values.cat
    codes = np.where(category.codes < 0, np.nan, category.codes.astype(np.float64))
    if category.ordered:
        yield Measurement(name, column, column, codes)
        return
    levels = list(category.categories)
    for code, level in enumerate(levels[:1] if len(levels) == 2 else levels):
        yield Measurement(name, column, f"{column} = {level}", np.where(np.isnan(codes), np.nan, codes == code))
