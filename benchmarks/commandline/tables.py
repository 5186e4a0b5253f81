"""Result tables as a person reads them."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from benchmarks.catalog.cards import DatasetCard
from benchmarks.catalog.embargo import EMBARGO_MARK
from benchmarks.commandline.fitted_table import ALWAYS, TableColumn, print_fitted
from benchmarks.commandline.literal import printable
from benchmarks.protocol.measures import FIDELITY, MEASURES, PARSEABLE, PARSEABLE_PREFIX, Measure
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.scorer import DIAGNOSTIC
from benchmarks.scoring.summary import Average, Row

# Beside the concordance within strata, where there are strata (convention 16).
UNSTRATIFIED = "harrell_c_unstratified"

ARROWS = {"higher": "↑", "lower": "↓", "zero": "", "one": ""}

# The columns of a table that is not asked to be wide, the most needed first: ranking, probabilities, calibration.
NARROW = ("harrell_c", "ibs", "c_td", "ici", "d_calibration_p", UNSTRATIFIED)


def print_dataset(
    console: Console,
    card: DatasetCard,
    protocol: EvaluationProtocol,
    rows: Sequence[Row],
    unavailable: dict[str, str],
    split: str,
    *,
    wide: bool = False,
) -> list[str]:
    """Print one dataset's table: one row per method, mean and 95 % interval per measure, failures as rows.

    Returns
    -------
    list of str
        Headings of the columns that are shown only in a wide table.
    """
    console.print()
    mark = (f" {EMBARGO_MARK}", "bold red") if card.embargo else ""
    size = f"  {printable(card.title)}: {card.n} patients, {card.events} events, {printable(card.endpoint)}"
    console.print(Text.assemble((card.name, "bold"), mark, size))
    told = f"{split}; horizon {protocol.horizon:g} {card.time_unit}; protocol {protocol.id}{_events_a_bin(rows)}"
    console.print(told, style="dim")
    there = [m for m in MEASURES if m.in_tables or (m.name == UNSTRATIFIED and _is_defined(rows, m.name))]
    of_teacher = [m for m in FIDELITY if any(m.name in row.averages for row in rows)]
    shown = [*there, *of_teacher] if wide else [m for m in there if m.name in NARROW]
    columns = [
        TableColumn(
            heading="method",
            cells=[*(row.label for row in rows), *unavailable],
            need=ALWAYS,
            is_name=True,
        ),
        *(_column(measure, rows, len(unavailable), first=measure is shown[0]) for measure in shown),
        TableColumn(
            heading="fit s",
            cells=[*(_seconds(row) for row in rows), *["-"] * len(unavailable)],
            need=len(NARROW),
        ),
    ]
    left_out = print_fitted(console, columns, wide=wide)
    notes = [note for row in rows for note in _notes(row, [*shown, *of_teacher], () if wide else of_teacher)]
    notes += [f"{name}: {reason}" for name, reason in unavailable.items()]
    for note in notes:
        console.print(f"  {note}", style="yellow", highlight=False)
    return left_out + [_heading(measure) for measure in there if measure not in shown]


def _heading(measure: Measure) -> str:
    return f"{measure.column} {ARROWS[measure.better]}".strip()


def _column(measure: Measure, rows: Sequence[Row], unavailable: int, *, first: bool) -> TableColumn:
    """Return the column of a measure; in the first one stands how the cells ended of a method without scores."""
    cells = [_cell(row.averages.get(measure.name)) if row.averages else _ended(row, told=first) for row in rows]
    skipped = Text("skipped" if first else "-", style="dim")
    need = len(NARROW) - NARROW.index(measure.name) if measure.name in NARROW else 0
    return TableColumn(
        heading=_heading(measure), cells=[*cells, *[skipped] * unavailable], need=ALWAYS if first else need
    )


def _ended(row: Row, *, told: bool) -> Text:
    skipped = row.state == "skipped"
    if not told:
        return Text("-")
    return Text("skipped" if skipped else f"{row.ok}/{row.cells} ok", style="dim" if skipped else "bold red")


def _seconds(row: Row) -> str:
    return "-" if row.fit_seconds is None or not row.averages else f"{row.fit_seconds:.2f}"


def _notes(row: Row, measures: Sequence[Measure], of_teacher: Sequence[Measure]) -> list[str]:
    """Return what is to be said of a row below the table."""
    if not row.averages:
        return [f"{row.method}: {problem}" for problem in (row.problem, row.warned) if problem]
    notes = [f"{row.label}: {row.warned}"] if row.warned else []
    faithful = [(m.column, average) for m in of_teacher if (average := row.averages.get(m.name)) is not None]
    if any(average.mean is not None for _, average in faithful):
        told = ", ".join(f"{column} {_cell(average).plain}" for column, average in faithful)
        notes.append(f"{row.label} beside its teacher: {told}")
    diagnostics = {k.removeprefix(DIAGNOSTIC): v.mean for k, v in row.averages.items() if k.startswith(DIAGNOSTIC)}
    # What only some folds report has no mean.
    told_of = [f"{key} {mean:.4g}" for key, mean in diagnostics.items() if mean is not None]
    if told_of:
        notes.append(f"{row.label} reports: {', '.join(told_of)}")
    if apart := _parseable(row):
        notes.append(f"{row.label}, patients whose answer is parseable only: {apart}")
    if row.unfaithful:
        notes.append(f"{row.label}: {row.unfaithful}")
    if row.too_good:
        notes.append(f"{row.label}: {row.too_good}")
    averages = [row.averages.get(measure.name) for measure in measures]
    problems = dict.fromkeys(average.problem for average in averages if average and average.problem)
    return [*notes, *(f"{row.method}: {problem}" for problem in problems)]


def _events_a_bin(rows: Sequence[Row]) -> str:
    """Return how many events D-calibration has a bin, which is the same of all methods; nothing where none has it."""
    known = [average.events_a_bin for row in rows for average in row.averages.values() if average.events_a_bin]
    return f"; D-cal of {known[0]:.1f} events a bin" if known else ""


def _is_defined(rows: Sequence[Row], measure: str) -> bool:
    averages = [row.averages.get(measure) for row in rows]
    return any(average is not None and average.mean is not None for average in averages)


def _parseable(row: Row) -> str:
    """Return the scores of the patients whose answer is parseable if they are not those of all."""
    told = []
    for measure in PARSEABLE:
        average, of_all = row.averages.get(measure.name), row.averages.get(measure.name.removeprefix(PARSEABLE_PREFIX))
        if average is None or average == of_all:
            continue
        told.append(f"{measure.column} {average.problem if average.mean is None else f'{average.mean:z.3f}'}")
    return ", ".join(told)


def _cell(average: Average | None) -> Text:
    if average is None:
        return Text("-")
    if average.mean is None:
        return Text({"not applicable": "n/a", "undecided": "-"}.get(average.status, "undefined"))
    if average.low is None or average.high is None:
        return Text(f"{average.mean:z.3f}")
    return Text.assemble(f"{average.mean:z.3f} ", (f"± {(average.high - average.low) / 2:z.3f}", "dim"))
