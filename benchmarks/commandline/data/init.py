"""``data init FILE.csv``: draft a cohort file by asking what the columns are."""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from benchmarks.comma_list import comma_list
from benchmarks.errors import UsageError, hint

Unit = Literal["days", "months", "years"]


def init(
    file: Annotated[Path, typer.Argument(help="Table with one row per patient, .csv or .parquet.")],
    patient: Annotated[str | None, typer.Option(help="Column of the patients' identifiers.")] = None,
    time: Annotated[str | None, typer.Option(help="Column of the times to event or censoring.")] = None,
    event: Annotated[str | None, typer.Option(help="Column that says whether the event happened.")] = None,
    event_values: Annotated[
        str | None, typer.Option("--event-values", help="Values of it that mean the event, comma-separated.")
    ] = None,
    time_unit: Annotated[Unit | None, typer.Option("--time-unit", help="Unit of the times.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="What the event is, such as death from any cause.")] = None,
    leave_out: Annotated[
        str | None, typer.Option("--leave-out", help="Columns that are no covariates, comma-separated.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the dataset; the file's if absent.")] = None,
    output: Annotated[Path | None, typer.Option(help="Where to write; cohort.toml beside the table if absent.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Take the guesses, ask nothing.")] = False,
) -> None:
    """Draft a cohort file from a table; what is not given by an option is asked for, with a guess."""
    draft = importlib.import_module("benchmarks.datasets.cohort_file.draft")
    own = importlib.import_module("benchmarks.datasets.cohort_file.adapter")
    target = output or file.parent / "cohort.toml"
    if target.exists():
        raise UsageError(f"{target} exists already; remove it, or write elsewhere with --output")
    if target.parent.resolve() != file.parent.resolve():
        raise UsageError(f"--output {output}: the cohort file must stand beside the table, in {file.parent}")
    sheet, written = draft.read_for_draft(file)
    asking = _Questions([str(column) for column in sheet.frame.columns], ask=not yes)
    patient = asking.column("patient", "Column of the patients' identifiers", patient, draft.guess_patient(sheet))
    time = asking.column("time", "Column of the times", time, draft.guess_time(sheet, [patient]))
    event = asking.column("event", "Column of the event", event, draft.guess_event(sheet, [patient, time]))
    values = draft.values_of(sheet, event)
    of_event = asking.some_of(values, event_values, draft.guess_event_values(values))
    drafted = draft.Draft(
        file=file.name,
        name=name or draft.dataset_name(file.name.split(".")[0]),
        title=f"Own cohort {file.name}",
        endpoint=asking.text("endpoint", "What is the event", endpoint, "death from any cause"),
        time_unit=asking.one_of(
            "time-unit", "Unit of the times", ("days", "months", "years"), time_unit, draft.guess_unit(time)
        ),
        patient=patient,
        time=time,
        event=event,
        event_values=tuple(of_event),
        censored_values=tuple(value for value in values if value not in of_event),
        leave_out=asking.columns(
            "Columns that are no covariates (known after the outcome, names, comments), comma-separated",
            leave_out,
            draft.names_and_comments(sheet, [patient, time, event]),
        ),
        format=written,
    )
    draft.write_draft(drafted, target)
    typer.echo(f"wrote {target}")
    try:
        cohort = own.load(str(target))
    except UsageError as error:
        raise UsageError(f"{target.name} is written, but the data do not fit it yet: {error}") from None
    typer.echo(f"{len(cohort)} patients, {cohort.outcome.n_events} events. Read it through, then:")
    typer.echo(f"  python -m benchmarks data verify {target}")
    typer.echo(f"  python -m benchmarks run --method baselines --dataset {target}")


class _Questions:
    """What is asked of the user, and what an option or a guess answers.

    Parameters
    ----------
    known : sequence of str
        Columns of the table.
    ask : bool
        Whether there is somebody to ask; if not, guesses are taken and what cannot be guessed is an error.
    """

    def __init__(self, known: Sequence[str], *, ask: bool) -> None:
        self.known, self.ask = list(known), ask

    def column(self, option: str, question: str, given: str | None, guess: str | None) -> str:
        """Return a column of the table."""
        return self.one_of(option, question, self.known, given, guess)

    def one_of(self, option: str, question: str, choices: Sequence[str], given: str | None, guess: str | None) -> str:
        """Return one of the choices."""
        answer = self.text(option, f"{question} ({', '.join(choices)})", given, guess)
        while answer not in choices:
            problem = f"--{option} {answer}: {hint(answer, choices)}"
            if given is not None or not self.ask:
                raise UsageError(problem)
            typer.echo(problem, err=True)
            answer = self.text(option, question, None, guess)
        return answer

    def some_of(self, values: Sequence[str], given: str | None, guess: Sequence[str]) -> list[str]:
        """Return which values of the event column mean the event."""
        question = f"Which values mean the event ({', '.join(values)}), comma-separated"
        answer = comma_list(self.text("event-values", question, given, ",".join(guess) or None), "value")
        for value in answer:
            if value not in values:
                raise UsageError(f"--event-values {value}: the column holds {', '.join(values)}")
        if len(answer) == len(values):
            raise UsageError(f"--event-values {','.join(answer)}: no value is left for the censored patients")
        return answer

    def columns(self, question: str, given: str | None, guess: Sequence[str]) -> tuple[str, ...]:
        """Return some columns of the table, perhaps none."""
        answer = given if given is not None else ",".join(guess)
        if given is None and self.ask:
            answer = typer.prompt(question, default=",".join(guess), show_default=bool(guess))
        columns = comma_list(answer, "column") if answer.strip() else []
        for column in columns:
            if column not in self.known:
                raise UsageError(f"--leave-out {column}: the table has no such column")
        return tuple(columns)

    def text(self, option: str, question: str, given: str | None, guess: str | None) -> str:
        """Return a text."""
        if given is not None:
            return given
        if self.ask:
            answer: Any = typer.prompt(question, default=guess)
            return str(answer).strip()
        if guess is None:
            raise UsageError(f"--{option} is needed: the table does not tell")
        return guess
