"""Texts of others as they may stand on a page that is passed on: no path of a machine, no patient."""

import re

from benchmarks.passed_on import without_paths

__all__ = ["without_details", "without_paths"]

# What a problem says of one patient, to its end.
_OF_A_PATIENT = re.compile(r": [^:]*\bpatient \d.*", re.DOTALL)


def without_details(problem: str) -> str:
    """Return why a measure has no mean, less what it says of a single patient: the time of an event, say.

    Examples
    --------
    >>> without_details("undefined in 5 of 5 folds: the curve of patient 3 gives probability 0")
    'undefined in 5 of 5 folds'
    >>> without_details("not applicable in 5 of 5 folds: the dataset has no strata")
    'not applicable in 5 of 5 folds: the dataset has no strata'
    """
    return without_paths(_OF_A_PATIENT.sub("", problem))
