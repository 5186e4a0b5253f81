"""Which cells of a table mean that a value is missing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from .description import Level

# The usual marks of a missing value, which pandas knows as such in columns of numbers.
_MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip


def cleaned(column: "pd.Series[Any]", missing: Sequence[Level]) -> "pd.Series[Any]":
    """Return texts without blanks around them; empty ones and those that mean missing are missing."""
    texts = column.astype("string").str.strip()
    marks = {str(mark).strip() for mark in missing}
    absent = texts.isin([*_MISSING, *marks])
    numbers = [float(mark) for mark in marks if _is_number(mark)]
    if numbers:
        absent |= pd.to_numeric(texts, errors="coerce").isin(numbers)
    cleaned: pd.Series[Any] = texts.astype(object)
    cleaned[absent | texts.isna()] = None
    return cleaned


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False
