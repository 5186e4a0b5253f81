"""Result tables as a person reads them."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.cards import DatasetCard
from benchmarks.measures import MEASURES
from benchmarks.protocol import EvaluationProtocol
from benchmarks.summary import Average, Row


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
    console.print(f"[bold]{card.name}[/bold]  {card.title}: {card.n} patients, {card.events} events, {card.endpoint}")
    console.print(f"{split}; horizon {protocol.horizon:g} {card.time_unit}; protocol {protocol.id}", style="dim")
    table = Table(box=None, pad_edge=False, header_style="bold", collapse_padding=True)
    table.add_column("method", no_wrap=True)
    for measure in MEASURES:
        table.add_column(f"{measure.column} {'↑' if measure.better == 'higher' else '↓'}", justify="right")
    table.add_column("fit s", justify="right")
    notes = []
    for row in rows:
        name = escape(f"{row.method} ({row.variant})" if row.variant else row.method)
        if not row.averages:
            notes.append(f"{row.method}: {row.problem}")
            style = "dim" if "skipped:" in row.problem else "bold red"
            label = "skipped" if "skipped:" in row.problem else f"{row.ok}/{row.cells} ok"
            table.add_row(name, f"[{style}]{label}[/]", *["-"] * (len(MEASURES) - 1), "-")
            continue
        averages = [row.averages[measure.name] for measure in MEASURES]
        table.add_row(name, *(_cell(average) for average in averages), f"{row.fit_seconds:.2f}")
        problems = dict.fromkeys(average.problem for average in averages if average.problem)
        notes += [f"{row.method}: {problem}" for problem in problems]
    for name in unavailable:
        table.add_row(escape(name), "[dim]skipped[/]", *["-"] * (len(MEASURES) - 1), "-")
    notes += [f"{name}: {reason}" for name, reason in unavailable.items()]
    console.print(table)
    for note in notes:
        console.print(f"  {escape(note)}", style="yellow", highlight=False)


def _cell(average: Average) -> str:
    if average.mean is None:
        return "n/a" if average.problem.startswith("not applicable") else "undefined"
    if average.low is None or average.high is None:
        return f"{average.mean:.3f}"
    return f"{average.mean:.3f} [dim]± {(average.high - average.low) / 2:.3f}[/]"
