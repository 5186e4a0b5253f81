"""What the values of an event column mean: only known words and codes count, and no outcome is turned round."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .draft_names import plain

_HAPPENED = frozenset(
    {
        *("dead", "deceased", "died", "death", "dead with tumor", "died of disease", "dead of disease"),
        *("died of other causes", "event", "relapse", "relapsed", "recurred", "recurrence", "recurred/progressed"),
        *("progression", "progressed", "churned", "failed"),
    }
)
_DID_NOT = frozenset(
    {
        *("alive", "living", "not dead", "censored", "censor", "no event", "event free", "event-free", "none"),
        *("disease free", "disease-free", "diseasefree", "progression free", "progression-free", "relapse free"),
        *("relapse-free", "alive or dead tumor free", "lost", "lost to follow-up", "lost to follow up"),
    }
)
# Which of the two means the event hangs on the question, that is, on the column's name.
_YES = frozenset(("1", "yes", "y", "true", "t"))
_NO = frozenset(("0", "no", "n", "false", "f"))
_CODED = re.compile(r"([01])\s*:\s*\S.*")
_TURNS = ("censor", "cnsr", "alive", "living", "free", "without")
_TURNING_WORDS = frozenset(("no", "not", "non", "cens", "live", "lives", "living"))
_OF_DEATH = frozenset(("dead", "deceased", "died", "death"))


@dataclass(frozen=True, slots=True)
class EventValues:
    """What is known of an event column's values.

    Parameters
    ----------
    happened, censored : tuple of str
        Values that mean the event, and that it was not seen.
    unknown : tuple of str
        Values that may mean either, or that nobody knows.
    reason : str
        Why, or what is to be asked.
    """

    happened: tuple[str, ...]
    censored: tuple[str, ...]
    unknown: tuple[str, ...]
    reason: str

    @property
    def told(self) -> bool:
        """Return whether every value has a meaning, and both meanings occur."""
        return bool(self.happened and self.censored and not self.unknown)


def turns_round(name: str) -> bool:
    """Return whether 1 in a column called so may mean that nothing happened: ``OS_censor``, ``alive``, ``no_relapse``.

    A name with survival in it may count survivors, unless it speaks of an event or of death.
    """
    words = set(plain(name).split("_"))
    if any(part in plain(name) for part in _TURNS) or words & _TURNING_WORDS:
        return True
    if any((word.startswith("cens") and word != "census") or word.endswith("cens") for word in words):
        return True
    return "surviv" in plain(name) and not words & {"event", *_OF_DEATH}


def event_values(name: str, counts: Mapping[str, int], *, in_adtte: bool) -> EventValues:
    """Return what the values of an event column mean.

    Parameters
    ----------
    name : str
        The column.
    counts : mapping of str to int
        Its values, and how many patients have each.
    in_adtte : bool
        Whether the table is CDISC's ADTTE (it has AVAL): there CNSR is 0 for an event, and positive if censored.
    """
    values = tuple(counts)
    if in_adtte and plain(name) == "cnsr" and all(value.isdecimal() for value in values):
        happened = tuple(value for value in values if value == "0")
        censored = tuple(value for value in values if value != "0")
        return EventValues(happened, censored, (), "CNSR beside AVAL, as in CDISC's ADTTE: 0 = event, else censored")
    happened = tuple(value for value in values if _meaning(value) == "happened")
    censored = tuple(value for value in values if _meaning(value) == "did not")
    unknown = tuple(value for value in values if _meaning(value) == "unknown")
    answers = _answers(values)
    if answers and turns_round(name):
        reason = f"the name does not tell whether {answers[0]} means that it happened, or that it did not"
        return EventValues(happened, censored, (*answers, *unknown), reason)
    happened += tuple(value for value in answers if value.lower() in _YES)
    censored += tuple(value for value in answers if value.lower() in _NO)
    if answers and happened and censored and not unknown:
        return EventValues(happened, censored, (), f"{', '.join(happened)} = it happened, as usual")
    if not unknown and happened and censored:
        return EventValues(happened, censored, (), "known words")
    return EventValues(happened, censored, unknown, _question(values, counts, happened, censored, unknown))


def completed(
    found: EventValues, counts: Mapping[str, int], happened: Sequence[str] | None, censored: Sequence[str] | None
) -> EventValues:
    """Return what the values mean when some meanings are given.

    Of the rest only known words count; a single value that is left is taken for the opposite if it is a number or
    an ordinary word, but never if it says that nobody knows.
    """
    if happened is None and censored is None:
        return found
    rest = [value for value in counts if value not in (happened or ()) and value not in (censored or ())]
    if happened is not None and censored is not None:
        if not rest:
            return EventValues(tuple(happened), tuple(censored), (), "given")
        return EventValues(tuple(happened), tuple(censored), tuple(rest), f"{_listed(rest, counts)} is in neither list")
    given, meant = (happened, "did not") if happened is not None else (censored, "happened")
    assert given is not None
    known = [value for value in rest if _means(value, meant)]
    open_ = [value for value in rest if value not in known]
    if len(rest) == 1 and not nobody_knows(rest[0]):
        known, open_ = rest, []
    reason = "given; the rest by known words" if not open_ else f"{_listed(open_, counts)}: not known what it means"
    if happened is not None:
        return EventValues(tuple(happened), tuple(known), tuple(open_), reason)
    return EventValues(tuple(known), tuple(given), tuple(open_), reason)


def nobody_knows(value: str) -> bool:
    """Return whether a value says that nobody knows, such as Not Reported or '--."""
    if re.search(r"\d", value):
        return value in ("9", "99", "999", "-1", "-9", "-99", "-999")
    letters = re.sub(r"[^a-z]+", " ", value.lower()).strip()
    return letters in ("", "na", "unknown", "unk", "not reported", "not available", "not applicable", "missing")


