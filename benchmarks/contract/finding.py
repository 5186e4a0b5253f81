"""What a check found: passed, passed with warnings, or failed."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """How well one column alone orders the patients by their outcome.

    Parameters
    ----------
    modality, column : str
        Where it stands; of a category, ``column`` names the level, too.
    concordance : float
        Harrell's C of the column alone among the patients of whom it is known, 0.5 or more: high values may go with
        early or with late events.
    known, events : int
        Patients of whom the column is known, and how many of them have the event.
    lower : float
        Lower confidence limit of the concordance, by ``benchmarks.contract.evidence``.
    """

    modality: str
    column: str
    concordance: float
    known: int
    events: int
    lower: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check has to say; no problem and no warning if all is well.

    Parameters
    ----------
    problems : sequence of str
        What the check is failed for, all of it.
    warnings : sequence of str
        What a person should look at, and may be right all the same.
    strongest : sequence of Strength
        The columns that order patients best, where the check has looked at columns.
    """

    problems: Sequence[str] = ()
    warnings: Sequence[str] = ()
    strongest: Sequence[Strength] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of one check; ``problem`` is empty if it passed, and a line each for several problems."""

    check: str
    problem: str = ""
    warnings: tuple[str, ...] = ()
    strongest: tuple[Strength, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether what was checked fulfils this part of the contract."""
        return not self.problem

    @classmethod
    def of(cls, check: str, verdict: Verdict) -> "Finding":
        """Put a title to a verdict."""
        problem = "\n".join(one_line(text) for text in verdict.problems)
        return cls(check, problem, tuple(one_line(text) for text in verdict.warnings), tuple(verdict.strongest))


def one_line(text: str) -> str:
    """Return a text with every run of blanks and line ends as one blank."""
    return " ".join(text.split())
