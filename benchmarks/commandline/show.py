"""``show KEY``: one cell, in full."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmarks.commandline.options import DEFAULT_RESULTS, Json, Results
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from benchmarks.store import Store

LOG_LINES = 15


def show(
    key: Annotated[str, typer.Argument(help="Key of the cell, or its first characters.")],
    results: Results = DEFAULT_RESULTS,
    as_json: Json = False,
) -> None:
    """Show a cell: what was run, how it ended, what it cost, how it scored."""
    from benchmarks.scoring import Scorer
    from benchmarks.store import CorruptedCellError, Store

    store = Store.open(results)
    key = _complete(key, store)
    try:
        record = store.read(key)
    except CorruptedCellError as error:
        raise UsageError(f"{error}; run the same command again to recompute the cell") from None
    scores = None
    if record.status == "ok":
        scores = Scorer(store).scores(record)
    if as_json:
        typer.echo(json.dumps({**record.as_json(), "key": key, "scores": scores}, indent=1))
        return
    typer.echo(f"{key}  {record.cell.label}: {record.status}{': ' + record.cause if record.cause else ''}")
    _print_fields("cell", record.as_json()["cell"])
    _print_fields("seconds", {name: round(value, 3) for name, value in record.seconds.items()})
    typer.echo(f"peak memory  {record.peak_memory / 2**20:.0f} MiB")
    _print_fields("environment", dict(record.environment))
    if scores is not None:
        _print_scores(scores)
    typer.echo(f"files        {store.folder(key)}")
    log = store.folder(key) / "log.txt"
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    if lines:
        typer.echo(f"log, last {min(len(lines), LOG_LINES)} of {len(lines)} lines:")
        for line in lines[-LOG_LINES:]:
            typer.echo(f"  {line}")


def _complete(key: str, store: "Store") -> str:
    matches = [known for known in store if known.startswith(key)]
    if not matches:
        raise UsageError(
            f"no cell with key {key!r} in {store.root}; `python -m benchmarks status` counts what is there"
        )
    if len(matches) > 1:
        raise UsageError(f"{key!r} is the beginning of {len(matches)} keys: {', '.join(matches[:5])}")
    return matches[0]


def _print_fields(title: str, fields: dict[str, Any]) -> None:
    typer.echo(title)
    for name, value in fields.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        typer.echo(f"  {name:16} {shown}")


def _print_scores(scores: dict[str, Any]) -> None:
    for variant, parts in scores["variants"].items():
        for part, measures in parts.items():
            typer.echo(f"scores on {part}{f' ({variant})' if variant else ''}, protocol {scores['protocol']}")
            for name, score in measures.items():
                if score["status"] != "defined":
                    typer.echo(f"  {name:16} {score['status']}: {score['reason']}")
                    continue
                interval = "" if score["low"] is None else f"  [{score['low']:.4f}, {score['high']:.4f}]"
                typer.echo(f"  {name:16} {score['value']:.4f}{interval}")
