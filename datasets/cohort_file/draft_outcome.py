"""Which columns are the outcome: pairs of a time and an event by their names, the unit, and what the event is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .draft_columns import MOST_EVENT_VALUES, Column
from .draft_guess import Guess, listed
from .draft_names import (
    Role,
    alike,
    event_role,
    names_last_contact,
    names_time_to_event,
    time_role,
    unit_of,
    unit_unknown_here,
)
from .draft_values import speaks_of_death
from .problems import quoted

# Nobody is followed for so long.
_MONTHS_OF_A_LIFE = 840
_YEARS_OF_A_LIFE = 110
# A time is of some patients only, and no outcome, if it is known for fewer than one in so many.
_LEAST_KNOWN = 5
_OTHER = "tells the outcome"


@dataclass(frozen=True, slots=True)
class Pair:
    """A time and the event it belongs to."""

    time: str
    event: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All that may be the outcome.

    Parameters
    ----------
    times, events : tuple of Role
        Columns that may be the time and the event, the most telling names first.
    pairs : tuple of Pair
        Those that belong together by their names.
    in_parts : tuple of str
        Times that are known for some patients only, as days to death and days to the last contact.
    with_words : mapping of str to str
        Columns called like a time that hold a word among the numbers, and that word.
    one_value : mapping of str to str
        Columns called like an event that hold one value only, and that value.
    """

    times: tuple[Role, ...]
    events: tuple[Role, ...]
    pairs: tuple[Pair, ...]
    in_parts: tuple[str, ...]
    with_words: Mapping[str, str]
    one_value: Mapping[str, str]

    def restricted(self, time: str | None, event: str | None) -> tuple[Pair, ...]:
        """Return the pairs that hold the given columns."""
        return tuple(pair for pair in self.pairs if time in (None, pair.time) and event in (None, pair.event))

    def guess_time(self, event: str | None) -> Guess:
        """Return the time, given the event if that is known."""
        pairs = self.restricted(None, event)
        if len({pair.time for pair in pairs}) == 1:
            return Guess(pairs[0].time, "a known name, positive numbers")
        if pairs:
            return Guess(None, _several(pairs))
        known = [role for role in self.times if role.rank < 2]
        if len(known) == 1:
            return Guess(known[0].column, "a known name, positive numbers")
        if known:
            return Guess(None, f"{listed([role.column for role in known])} could be the time")
        if self.in_parts:
            return Guess(
                None,
                f"{listed(self.in_parts)} are known for some patients only; add one column with the time to the event "
                "or to the last contact",
            )
        if self.with_words:
            told = "; ".join(f"{quoted(name)} holds {quoted(word)}" for name, word in self.with_words.items())
            return Guess(None, f"{told}: --missing names words that mean missing")
        weak = [role.column for role in self.times]
        return Guess(None, f"{listed(weak)} may count from or to anything" if weak else "no column has a usual name")

    def guess_event(self, time: str | None) -> Guess:
        """Return the event, given the time if that is known."""
        pairs = self.restricted(time, None)
        if len({pair.event for pair in pairs}) == 1:
            return Guess(pairs[0].event, f"a known name, beside {pairs[0].time!r}")
        if pairs:
            return Guess(None, _several(pairs))
        known = [role for role in self.events if role.rank < 2]
        if len(known) == 1:
            return Guess(known[0].column, "a known name, few values")
        if known:
            return Guess(None, f"{listed([role.column for role in known])} could be the event")
        if self.one_value:
            told = "; ".join(
                f"all rows of {quoted(name)} have {quoted(value)}" for name, value in self.one_value.items()
            )
            return Guess(None, told)
        return Guess(None, f"no column with 2 to {MOST_EVENT_VALUES} different values has a usual name")

    def telling(self, time: str | None, event: str | None) -> dict[str, str]:
        """Return the columns that tell the outcome beside the chosen ones, with the reason."""
        found: dict[str, str] = {}
        for pair in self.pairs:
            if pair.time != time and pair.event != event:
                endpoint = f" ({pair.endpoint})" if pair.endpoint else ""
                for column in (pair.time, pair.event):
                    found.setdefault(column, f"of another outcome{endpoint}: {_OTHER}")
        for role in (*self.times, *self.events):
            if role.rank == 0:
                found.setdefault(role.column, f"named like an outcome: {_OTHER}")
        for column in self.in_parts:
            found.setdefault(column, f"named like an outcome: {_OTHER}")
        return {column: reason for column, reason in found.items() if column not in (time, event)}


