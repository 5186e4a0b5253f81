"""``status``: what a results folder holds."""

import json
from collections import Counter
from typing import Annotated, Any

import typer

from benchmarks.commandline.options import DEFAULT_RESULTS, OUTPUT, Json, Results
from benchmarks.commandline.selection import OfMethod, OfSeed, OfSplit, OfValidation, OnDataset, Selection, WithSettings

# Cells whose fit warned, whatever became of them.
WARNED = "warned"


def status(
    dataset: OnDataset = None,
    method: OfMethod = None,
    seed: OfSeed = None,
    split: OfSplit = None,
    validation: OfValidation = None,
    settings: WithSettings = None,
    results: Results = DEFAULT_RESULTS,
    cells: Annotated[
        bool, typer.Option("--cells", help="One line per cell: key, label, how it ended.", rich_help_panel=OUTPUT)
    ] = False,
    as_json: Json = False,
) -> None:
    """Count the cells of a results folder by dataset, method and how they ended."""
    from benchmarks.commandline.console import make_console
    from benchmarks.commandline.fitted_table import ALWAYS, TableColumn, print_fitted
    from benchmarks.storage.store import CorruptedCellError, Store
    from benchmarks.types import STATUSES, Record, warned

    store = Store.open(results)
    records = []
    problems: list[dict[str, Any]] = []
    for key in store:
        try:
            records.append(store.read(key))
        except CorruptedCellError as error:
            problems.append({"key": key, "status": "corrupted", "cause": str(error)})
    selection = Selection(
        dataset=dataset, method=method, seed=seed, split=split, validation=validation, settings=settings or ()
    )
    rows: list[dict[str, Any]] = []
    counts: dict[tuple[str, str], Counter[str]] = {}
    by_pair: dict[tuple[str, str], list[Record]] = {}
    for record in selection.of(records):
        cell = record.cell
        ending = {"status": record.status, "cause": record.cause, "warnings": record.warnings}
        rows.append({"key": cell.key, "cell": cell.label, **ending})
        counts.setdefault((cell.dataset, cell.method), Counter())[record.status] += 1
        if record.warnings:
            counts[cell.dataset, cell.method][WARNED] += 1
        by_pair.setdefault((cell.dataset, cell.method), []).append(record)
    failed = [row for row in rows if row["status"] not in ("ok", "skipped")]
    if as_json:
        counted = [{"dataset": d, "method": m, **count} for (d, m), count in sorted(counts.items())]
        listed = {"by_key": rows} if cells else {}
        typer.echo(json.dumps({"cells": counted, **listed, "problems": [*problems, *failed]}, indent=1))
        return
    console = make_console()
    if cells:
        for row in [*rows, *problems]:
            cause = f": {row['cause']}" if row["cause"] else ""
            warnings = "; ".join(f"{count} x {kind}" for kind, count in row.get("warnings", {}).items())
            told = f"; warned: {warnings}" if warnings else ""
            line = f"{row['key']}  {row['status']:9}  {row.get('cell', '')}{cause}{told}"
            console.print(line, markup=False, highlight=False, soft_wrap=True)
        return
    there = [name for name in (*STATUSES, WARNED) if name == "ok" or any(count[name] for count in counts.values())]
    pairs = sorted(counts)
    columns = [
        TableColumn(heading="dataset", cells=[name for name, _ in pairs], need=ALWAYS, is_name=True),
        TableColumn(heading="method", cells=[name for _, name in pairs], need=ALWAYS, is_name=True),
        *(
            TableColumn(heading=name, cells=[str(counts[pair][name] or "-") for pair in pairs], need=ALWAYS)
            for name in there
        ),
    ]
    print_fitted(console, columns)
    for (name, of_method), of_pair in sorted(by_pair.items()):
        if told := warned(of_pair):
            line = f"{of_method} on {name}: {told}"
            console.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)
    for row in [*problems, *failed]:
        line = f"{row['key']}  {row.get('cell', '')}  {row['status']}: {row['cause']}"
        console.print(line, style="red", markup=False, highlight=False, soft_wrap=True)
