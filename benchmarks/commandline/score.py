"""``score``: score stored predictions again, after a change of a metric or of the protocol."""

import json
from functools import partial

import typer

from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import DEFAULT_RESULTS, Json, Results
from benchmarks.commandline.selection import OfMethod, OfSeed, OfSplit, OfValidation, OnDataset, Selection, WithSettings


def score(
    dataset: OnDataset = None,
    method: OfMethod = None,
    seed: OfSeed = None,
    split: OfSplit = None,
    validation: OfValidation = None,
    settings: WithSettings = None,
    results: Results = DEFAULT_RESULTS,
    as_json: Json = False,
) -> None:
    """Score every stored cell whose scores are missing, damaged or of another protocol; nothing is fitted."""
    from rich.progress import track

    from benchmarks.commandline.console import make_console
    from benchmarks.scoring.scorer import Scorer
    from benchmarks.storage.score_table import score_table, update_score_file
    from benchmarks.storage.store import CorruptedCellError, Store

    store = Store.open(results)
    scorer = Scorer(store)
    records = []
    damaged = 0
    console = make_console(stderr=True)
    keys = list(store)
    for key in keys:
        try:
            records.append(store.read(key))
        except CorruptedCellError as error:
            damaged += 1
            console.print(f"left out: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    selection = Selection(
        dataset=dataset, method=method, seed=seed, split=split, validation=validation, settings=settings or ()
    )
    wanted = selection.of(records)
    cells = []
    for record in track(wanted, "scoring", console=console, disable=not console.is_terminal):
        try:
            cells.append((record, scorer.scores_and_influence(record)[0] if record.status == "ok" else None))
        except CorruptedCellError as error:
            damaged += 1
            console.print(f"left out: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
    path = update_score_file(
        store.root,
        score_table(cells),
        listed=keys if selection.is_everything else None,
        warn=partial(tell, stderr=True),
    )
    if as_json:
        counts = {"cells": len(cells), "scored": scorer.computed, "damaged": damaged, "scores": str(path)}
        typer.echo(json.dumps(counts, indent=1))
        raise typer.Exit(1 if damaged else 0)
    typer.echo(f"{len(cells)} cells, {scorer.computed} scored now, {damaged} damaged: {path}")
    raise typer.Exit(1 if damaged else 0)
