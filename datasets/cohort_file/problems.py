"""All that is wrong with the tables of a cohort, in one report: each kind of problem once, with its count."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.errors import ReportError, UsageError

MOST_LINES = 20
MOST_VALUES = 3
LONGEST_VALUE = 40  # characters


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of problem of a file: what is wrong, in words, and how often."""

    file: str
    text: str
    count: int


class Report:
    """Problems as they are found, raised together at the end."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, file: str, text: str, count: int = 1) -> None:
        """Add a kind of problem; of a file that is read twice each is told once."""
        if (problem := Problem(file, text, count)) not in self._found:
            self._found.append(problem)

    def add_error(self, error: UsageError, where: str) -> None:
        """Add why a file cannot be read at all; ``where`` names it if the error does not."""
        file, named, text = str(error).partition(": ")
        self.add(file if named else where, text if named else file)

    def raise_found(self) -> None:
        """Raise what was found: file by file, the most frequent problem of a file first; nothing if all is well.

        Raises
        ------
        UsageError
            If there is one problem.
        ReportError
            If there are several.
        """
        files = list(dict.fromkeys(problem.file for problem in self._found))
        ordered = sorted(self._found, key=lambda problem: (files.index(problem.file), -problem.count))
        if not ordered:
            return
        if len(ordered) == 1:
            raise UsageError(f"{ordered[0].file}: {ordered[0].text}")
        told = [problem.text if len(files) == 1 else f"{problem.file}: {problem.text}" for problem in ordered]
        rest = len(told) - MOST_LINES
        raise ReportError(
            f"{', '.join(files)}: {len(told)} problems", told[:MOST_LINES] + ([f"and {rest} more"] if rest > 0 else [])
        )


def told_values(values: Iterable[object]) -> str:
    """Return the most frequent of some values, with their counts if there are several different ones."""
    counts = Counter(quoted(str(value)) for value in values)
    if len(counts) == 1:
        return next(iter(counts))
    told = ", ".join(f"{value} {count}" for value, count in counts.most_common(MOST_VALUES))
    rest = len(counts) - MOST_VALUES
    return told + (f" and {rest} other{'s' if rest > 1 else ''}" if rest > 0 else "")


def quoted(value: object) -> str:
    """Return a value of the user's on one line, a text in quotes, the end of a long one cut off."""
    return repr(shortened(value)) if isinstance(value, str) else shortened(repr(value))


def shortened(text: str) -> str:
    """Return a text, the end of a long one cut off."""
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
