"""Texts of others as they may stand on a page that is passed on: no path of a machine, no patient."""

import re

from benchmarks.plain_text import printable

# An absolute path of two parts and more, after nothing that would make it a part of a longer word; blanks are part of
# one that stands in quotes.
_PATH = re.compile(
    r"(?<=['\"])(?:/[^'\"/]+){2,}/?(?=['\"])"
    r"|(?<![\w.:/\\-])(?:file://)?(?:/[^\s/'\":;,()<>|]+){2,}/?"
    r"|(?<!\w)[A-Za-z]:[\\/][^\s'\":;,()<>|]+"
)

# What a problem says of one patient, to its end.
_OF_A_PATIENT = re.compile(r": [^:]*\bpatient \d.*", re.DOTALL)


def without_paths(text: str) -> str:
    """Return a printable text in which an absolute path is the name of its file.

    Examples
    --------
    >>> without_paths("cannot read /home/ada/cohort/table.csv: no such file")
    'cannot read …/table.csv: no such file'
    """
    return _PATH.sub(lambda found: "…/" + re.split(r"[\\/]", found[0].rstrip("/\\"))[-1], printable(text))


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