def speaks_of_death(values: Sequence[str]) -> bool:
    """Return whether words of death are among the values."""
    return any(set(re.split(r"[^a-z]+", value.lower())) & _OF_DEATH for value in values)


def _meaning(value: str) -> str:
    """Return what a value means by itself: a known word, or a code with its word as cBioPortal writes it."""
    coded = _CODED.fullmatch(value)
    if coded:
        return "happened" if coded[1] == "1" else "did not"
    word = " ".join(value.lower().replace("_", " ").split())
    if word in _HAPPENED:
        return "happened"
    if word in _DID_NOT:
        return "did not"
    return "answer" if word in _YES | _NO else "unknown"


def _means(value: str, meant: str) -> bool:
    if _meaning(value) == "answer":
        return value.lower() in (_YES if meant == "happened" else _NO)
    return _meaning(value) == meant


def _answers(values: Sequence[str]) -> tuple[str, ...]:
    """Return the values that only answer the question of the name, yes first."""
    return tuple(sorted((value for value in values if _meaning(value) == "answer"), key=lambda v: v.lower() in _NO))


def _question(
    values: Sequence[str],
    counts: Mapping[str, int],
    happened: Sequence[str],
    censored: Sequence[str],
    unknown: Sequence[str],
) -> str:
    if set(values) == {"1", "2"}:
        return "1 and 2: in R's survival 1 = censored and 2 = dead, elsewhere the reverse occurs"
    if set(values) == {"0", "1", "2"}:
        return "0, 1 and 2: several kinds of event (in R's pbc 0 = censored, 1 = transplant, 2 = dead)"
    if len(values) == 1:
        return f"all patients have {values[0]!r}"
    known = [f"{', '.join(found)} = {what}" for found, what in ((happened, "event"), (censored, "censored")) if found]
    told = f" ({'; '.join(known)})" if known else ""
    return f"{_listed(unknown or values, counts)}: not known what it means{told}"


def _listed(values: Sequence[str], counts: Mapping[str, int]) -> str:
    return ", ".join(f"{value!r} ({counts[value]} {'row' if counts[value] == 1 else 'rows'})" for value in values)
