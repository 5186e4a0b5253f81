"""Result tables as a person reads them."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.catalog.cards import DatasetCard
from benchmarks.catalog.embargo import EMBARGO_MARK
from benchmarks.protocol.measures import ANSWERED, ANSWERED_PREFIX, FIDELITY, MEASURES
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.scorer import DIAGNOSTIC
from benchmarks.scoring.summary import Average, Row

# Beside the concordance within strata, where there are strata (convention 16).
UNSTRATIFIED = "harrell_c_unstratified"

ARROWS = {"higher": "↑", "lower": "↓", "zero": "", "one": ""}


def print_dataset(
    console: Console,
    card: DatasetCard,
    protocol: EvaluationProtocol,
    rows: Sequence[Row],
    unavailable: dict[str, str],
    split: str,
) -> None:
    """Print one dataset's table: a row a method, mean and 95 % interval a measure, failures as rows."""
    console.print()
    name = f"[bold]{card.name}[/bold]" + (f" [bold red]{escape(EMBARGO_MARK)}[/]" if card.embargo else "")
    console.print(f"{name}  {card.title}: {card.n} patients, {card.events} events, {card.endpoint}")
    console.print(f"{split}; horizon {protocol.horizon:g} {card.time_unit}; protocol {protocol.id}", style="dim")
    table = Table(box=None, pad_edge=False, header_style="bold", collapse_padding=True)
    table.add_column("method", no_wrap=True)
    shown = [
        *(m for m in MEASURES if m.in_tables or (m.name == UNSTRATIFIED and _is_defined(rows, m.name))),
        *(m for m in FIDELITY if any(m.name in row.averages for row in rows)),
    ]
    for measure in shown:
        table.add_column(f"{measure.column} {ARROWS[measure.better]}".strip(), justify="right")
    table.add_column("fit s", justify="right")
    notes = []
    for row in rows:
        name = escape(row.label)
        if not row.averages:
            notes.append(f"{row.method}: {row.problem}")
            style = "dim" if "skipped:" in row.problem else "bold red"
            label = "skipped" if "skipped:" in row.problem else f"{row.ok}/{row.cells} ok"
            table.add_row(name, f"[{style}]{label}[/]", *["-"] * (len(shown) - 1), "-")
            continue
        averages = [row.averages.get(measure.name) for measure in shown]
        seconds = "-" if row.fit_seconds is None else f"{row.fit_seconds:.2f}"
        table.add_row(name, *(_cell(average) if average else "-" for average in averages), seconds)
        problems = dict.fromkeys(average.problem for average in averages if average and average.problem)
        diagnostics = {k.removeprefix(DIAGNOSTIC): v.mean for k, v in row.averages.items() if k.startswith(DIAGNOSTIC)}
        if diagnostics:
            reported = ", ".join(f"{key} {value:.4g}" for key, value in diagnostics.items())
            notes.append(f"{row.label} reports: {reported}")
        if apart := _answered(row):
            notes.append(f"{row.label}, patients with a readable answer only: {apart}")
        if row.unfaithful:
            notes.append(f"{row.label}: {row.unfaithful}")
        notes += [f"{row.method}: {problem}" for problem in problems]
    for name in unavailable:
        table.add_row(escape(name), "[dim]skipped[/]", *["-"] * (len(shown) - 1), "-")
    notes += [f"{name}: {reason}" for name, reason in unavailable.items()]
    console.print(table)
    for note in notes:
        console.print(f"  {escape(note)}", style="yellow", highlight=False)


def _is_defined(rows: Sequence[Row], measure: str) -> bool:
    averages = [row.averages.get(measure) for row in rows]
    return any(average is not None and average.mean is not None for average in averages)


def _answered(row: Row) -> str:
    """Return the scores of the answered patients if they are not those of all."""
    told = []
    for measure in ANSWERED:
        average, of_all = row.averages.get(measure.name), row.averages.get(measure.name.removeprefix(ANSWERED_PREFIX))
        if average is None or average == of_all:
            continue
        told.append(f"{measure.column} {average.problem if average.mean is None else f'{average.mean:.3f}'}")
    return ", ".join(told)


def _cell(average: Average) -> str:
    if average.mean is None:
        return "n/a" if average.problem.startswith("not applicable") else "undefined"
    if average.low is None or average.high is None:
        return f"{average.mean:.3f}"
    return f"{average.mean:.3f} [dim]± {(average.high - average.low) / 2:.3f}[/]"