def find_outcomes(columns: Sequence[Column], taken: Sequence[str]) -> Outcomes:
    """Return what may be the outcome, judged by names and by what the columns hold."""
    free = [column for column in columns if column.name not in taken]
    of_some = [column for column in free if names_time_to_event(column.name) and column.known < column.rows]
    parts = [column.name for column in free if column in of_some or (of_some and names_last_contact(column.name))]
    times: list[Role] = []
    for column in free:
        role = time_role(column.name)
        if role and column.name not in parts and _holds_times(column):
            if role.rank == 0 and _LEAST_KNOWN * column.known < column.rows:
                parts.append(column.name)
            else:
                times.append(role)
    events = [
        role
        for column in free
        if 2 <= len(column.counts) <= MOST_EVENT_VALUES
        and not any(role.column == column.name for role in times)
        and (role := event_role(column.name)) is not None
    ]
    times.sort(key=lambda role: role.rank)
    events.sort(key=lambda role: role.rank)
    with_words = {
        column.name: column.among_numbers
        for column in free
        if column.among_numbers and (role := time_role(column.name)) is not None and role.rank < 2
    }
    one_value = {
        column.name: next(iter(column.counts))
        for column in free
        if len(column.counts) == 1 and (role := event_role(column.name)) is not None and role.rank < 2
    }
    return Outcomes(tuple(times), tuple(events), _pairs(times, events), tuple(parts), with_words, one_value)


def guess_unit(time: Column) -> Guess:
    """Return the unit of a time: by its name, or because nobody is followed for as many months."""
    unit = unit_of(time.name)
    if unit:
        return Guess(unit, f"by the name {time.name!r}")
    other = unit_unknown_here(time.name)
    if other:
        return Guess(None, f"{time.name!r} counts {other}: convert them to days, or choose a unit")
    if time.highest > _MONTHS_OF_A_LIFE:
        years = time.highest / 12
        return Guess("days", f"the longest time, {time.highest:g}, would be {years:.0f} years if it were in months")
    return Guess(None, f"{time.name!r} holds {time.lowest:g} to {time.highest:g}: days, months or years?")


def guess_endpoint(outcomes: Outcomes, event: str, happened: Sequence[str]) -> Guess:
    """Return what the event is: by the names of the outcome or the words of its values, else called by its column."""
    role = next((role for role in outcomes.events if role.column == event), None)
    if role and role.rank == 0 and role.endpoint:
        name = "death from any cause" if role.endpoint == "death" else role.endpoint
        return Guess(name, f"by the name {event!r}")
    if speaks_of_death(happened):
        return Guess("death from any cause", "by its values")
    paired = {pair.endpoint for pair in outcomes.pairs if pair.event == event and pair.endpoint}
    if len(paired) == 1:
        name = next(iter(paired))
        return Guess("death from any cause" if name == "death" else name, "by the name of the time")
    return Guess(f"event as {event!r} has it", "no name tells what it is; --endpoint says it")


def _holds_times(column: Column) -> bool:
    enough = column.distinct >= min(6, max(3, column.rows // 2))
    return column.numeric and column.lowest >= 0 and column.highest > 0 and enough


def _pairs(times: Sequence[Role], events: Sequence[Role]) -> tuple[Pair, ...]:
    """Return which belong together: first by the same endpoint, then what is left if it does not contradict."""
    same = [(time, event) for time in times for event in events if time.endpoint and event.endpoint == time.endpoint]
    literal = [(time, event) for time, event in same if alike(time.column, event.column)]
    named = {role.column for pair in literal for role in pair}
    chosen = literal + [pair for pair in same if not {role.column for role in pair} & named]
    pairs = [Pair(time.column, event.column, time.endpoint) for time, event in chosen]
    used = {column for pair in pairs for column in (pair.time, pair.event)}
    endpoints = {pair.endpoint for pair in pairs}
    left = [role for role in times if role.column not in used and role.rank < 2]
    left = [role for role in left if role.rank == min(other.rank for other in left)]
    for event in events:
        if event.column in used or event.rank > 1 or (event.endpoint and event.endpoint in endpoints):
            continue
        pairs += [
            Pair(time.column, event.column, time.endpoint or event.endpoint) for time in left if time.goes_with(event)
        ]
    return tuple(pairs)


def _several(pairs: Sequence[Pair]) -> str:
    named = [f"{pair.time!r} with {pair.event!r}" + (f" ({pair.endpoint})" if pair.endpoint else "") for pair in pairs]
    return f"{len(pairs)} outcomes are found: {'; '.join(named)}"
