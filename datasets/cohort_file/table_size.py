"""How large a table may be: what is larger is refused in seconds instead of being read for hours."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from benchmarks.errors import UsageError

# Methylation arrays have the most columns of what is measured of a patient: 485,577.
MOST_COLUMNS = 500_000
# Of a table whose cells are held as they are written, each of which is looked at.
MOST_COVARIATES = 50_000
MOST_CELLS = 2**32
# Reports of pathology have some ten thousand characters.
LONGEST_CELL = 2**24
# Whole questions stand as names of columns.
LONGEST_NAME = 1000


def require_few_columns(file: str, columns: int, types: Any) -> None:
    """Refuse a table of too many columns; of fewer if all cells are held as texts (``types`` is ``str``)."""
    if types is str and columns > MOST_COVARIATES:
        raise UsageError(
            f"{file}: {columns} columns, at most {MOST_COVARIATES} are read as covariates; "
            'many measurements of a patient are a modality of kind "matrix"'
        )
    if columns > MOST_COLUMNS:
        raise UsageError(f"{file}: {columns} columns, at most {MOST_COLUMNS} are read")


def require_short_names(file: str, names: Iterable[str]) -> None:
    """Refuse a table of which a column has a name of more than ``LONGEST_NAME`` characters."""
    for place, name in enumerate(names):
        if len(name) > LONGEST_NAME:
            raise UsageError(
                f"{file}: the name of column {place + 1} has {len(name)} characters, at most {LONGEST_NAME} are read"
            )


def require_short_cells(file: str, columns: Iterable[tuple[str, "pd.Series[Any]"]], rows: Any) -> None:
    """Refuse a table that has a text of more than ``LONGEST_CELL`` characters; it names the row."""
    for name, column in columns:
        lengths = column.map(len, na_action="ignore")
        if lengths.max() > LONGEST_CELL:
            place = int(lengths.to_numpy(dtype=float, na_value=0).argmax())
            raise UsageError(
                f"{file}: row {rows[place]}, column {name[:100]!r}: a text of {int(lengths.max())} characters, at most "
                f"{LONGEST_CELL} are read"
            )
