"""``results``: what is done with whole folders of results."""

import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import DEFAULT_RESULTS, Json, Results
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from benchmarks.storage.store import Store
    from benchmarks.types import Record

results_app = typer.Typer(help="Put folders of results together.", rich_markup_mode="rich")


@results_app.callback()
def root() -> None:
    """Put folders of results together."""


@results_app.command("merge")
def merge(
    folders: Annotated[
        list[Path], typer.Argument(help="Results folders, such as those of the shards of a plan.", metavar="FOLDER...")
    ],
    results: Results = DEFAULT_RESULTS,
    as_json: Json = False,
) -> None:
    """Copy the cells of results folders, with their scores, into the folder of --results.

    Of two cells of one key the finished one stays, then the skipped one, then the one that came first: in --results,
    then in the first folder named. Two finished ones with other predictions are a clash: it is told, the first stays,
    and the exit code is 1. Unfinished studies of tuned cells are not copied.
    """
    from rich.progress import track

    from benchmarks.commandline.console import make_console
    from benchmarks.scoring.merging import merge as merge_cells
    from benchmarks.storage.store import Store

    sources = [Store.open(folder) for folder in folders]
    for folder in folders:
        if results.exists() and folder.samefile(results):
            raise UsageError(f"{folder} is the folder that is merged into; leave it out, or give another --results")
    target = Store.create(results)
    problems: list[str] = []
    records = _stored(target, problems)
    console = make_console(stderr=True)
    total = sum(1 for source in sources for _ in source)
    counts: Counter[str] = Counter()
    for merged in track(
        merge_cells(target, sources, records), "merging", total, console=console, disable=not console.is_terminal
    ):
        counts[merged.outcome] += 1
        if merged.problem:
            problems.append(merged.problem)
    scores = _score(target, records, problems)
    for problem in problems:
        tell(problem, stderr=True)
    if as_json:
        told = {name: counts[name] for name in ("copied", "replaced", "there", "clash", "damaged")}
        typer.echo(json.dumps({**told, "cells": len(records), "problems": problems, "scores": str(scores)}, indent=1))
    else:
        tell(
            f"{counts['copied']:,} cells copied, {counts['replaced']:,} in place of a failed one, "
            f"{counts['there']:,} there already, {counts['clash']:,} clashes, {counts['damaged']:,} damaged; "
            f"{results} holds {len(records):,} cells; scores: {scores}"
        )
    raise typer.Exit(1 if problems else 0)


def _stored(store: "Store", problems: list[str]) -> "dict[str, Record]":
    """Return what a folder holds; a damaged cell counts as not there, so that a sound copy takes its place."""
    from benchmarks.storage.store import CorruptedCellError

    records = {}
    for key in store:
        try:
            records[key] = store.read(key)
        except CorruptedCellError as error:
            problems.append(f"{error}; a sound copy takes its place, if there is one")
    return records


def _score(store: "Store", records: "dict[str, Record]", problems: list[str]) -> Path:
    """Write the file of scores of all cells; those that came without scores are scored."""
    from benchmarks.scoring.scorer import Scorer
    from benchmarks.storage.score_table import score_table, update_score_file
    from benchmarks.storage.store import CorruptedCellError

    scorer = Scorer(store)
    cells = []
    for _, record in sorted(records.items()):
        try:
            cells.append((record, scorer.scores(record) if record.status == "ok" else None))
        except CorruptedCellError as error:
            problems.append(str(error))
    return update_score_file(store.root, score_table(cells), listed=[*store], warn=partial(tell, stderr=True))
