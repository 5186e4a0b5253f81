"""The columns of the facts of pathology reports: those that are known of enough training patients."""

import numpy as np

from benchmarks.types import FloatArray, Table
from methods.shared.features.common_columns import CommonColumns

STYLE = ("words", "parts")
"""Facts that tell how a hospital writes, not what the pathologist saw."""
KNOWN = 0.10
VARYING = 0.05


class FactVectors:
    """Facts of reports as standardised columns, with everything learnt from the rows given to ``fit``.

    A fact known of under 10 % of the training patients who have a report, or in which under 5 % of them differ from the
    commonest value, is dropped. A patient without a report has 0 in every column, and a flag where training patients
    lack one, too.

    Parameters
    ----------
    style : bool
        Whether ``words`` and ``parts`` are among them.
    flag_missing : bool
        Whether a last column says who has no report, if some training patients have none.
    """

    def __init__(self, *, style: bool = True, flag_missing: bool = True) -> None:
        self.style = style
        self.flag_missing = flag_missing

    def fit(self, table: Table) -> "FactVectors":
        """Learn from the facts of n patients; ValueError if none of them has a report or no fact is left."""
        self._columns = CommonColumns(KNOWN, VARYING).fit(self._read(table))
        self._flagged = self.flag_missing and not bool(table.present.all())
        return self

    @property
    def names(self) -> list[str]:
        """Names of the columns, NAME? where it says that the fact is not stated."""
        return [*self._columns.names, *(["no report"] if self._flagged else [])]

    def transform(self, table: Table) -> FloatArray:
        """Return the columns of n patients, shape (n, p)."""
        found = self._columns.transform(self._read(table))
        if not self._flagged:
            return found
        return np.hstack([found, (~table.present)[:, None].astype(np.float64)])

    def _read(self, table: Table) -> Table:
        if self.style:
            return table
        return Table(table.frame.drop(columns=[name for name in STYLE if name in table.frame]), table.present)
