"""The errors a person at the command line is meant to read."""

import difflib
from collections.abc import Iterable, Sequence


class UsageError(Exception):
    """Something the caller asked for cannot be done; the message is one line and says what to do instead.

    The command line prints it without a traceback and exits with code 2.
    """


class RowError(ValueError):
    """A value of one patient is invalid.

    Raised where only the row number is known; whoever knows the patients re-raises it with ``named``.

    Parameters
    ----------
    row : int
        Row of the patient, counted from 0.
    problem : str
        What is wrong with the value.
    """

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(f"row {row}: {problem}")
        self.row = row
        self.problem = problem

    def named(self, ids: Sequence[str]) -> ValueError:
        """Return the same error with the patient's identifier instead of the row number."""
        return ValueError(f"patient {ids[self.row]!r}: {self.problem}")


class CompleteCasesError(ValueError):
    """No patient can be kept who has all modalities: one is not in the cohort, or no patient has them all."""


def hint(name: str, known: Iterable[str]) -> str:
    """Return a clause that proposes similar names, or lists all if none is similar."""
    known = list(known)
    similar = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(similar)}?" if similar else f"known are: {', '.join(known)}"
