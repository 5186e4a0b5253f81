"""What ``data init`` says and asks: one line per decision with its reason, and one error for all that stays open."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer

from benchmarks.comma_list import comma_list
from benchmarks.commandline.literal import printable, tell
from benchmarks.errors import ReportError, UsageError, hint

# Of the columns that are left out for one reason, so many are named.
MOST_NAMES = 8
MOST_COLUMNS = 60


class Questions:
    """Answer questions by an option, by a guess, or by asking; keep what nobody answered.

    Parameters
    ----------
    known : sequence of str
        Columns of the table.
    ask : bool
        Whether there is somebody to ask; if not, guesses are taken, and what has none stays open until
        ``require_answers``.
    """

    def __init__(self, known: Sequence[str], *, ask: bool) -> None:
        self._known, self._ask = list(known), ask
        self._open: dict[str, list[str]] = {}
        if ask:
            tell(f"columns: {_list(known, most=MOST_COLUMNS)}")

    def require_known(self, choices: Sequence[str], **options: str | None) -> None:
        """Refuse options that are none of the choices."""
        for option, answer in options.items():
            if answer is not None and answer not in choices:
                raise UsageError(f"--{option} {answer}: {hint(answer, choices)}")

    def known_columns(self, option: str, columns: Sequence[str]) -> list[str]:
        """Return columns that an option names, each of the table."""
        for column in columns:
            if column not in self._known:
                raise UsageError(f"--{option} {column}: the table has no such column; {hint(column, self._known)}")
        return list(columns)

    def text(self, option: str, question: str, given: str | None, guess: Callable[[], Any]) -> str | None:
        """Return a text, None if it stays open."""
        if given is not None:
            return self._said(option, given, "given")
        found = guess()
        if self._ask:
            self._because(found)
            return _prompt(question, found.answer)
        return self._said(option, found.answer, found.reason)

    def unit(self, table: Any, outcomes: Any, time: str | None, given: str | None, units: Sequence[str]) -> str | None:
        """Return the unit of time; while the time itself is open, it stays open unless all candidates agree."""
        if given is not None or time is not None:
            question = f"Unit of the times ({', '.join(units)})"
            return self.one_of("time-unit", question, units, given, lambda: table.unit(time))
        guesses = [table.unit(pair.time) for pair in outcomes.pairs]
        if not guesses or len({guess.answer for guess in guesses}) > 1 or guesses[0].answer is None:
            self._leave_open("time-unit", "days, months or years")
        return None

    def values(
        self, table: Any, outcomes: Any, event: str | None, happened: str | None, censored: str | None
    ) -> tuple[Sequence[str] | None, Sequence[str] | None]:
        """Return which values of the event column mean the event, and which that it was not seen."""
        if event is None:
            self._ask_for_values_of(table, sorted({pair.event for pair in outcomes.pairs}))
            return None, None
        of_event = self._values_given("event-values", table, event, happened)
        of_censored = self._values_given("censored-values", table, event, censored)
        found = table.meaning(event, of_event, of_censored)
        if self._ask and (of_event is None or not found.told):
            found = self._asked(table, event, found, of_event, of_censored)
        if not found.told:
            self._leave_open(_options(found), f"{event!r}: {found.reason}")
            return None, None
        meaning = f"{_list(found.happened)} = event, {_list(found.censored)} = censored"
        tell(f"event values: {meaning} ({found.reason})")
        return found.happened, found.censored

    def exclude(self, count: int, given: bool) -> bool:
        """Return whether patients without an outcome are left out; how many there are is said."""
        if not count:
            return given
        problem = f"{count} row{' has' if count == 1 else 's have'} no time greater than 0, or no event"
        if given:
            self.note("left out", problem)
        elif self._ask:
            return bool(typer.confirm(f"{problem}: leave these patients out", default=False))
        else:
            self._leave_open("exclude-without-outcome", f"{problem}; the option leaves these patients out")
        return given

    def leave_out(self, guessed: Mapping[str, str], given: Sequence[str]) -> dict[str, str]:
        """Return the columns that are no covariates: those guessed and those given, each with the reason."""
        left = {**guessed, **dict.fromkeys(given, "given")}
        self.note_columns("left out", left)
        if self._ask:
            question = "Further columns that are no covariates (known after the outcome, comments), comma-separated"
            further = _named(_prompt(question, ""))
            while unknown := [column for column in further if column not in self._known]:
                tell(f"{unknown[0]}: {hint(unknown[0], self._known)}", stderr=True)
                further = _named(_prompt(question, ""))
            left |= dict.fromkeys(further, "given")
        return left

    def missing_words(self, words: Mapping[str, Sequence[str]]) -> None:
        """Keep open whether words among numbers mean missing; who is asked is told how to start again."""
        told = [f"{word!r} stands among the numbers of {_list(columns)}" for word, columns in words.items()]
        for problem in told:
            if self._ask:
                self.note("check", f"{problem}: to count it as missing, start again with --missing")
            else:
                self._leave_open("missing", problem)

    def note(self, what: str, text: str) -> None:
        """Say something that asks for no answer."""
        tell(f"{what}: {text}")

    def note_columns(self, what: str, columns: Mapping[str, str]) -> None:
        """Say which columns have what reason, a line per reason."""
        for reason, names in _by_reason(columns).items():
            tell(f"{what}: {_list(names)} ({reason})")

    def require_answers(self, file: str) -> None:
        """Refuse to go on while questions are open: one error names all of them, and the options that answer."""
        if self._open:
            told = [f"{' and '.join(options)}: {reason}" for reason, options in self._open.items()]
            raise ReportError(f"{file} does not tell all; give", told)

    def one_of(
        self, option: str, question: str, choices: Sequence[str], given: str | None, guess: Callable[[], Any]
    ) -> str | None:
        """Return one of the choices, None if it stays open."""
        if given is not None:
            return self._said(option, given, "given")
        found = guess()
        if not self._ask:
            return self._said(option, found.answer, found.reason)
        self._because(found)
        answer = _prompt(question, found.answer)
        while answer not in choices:
            tell(f"{answer}: {hint(answer, choices)}", stderr=True)
            answer = _prompt(question, found.answer)
        return answer

    def _said(self, option: str, answer: str | None, reason: str) -> str | None:
        if answer is None:
            self._leave_open(option, reason)
        else:
            tell(f"{option.replace('-', ' ')}: {answer!r} ({reason})")
        return answer

    def _because(self, guess: Any) -> None:
        tell(f"  {repr(guess.answer) + ': ' if guess.answer is not None else ''}{guess.reason}")

    def _leave_open(self, option: str, reason: str) -> None:
        self._open.setdefault(reason, []).append(f"--{option}")

    def _ask_for_values_of(self, table: Any, events: Sequence[str]) -> None:
        """Keep open what the values mean of all columns that may be the event."""
        if not events:
            self._leave_open("event-values", "unless its values say so themselves, such as 0 and 1 or dead and alive")
        asked = [(event, found) for event in events if not (found := table.meaning(event)).told]
        for event, found in asked:
            self._leave_open("event-values", f"if the event is {event!r}: {found.reason}")

    def _values_given(self, option: str, table: Any, event: str, given: str | None) -> list[str] | None:
        if given is None:
            return None
        values = comma_list(given, "value")
        there = table.columns[event].counts
        for value in values:
            if value not in there and len(there) > 1:
                raise UsageError(f"--{option} {value}: the column holds {', '.join(there)}")
        if option == "event-values" and set(there) <= set(values) and len(there) > 1:
            raise UsageError(f"--{option} {','.join(values)}: no value is left for the censored patients")
        return values

    def _asked(self, table: Any, event: str, found: Any, happened: list[str] | None, censored: list[str] | None) -> Any:
        """Ask for the values until each has a meaning."""
        values = list(table.columns[event].counts)
        tell(f"  {event!r}: {found.reason}")
        while happened is None:
            question = f"Which values mean the event ({', '.join(values)}), comma-separated"
            default = ",".join(found.happened) if found.told else None
            happened = self._answered("event-values", table, event, _prompt(question, default))
        found = table.meaning(event, happened, censored)
        while not found.told and censored is None:
            tell(f"  {found.reason}")
            rest = ", ".join(value for value in values if value not in happened)
            question = f"Which values mean no event ({rest}), comma-separated"
            censored = self._answered("censored-values", table, event, _prompt(question, None))
            found = table.meaning(event, happened, censored)
        if not found.told:
            rest = ",".join(found.unknown)
            raise UsageError(f"{found.reason}; start again with --missing {rest!r} if it means that nobody knows")
        return found

    def _answered(self, option: str, table: Any, event: str, answer: str) -> list[str] | None:
        try:
            return self._values_given(option, table, event, answer)
        except UsageError as error:
            tell(str(error), stderr=True)
            return None


def _options(found: Any) -> str:
    """Return the options that say what the values mean."""
    if all(value.isdecimal() for value in found.unknown):
        codes = len({*found.happened, *found.censored, *found.unknown})
        return "event-values and --censored-values" if codes > 2 else "event-values"
    if found.happened and found.censored:
        return "censored-values, --event-values or --missing"
    return "event-values"


def _prompt(question: str, default: str | None) -> str:
    """Ask; what stands in brackets is taken if the answer is empty."""
    shown = f" [{default}]" if default else ""
    return str(typer.prompt(printable(question + shown), default=default, show_default=False)).strip()


def _named(text: str) -> list[str]:
    return comma_list(text, "column") if text.strip() else []


def _by_reason(columns: Mapping[str, str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for column, reason in columns.items():
        groups.setdefault(reason, []).append(column)
    return groups


def _list(names: Sequence[str], most: int = MOST_NAMES) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
