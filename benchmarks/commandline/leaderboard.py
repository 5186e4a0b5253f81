"""``leaderboard``: the stored methods, ranked and grouped, dataset by dataset."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from benchmarks.commandline.options import DEFAULT_RESULTS, Results
from benchmarks.errors import UsageError


def leaderboard(
    results: Results = DEFAULT_RESULTS,
    dataset: Annotated[str | None, typer.Option(help="Datasets, comma-separated; all if absent.")] = None,
    metric: Annotated[Literal["harrell_c", "c_td", "ibs"], typer.Option(help="Measure to rank by.")] = "harrell_c",
    output: Annotated[Path | None, typer.Option(help="File to write; standard output if absent.")] = None,
    format_: Annotated[Literal["md", "csv", "json"], typer.Option("--format", help="Form of the boards.")] = "md",
) -> None:
    """Print the boards of a results folder; nothing is fitted."""
    from benchmarks.store import Store
    from leaderboards.board import make_board
    from leaderboards.formats import as_csv, as_json, as_markdown
    from leaderboards.stored import by_dataset, scored_cells

    store = Store.open(results)
    grouped = by_dataset(list(scored_cells(store)))
    if dataset is not None:
        wanted = [name.strip() for name in dataset.split(",")]
        missing = [name for name in wanted if name not in grouped]
        if missing:
            raise UsageError(f"{results} has no results on {missing[0]}; it has: {', '.join(grouped) or 'nothing'}")
        grouped = {name: grouped[name] for name in wanted}
    if not grouped:
        raise UsageError(f"{results} holds no cells yet")
    boards = [make_board(store, cells, metric) for cells in grouped.values()]
    text = {"md": as_markdown, "csv": as_csv, "json": as_json}[format_](boards)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None
