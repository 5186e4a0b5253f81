"""Columns of a table for a penalised model, without those that too few training patients tell anything in."""

import numpy as np

from benchmarks.types import FloatArray, Table

RARE_LEVEL = 0.05
"""A level in a smaller share of the training patients is merged into the commonest one."""
FLAGGED = (0.05, 0.95)
"""A column of which a share between these is missing has a flag that says so."""


class CommonColumns:
    """Numbers at mean 0 and variance 1, levels as 0/1, with everything learnt from the rows given to ``fit``.

    Numbers: the median where missing, and a 0/1 flag where 5 to 95 % of the training patients lack it. Categories: a
    0/1 column for each level but the commonest that at least 5 % have; a missing value, or a level that ``fit`` has not
    seen, counts as the commonest. A patient without the table has 0 everywhere: the mean.

    Parameters
    ----------
    known : float
        A column that a smaller share of the training patients has a value of is dropped.
    varying : float
        A column in which a smaller share of the training patients differs from the commonest value is dropped.
    hinge : mapping of str to float
        Columns that may bend: beside x there is max(x - q, 0), q the quantile given (0.6: the 60 % quantile).
    """

    def __init__(self, known: float = 0.0, varying: float = 0.0, hinge: dict[str, float] | None = None) -> None:
        self.known = known
        self.varying = varying
        self.hinge = hinge or {}

    def fit(self, table: Table) -> "CommonColumns":
        """Learn from a table of n rows.

        Raises
        ------
        ValueError
            If no row has the table, or no column is left.
        """
        have = table.take(np.flatnonzero(table.present))
        if not len(have):
            raise ValueError("no training patient has the table")
        self._numbers = {name: _Number(have.frame[name].to_numpy(), self.hinge.get(name)) for name in self._kept(have)}
        self._levels = {name: _common_levels(have, name) for name in have.categorical}
        raw = self._raw(have)
        self._mean = raw.mean(axis=0) if raw.size else np.zeros(raw.shape[1])
        deviation = raw.std(axis=0) if raw.size else np.zeros(raw.shape[1])
        # The deviation of equal values may be a rounding error above 0.
        self._varies = deviation > 1e-9 * np.maximum(1.0, np.abs(self._mean))
        if not self._varies.any():
            raise ValueError("no column is known of enough training patients and varies among them")
        self._deviation = deviation[self._varies]
        return self

    @property
    def names(self) -> list[str]:
        """Names of the p columns: of numbers, NAME? for a flag, NAME> for a hinge, NAME=LEVEL."""
        names: list[str] = []
        for name, number in self._numbers.items():
            names += [name, *([f"{name}>"] if number.bends else []), *([f"{name}?"] if number.flagged else [])]
        names += [f"{name}={level}" for name, levels in self._levels.items() for level in levels]
        return [name for name, varies in zip(names, self._varies, strict=True) if varies]

    def transform(self, table: Table) -> FloatArray:
        """Return the columns of a table of n rows with the same names, shape (n, p)."""
        found = np.zeros((len(table), int(self._varies.sum())))
        present = np.flatnonzero(table.present)
        if len(present):
            raw = self._raw(table.take(present))
            found[present] = (raw - self._mean)[:, self._varies] / self._deviation
        return found

    def _kept(self, have: Table) -> list[str]:
        """Return the numeric columns that enough rows know and differ in."""
        kept = []
        for name in have.numeric:
            values = have.frame[name].dropna()
            share_known = len(values) / len(have)
            commonest = values.value_counts().max() / len(have) if len(values) else 0.0
            if len(values) and share_known >= self.known and share_known - commonest >= self.varying:
                kept.append(name)
        return kept

    def _raw(self, table: Table) -> FloatArray:
        columns: list[FloatArray] = []
        for name, number in self._numbers.items():
            columns += number.columns(table.frame[name].to_numpy())
        for name, levels in self._levels.items():
            words = table.frame[name].astype(object)
            columns += [np.asarray(words == level, dtype=np.float64) for level in levels]
        return np.stack(columns, axis=1) if columns else np.zeros((len(table), 0))


class _Number:
    """A numeric column: its median for the missing, a flag if many are, and where it bends."""

    def __init__(self, values: FloatArray, hinge: float | None) -> None:
        self.median = float(np.nanmedian(values))
        self.flagged = FLAGGED[0] <= float(np.isnan(values).mean()) <= FLAGGED[1]
        self.bends = hinge is not None
        self.knot = float(np.nanquantile(values, hinge)) if hinge is not None else 0.0

    def columns(self, values: FloatArray) -> list[FloatArray]:
        missing = np.isnan(values)
        filled = np.where(missing, self.median, values)
        bent = [np.maximum(filled - self.knot, 0.0)] if self.bends else []
        return [filled, *bent, *([missing.astype(np.float64)] if self.flagged else [])]


def _common_levels(have: Table, name: str) -> list[str]:
    """Return the levels that have a column: those that are not rare, without the commonest."""
    # Sorted by name first, so that the order of the levels changes nothing where two are equally common.
    shares = have.frame[name].astype(object).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return [str(level) for level in shares.index[1:] if shares[level] / len(have) >= RARE_LEVEL]
