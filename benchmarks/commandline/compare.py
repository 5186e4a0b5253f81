"""``compare A B``: two methods in one screen."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.commandline.options import DEFAULT_RESULTS, Json, Results
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from leaderboards.pairs import PairedComparison
    from leaderboards.stored import ScoredCell


def compare(
    first: Annotated[str, typer.Argument(help="A method, or method/variant.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
    results: Results = DEFAULT_RESULTS,
    dataset: Annotated[
        str | None, typer.Option(help="Datasets, comma-separated; all that have both if absent.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare two stored methods, paired, dataset by dataset."""
    from benchmarks.commandline.console import make_console
    from benchmarks.store import Store
    from leaderboards.pairs import compare_pair
    from leaderboards.stored import by_dataset, scored_cells

    store = Store.open(results)
    pair = _variant(first), _variant(second)
    wanted = [name.strip() for name in dataset.split(",")] if dataset else None
    found: dict[str, list[PairedComparison]] = {}
    cells = [cell for cell in scored_cells(store) if cell.record.cell.method in (pair[0][0], pair[1][0])]
    for name, members in by_dataset(cells).items():
        if wanted is not None and name not in wanted:
            continue
        if _complete(members, pair, name, required=wanted is not None):
            found[name] = compare_pair(store, members, *pair)
    if not found:
        raise UsageError(f"{results} has no dataset on which both {first} and {second} are complete")
    if as_json:
        typer.echo(json.dumps({name: [asdict(c) for c in rows] for name, rows in found.items()}, indent=1))
        return
    console = make_console()
    for name, comparisons in found.items():
        _print(console, name, first, second, comparisons)
    console.print(
        "\nmodels: do the models fitted here differ on patients like these (pairs within folds, influence functions); "
        "methods: would they if fitted anew (corrected resampled t over folds); intervals are 95 %.",
        style="dim",
    )


def _variant(text: str) -> tuple[str, str]:
    method, _, variant = text.partition("/")
    return method, variant


def _complete(
    cells: "list[ScoredCell]", pair: tuple[tuple[str, str], tuple[str, str]], dataset: str, *, required: bool
) -> bool:
    for method, variant in pair:
        own = [cell for cell in cells if cell.record.cell.method == method]
        bad = [cell for cell in own if cell.record.status != "ok"]
        problem = ""
        if not own:
            problem = f"{method} was not run on {dataset}"
        elif bad:
            problem = f"{method} on {dataset}: {len(bad)} of {len(own)} cells are not ok, {bad[0].record.cause}"
        elif own[0].scores is not None and variant not in own[0].scores["variants"]:
            known = ", ".join(repr(name) for name in own[0].scores["variants"])
            problem = f"{method} has no variant {variant!r}; it has: {known}"
        if problem and required:
            raise UsageError(problem)
        if problem:
            return False
    return True


def _print(console: "Console", dataset: str, first: str, second: str, comparisons: "list[PairedComparison]") -> None:
    from rich.table import Table

    from benchmarks.measures import MEASURES
    from leaderboards.effects import POOLED_MEASURES

    titles = {measure.name: measure.column for measure in MEASURES}
    console.print(f"\n[bold]{dataset}[/bold]  {first} less {second}", highlight=False)
    headings = ("", "difference", "models", "p", "methods", "p", f"{first} better in", "repeats to decide")
    table = Table(*headings, box=None, pad_edge=False, header_style="bold")
    for row in comparisons:
        sign = 1 if POOLED_MEASURES[row.measure] else -1
        better = sum(sign * difference > 0 for difference in row.fold_differences)
        decide = row.to_decide
        needed = "-" if decide is None else str(decide.repeats) if decide.repeats is not None else "none would"
        methods = ("-", "-")
        if row.methods is not None:
            methods = (f"[{row.methods.lower:+.3f}, {row.methods.upper:+.3f}]", _p_value(row.methods.p_value))
        table.add_row(
            titles[row.measure],
            f"{row.fitted.value:+.4f}",
            f"[{row.fitted.lower:+.3f}, {row.fitted.upper:+.3f}]".replace("[", r"\["),
            _p_value(row.fitted.p_value),
            methods[0].replace("[", r"\["),
            methods[1],
            f"{better} of {len(row.fold_differences)} folds",
            needed,
        )
    console.print(table)


def _p_value(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"
