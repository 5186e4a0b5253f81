"""Texts as they may stand in what is passed on: no path of a machine, no patient."""

import re

from benchmarks.plain_text import printable

# An absolute path of two parts and more, after nothing that would make it a part of a longer word; blanks are part of
# one that stands in quotes.
_PATH = re.compile(
    r"(?<=['\"])(?:/[^'\"/]+){2,}/?(?=['\"])"
    r"|(?<![\w.:/\\-])(?:file://)?(?:/[^\s/'\":;,()<>|]+){2,}/?"
    r"|(?<=\bhf:)(?:/[^\s/'\":;,()<>|]+){2,}/?"
    r"|(?<!\w)[A-Za-z]:[\\/][^\s'\":;,()<>|]+"
)

# An identifier is told in quotes, or has a digit in it.
_ONE = r"(?:'[^']*'|\"[^\"]*\"|[^\s:;,()'\"]*\d[^\s:;,()'\"]*)"
_PATIENT = re.compile(rf"\b([Pp]atients?) {_ONE}(?: (?:and|or) {_ONE})?")


def without_paths(text: str) -> str:
    """Return a printable text in which an absolute path is the name of its file.

    Examples
    --------
    >>> without_paths("cannot read /home/ada/cohort/table.csv: no such file")
    'cannot read …/table.csv: no such file'
    """
    return _PATH.sub(lambda found: "…/" + re.split(r"[\\/]", found[0].rstrip("/\\"))[-1], printable(text))


def without_patients(text: str) -> str:
    """Return a printable text without paths in which no patient is named.

    Examples
    --------
    >>> without_patients("ValueError: patient 'TCGA-ZZ-A001': the survival curve is nan")
    'ValueError: patient …: the survival curve is nan'
    """
    return _PATIENT.sub(r"\1 …", without_paths(text))
