"""Checks for columns that number the patients, and for identifiers that are one but for their spelling."""

import re

import numpy as np

from benchmarks.contract.evidence import ALLOWED_ERROR
from benchmarks.contract.finding import Verdict
from benchmarks.contract.measurements import count_columns
from benchmarks.contract.names import is_identifier_by_name
from benchmarks.types import Cohort, FloatArray, Table

# Of fewer numbers neither their order nor that none repeats says anything.
LEAST_NUMBERS = 10
# Measurements hardly have so many digits; numbers of records do.
LONG_NUMBER = 10_000


def no_column_numbers_the_patients(cohort: Cohort) -> Verdict:
    """Refuse row numbers and other running numbers, warn of what looks like an identifier."""
    columns = count_columns(cohort)
    problems, warnings = [], []
    for name, modality in cohort.patients.modalities.items():
        if not isinstance(modality, Table):
            continue
        for column in map(str, modality.frame):
            label = f"{name}: {column!r}"
            if column in modality.numeric:
                values = modality.frame[column].to_numpy()
                values = values[np.isfinite(values)]
                if _is_running_number(values, columns):
                    problems.append(f"{label} numbers the patients, {values.min():g} to {values.max():g}: leave it out")
                    continue
                if _runs_with_the_rows(values):
                    warnings.append(f"{label} goes one way from row to row: a row number, or what rows are sorted by?")
                    continue
                if _is_long_and_unique(values):
                    warnings.append(f"{label} holds long whole numbers, each once: an identifier?")
                    continue
            if is_identifier_by_name(column):
                warnings.append(f"{label} is called as identifiers are; an identifier is no covariate")
    return Verdict(problems, warnings)


def _is_running_number(values: FloatArray, columns: int) -> bool:
    r"""Return whether whole numbers are each there once although there is little room for that.

    Of n numbers drawn from a range of R ones, all differ with a probability of at most :math:`e^{-n(n-1)/2R}`, which is
    reached if all numbers of the range are as likely.
    """
    n = values.size
    if n < LEAST_NUMBERS or (values != np.round(values)).any() or np.unique(values).size < n:
        return False
    room = float(values.max() - values.min()) + 1
    return float(np.exp(-n * (n - 1) / (2 * room))) * columns < ALLOWED_ERROR


def _runs_with_the_rows(values: FloatArray) -> bool:
    """Return whether each number is greater than the one before, or each smaller."""
    steps = np.diff(values)
    return values.size >= LEAST_NUMBERS and bool((steps > 0).all() or (steps < 0).all())


def _is_long_and_unique(values: FloatArray) -> bool:
    if values.size < LEAST_NUMBERS or (values != np.round(values)).any() or np.unique(values).size < values.size:
        return False
    # What is measured in thousands ends in noughts.
    return bool(np.median(values) >= LONG_NUMBER and np.mean(values % 10 == 0) < 0.5)


def no_identifier_is_spelt_twice(cohort: Cohort) -> Verdict:
    """Refuse identifiers that differ in capitals alone, or in which blanks and punctuation stand at a place."""
    spelt: dict[str, list[str]] = {}
    for identifier in map(str, cohort.patients.ids):
        spelt.setdefault(re.sub(r"[\W_]+", "-", identifier.casefold()).strip("-"), []).append(identifier)
    twice = [same for same in spelt.values() if len(same) > 1]
    if not twice:
        return Verdict()
    first, second = twice[0][:2]
    n = sum(len(same) for same in twice)
    told = f"{n} identifiers are those of others but for capitals, blanks or punctuation"
    return Verdict([f"{told}, first {first!r} and {second!r}"])
