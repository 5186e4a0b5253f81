"""``status``: what a results folder holds."""

import json
from collections import Counter
from typing import Any

import typer
from rich.table import Table

from benchmarks.commandline.console import make_console
from benchmarks.commandline.options import DEFAULT_RESULTS, Json, Results


def status(results: Results = DEFAULT_RESULTS, as_json: Json = False) -> None:
    """Count the cells of a results folder by dataset, method and how they ended."""
    from benchmarks.storage.store import CorruptedCellError, Store
    from benchmarks.types import STATUSES

    store = Store.open(results)
    counts: dict[tuple[str, str], Counter[str]] = {}
    problems: list[dict[str, Any]] = []
    for key in store:
        try:
            record = store.read(key)
        except CorruptedCellError as error:
            problems.append({"key": key, "status": "corrupted", "cause": str(error)})
            continue
        cell = record.cell
        counts.setdefault((cell.dataset, cell.method), Counter())[record.status] += 1
        if record.status not in ("ok", "skipped"):
            problems.append({"key": key, "cell": cell.label, "status": record.status, "cause": record.cause})
    if as_json:
        cells = [{"dataset": d, "method": m, **count} for (d, m), count in sorted(counts.items())]
        typer.echo(json.dumps({"cells": cells, "problems": problems}, indent=1))
        return
    console = make_console()
    table = Table("dataset", "method", *STATUSES, box=None, pad_edge=False, header_style="bold")
    for (dataset, method), count in sorted(counts.items()):
        table.add_row(dataset, method, *(str(count[name] or "-") for name in STATUSES))
    console.print(table)
    for problem in problems:
        line = f"{problem['key']}  {problem.get('cell', '')}  {problem['status']}: {problem['cause']}"
        console.print(line, style="red", markup=False, highlight=False)
