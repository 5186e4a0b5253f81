"""The errors a person at the command line is meant to read."""

import difflib
from collections.abc import Iterable, Sequence

# A matrix may have tens of thousands of columns; methods and datasets are fewer than this.
MOST_KNOWN = 60
# Characters of a name that a hint shows.
LONGEST_NAME = 60


class UsageError(Exception):
    """Something the caller asked for cannot be done; the message is one line and says what to do instead.

    The command line prints it without a traceback and exits with code 2.
    """


class ReportError(UsageError):
    """Several things are wrong with one input.

    The command line prints each on a line of its own; the text of the error has them all on one.

    Parameters
    ----------
    title : str
        What they are problems of.
    problems : sequence of str
        A line each.
    """

    def __init__(self, title: str, problems: Sequence[str]) -> None:
        super().__init__(title, tuple(problems))
        self.title = title
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return f"{self.title}: {'; '.join(self.problems)}"


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
    """Return a clause that proposes similar names, or lists them if none is similar, of very many the first."""
    known = [one if len(one) <= LONGEST_NAME else f"{one[: LONGEST_NAME - 1]}…" for one in known]
    # Of long names the comparison takes minutes.
    name = name[:LONGEST_NAME]
    similar = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if similar:
        return f"did you mean {' or '.join(similar)}?"
    rest = len(known) - MOST_KNOWN
    return f"known are: {', '.join(known[:MOST_KNOWN])}{f' and {rest} more' if rest > 0 else ''}"
