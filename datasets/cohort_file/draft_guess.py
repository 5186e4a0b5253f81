"""A guess with its reason, and how names of a user's table are written in a message."""

from collections.abc import Sequence
from dataclasses import dataclass

from .problems import quoted


@dataclass(frozen=True, slots=True)
class Guess:
    """What a table tells about one question.

    Parameters
    ----------
    answer : str or None
        The answer; None if the table does not tell.
    reason : str
        Why, or what is to be asked.
    """

    answer: str | None
    reason: str


def listed(names: Sequence[str], most: int = 8) -> str:
    """Return names in quotation marks, control characters escaped, not more than ``most`` of them."""
    shown = ", ".join(quoted(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
