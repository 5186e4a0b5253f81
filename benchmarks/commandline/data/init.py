"""``data init FILE.csv``: draft a cohort file, say what was guessed and why, and ask what the table does not tell."""

import importlib
from pathlib import Path
from typing import Annotated, Literal

import typer

from benchmarks.catalog import registry
from benchmarks.comma_list import comma_list
from benchmarks.commandline.data.questions import Questions
from benchmarks.commandline.literal import tell
from benchmarks.errors import ReportError, UsageError

Unit = Literal["days", "months", "years"]
UNITS = ("days", "months", "years")


def init(
    file: Annotated[Path, typer.Argument(help="Table with one row per patient, .csv or .parquet.")],
    patient: Annotated[str | None, typer.Option(help="Column of the patients' identifiers.")] = None,
    time: Annotated[str | None, typer.Option(help="Column of the times to event or censoring.")] = None,
    event: Annotated[str | None, typer.Option(help="Column that says whether the event happened.")] = None,
    event_values: Annotated[
        str | None, typer.Option("--event-values", help="Values of it that mean the event, comma-separated.")
    ] = None,
    censored_values: Annotated[
        str | None, typer.Option("--censored-values", help="Values of it that mean no event, comma-separated.")
    ] = None,
    missing: Annotated[
        str | None, typer.Option("--missing", help="Words of the table that mean missing, comma-separated.")
    ] = None,
    time_unit: Annotated[Unit | None, typer.Option("--time-unit", help="Unit of the times.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="What the event is, such as death from any cause.")] = None,
    leave_out: Annotated[
        str | None, typer.Option("--leave-out", help="Further columns that are no covariates, comma-separated.")
    ] = None,
    keep: Annotated[
        str | None, typer.Option("--keep", help="Columns that are covariates though the draft leaves them out.")
    ] = None,
    exclude_without_outcome: Annotated[
        bool, typer.Option("--exclude-without-outcome", help="Leave out patients without time or event.")
    ] = False,
    name: Annotated[str | None, typer.Option(help="Name of the dataset; the file's if absent.")] = None,
    output: Annotated[Path | None, typer.Option(help="Where to write; cohort.toml beside the table if absent.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Take the guesses; what cannot be guessed is one error that lists it all.")
    ] = False,
) -> None:
    """Draft a cohort file from a table; what is not given by an option is guessed, with the reason, or asked for."""
    drafts = importlib.import_module("benchmarks.datasets.cohort_file.draft")
    own = importlib.import_module("benchmarks.datasets.cohort_file.adapter")
    target = output or file.parent / "cohort.toml"
    if target.exists():
        raise UsageError(f"{target} exists already; remove it, or write elsewhere with --output")
    if target.parent.resolve() != file.parent.resolve():
        raise UsageError(f"--output {output}: the cohort file must stand beside the table, in {file.parent}")
    table = drafts.DraftTable.read(file, _listed(missing, "value"))
    asking = Questions(table.names, ask=not yes)
    asking.require_known(table.identifiers, patient=patient)
    asking.require_known(table.names, time=time, event=event)

    patient = asking.one_of("patient", "Column of the patients' identifiers", table.identifiers, patient, table.patient)
    if patient is not None and (warning := table.require_one_row_each(patient)):
        asking.note("check", warning)
    outcomes = table.outcomes(patient)
    time = asking.one_of("time", "Column of the times", table.names, time, lambda: outcomes.guess_time(event))
    event = asking.one_of("event", "Column of the event", table.names, event, lambda: outcomes.guess_event(time))
    happened, censored = asking.values(table, outcomes, event, event_values, censored_values)
    absent = table.without_outcome(time, event) if time is not None and event is not None else 0
    excluding = asking.exclude(absent, exclude_without_outcome)
    unit = asking.unit(table, outcomes, time, time_unit, UNITS)
    what = None
    if event is not None:
        what = asking.text(
            "endpoint", "What is the event", endpoint, lambda: table.endpoint(outcomes, event, happened or ())
        )
    kept = asking.known_columns("keep", _listed(keep, "column"))
    guessed = table.left_out(outcomes, patient, time, event, happened or ())
    guessed = {column: reason for column, reason in guessed.items() if column not in kept}
    left = asking.leave_out(guessed, asking.known_columns("leave-out", _listed(leave_out, "column")))
    unsure = table.worth_a_look([patient, time, event, *left, *kept])
    if unsure and time is not None and event is not None:
        asking.note(
            "check", f"{drafts.listed(unsure)}: named like times; --leave-out what is known only after the start"
        )
    asking.missing_words(table.words_among_numbers([*left, time, *outcomes.with_words]))
    asking.require_answers(file.name)
    draft = drafts.Draft(
        file=file.name,
        name=name or _free_name(drafts.dataset_name(file.name.split(".")[0])),
        title=f"Own cohort {file.name}",
        endpoint=what,
        time_unit=unit,
        patient=patient,
        time=time,
        event=event,
        event_values=happened,
        censored_values=censored,
        exclude_without_outcome=excluding,
        leave_out=left,
        format=table.written,
    )
    drafts.write_draft(draft, target)
    tell(f"wrote {target}")
    try:
        cohort = own.load(str(target))
    except ReportError as error:
        raise ReportError(f"{target.name} is written, but the data do not fit it yet", error.problems) from None
    except UsageError as error:
        raise UsageError(f"{target.name} is written, but the data do not fit it yet: {error}") from None
    tell(f"{len(cohort)} patients, {cohort.outcome.n_events} events. Read it through, then:")
    tell(f"  python -m benchmarks data verify {target}")
    tell(f"  python -m benchmarks run --method baselines --dataset {target}")


def _free_name(name: str) -> str:
    """Return the name, with "own-" before it if a dataset of the suite is called so."""
    return f"own-{name}" if name in registry.names_taken() else name


def _listed(text: str | None, what: str) -> list[str]:
    return comma_list(text, what) if text is not None and text.strip() else []
