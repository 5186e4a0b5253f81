"""The check of bags: every one is read, and holds finite numbers."""

import numpy as np

from benchmarks.contract.finding import Verdict
from benchmarks.errors import RowError, UsageError
from benchmarks.types import Bags, Cohort


def bags_are_finite(cohort: Cohort) -> Verdict:
    """Read every bag; refuse those that cannot be read, are empty, or hold a value that is not finite.

    Where no bag can be read for one and the same reason, such as an encoder that is not installed, that is a warning.
    """
    problems, warnings = [], []
    for name, modality in cohort.patients.modalities.items():
        if not isinstance(modality, Bags):
            continue
        present = np.flatnonzero(modality.present)
        found = {int(row): problem for row in present if (problem := _problem(modality, int(row)))}
        if not found:
            continue
        row, problem = next(iter(found.items()))
        if len(present) > 1 and len(found) == len(present) and len(set(found.values())) == 1:
            warnings.append(f"{name}: no bag can be read here: {problem}")
        else:
            told = f"{name}: {len(found)} of {len(present)} bags are flawed"
            problems.append(f"{told}, first that of {str(cohort.patients.ids[row])!r}: {problem}")
    return Verdict(problems, warnings)


def _problem(bags: Bags, row: int) -> str:
    try:
        bag = bags[row]
    except RowError as error:
        return error.problem
    except (OSError, ValueError, UsageError) as error:
        return str(error)
    if not len(bag):
        return "it is empty"
    flawed = ~np.isfinite(bag)
    if not flawed.any():
        return ""
    instance, place = np.argwhere(flawed)[0]
    return f"{int(flawed.sum())} of {bag.size} values are not finite, first {bag[instance, place]} in vector {instance}"
