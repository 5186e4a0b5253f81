"""What ``run`` prints: its plan, or the scores of its cells as one table per dataset."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from benchmarks.commandline.literal import tell
from benchmarks.plain_text import one_line

if TYPE_CHECKING:
    from benchmarks.catalog.cards import DatasetCard
    from benchmarks.execution.expected_seconds import ExpectedSeconds
    from benchmarks.execution.plan import Plan
    from benchmarks.scoring.scorer import ScoredCell, Scorer
    from benchmarks.scoring.summary import Row
    from benchmarks.storage.store import Store
    from benchmarks.types import Cell, Record

LONGEST_PROBLEM = 500


def show_plan(plan: "Plan", results: Path, jobs: int, *, as_json: bool) -> None:
    """Print every cell of a plan with what is known of it, and how long the rest would take."""
    from benchmarks.commandline.progress import format_seconds
    from benchmarks.storage.store import Store

    store = Store(results)
    rows: list[dict[str, Any]] = []
    waiting = []
    stored = []
    for planned in plan.cells:
        key = planned.cell.key
        state = "skipped" if planned.skipped else "stored" if store.has(key) else "to run"
        rows.append({"key": key, "cell": planned.cell.label, "state": state, "reason": planned.skipped})
        if state == "to run":
            waiting.append(planned.cell)
        elif state == "stored":
            stored.append(key)
    expected = _expected(store, stored, waiting)
    times = [(cell, expected.of(cell)) for cell in waiting]
    unknown = sorted({cell.method for cell, time in times if time is None})
    seconds = sum(time or 0.0 for _, time in times) / jobs
    if as_json:
        plan_as_json = {
            "cells": rows,
            "estimated_seconds": None if unknown else seconds,
            "unavailable": plan.unavailable,
        }
        typer.echo(json.dumps(plan_as_json, indent=1))
        return
    for row in rows:
        tell(f"{row['key']}  {row['state']:8}{row['cell']}{'  ' + row['reason'] if row['reason'] else ''}")
    for name, reason in plan.unavailable.items():
        tell(f"{'-' * 16}  skipped {name}  {reason}")
    left = f"unknown, never run here: {', '.join(unknown)}" if unknown else f"about {format_seconds(seconds)}"
    tell(f"{len(rows)} cells, {len(waiting)} to run; time: {left if waiting else 'nothing to do'}")


def _expected(store: "Store", stored: "Sequence[str]", waiting: "Sequence[Cell]") -> "ExpectedSeconds":
    """Return what stored cells tell of the time of the others."""
    from benchmarks.execution.expected_seconds import ExpectedSeconds
    from benchmarks.storage.store import CorruptedCellError

    expected = ExpectedSeconds()
    if waiting:
        for key in stored:
            with suppress(CorruptedCellError):  # the run itself reports it
                expected.add(store.read_record(key))
        expected.add_from(store, waiting)
    return expected


def report(plan: "Plan", store: "Store", records: "list[Record]", *, as_json: bool, wide: bool) -> "list[Record]":
    """Score the cells of a run, write the file of scores, and print the tables; return the records as they are told."""
    from benchmarks.scoring.design import designs_of
    from benchmarks.scoring.scorer import Scorer
    from benchmarks.scoring.summary import summarise
    from benchmarks.storage.score_table import score_table, update_score_file

    scorer = Scorer(store)
    cells = [_scored(scorer, record) for record in records]
    table = score_table([(scored.record, scored.scores) for scored in cells])
    path = update_score_file(store.root, table, warn=partial(tell, stderr=True))
    rows = summarise(cells, designs_of(store, [scored.record for scored in cells]))
    oracles = _oracle_rows(plan)
    if as_json:
        summary = {
            "rows": [asdict(row) for row in rows],
            "oracles": {name: asdict(row) for name, row in oracles.items()},
            "unavailable": plan.unavailable,
            "protocols": {name: {"id": p.id, "horizon": p.horizon} for name, p in plan.protocols.items()},
            "excluded": plan.excluded,
            "cells": {scored.record.cell.key: _ending(scored.record) for scored in cells},
            "scores": str(path),
        }
        typer.echo(json.dumps(summary, indent=1))
    else:
        _print_tables(plan, rows, oracles, store, path, wide=wide)
        failed = sum(scored.record.status not in ("ok", "skipped") for scored in cells)
        if failed:
            tell(f"Failed cells: {failed}; they are run again if --retry-failed is added")
    return [scored.record for scored in cells]


def _scored(scorer: "Scorer", record: "Record") -> "ScoredCell":
    """Return a record with its scores; one whose files are damaged by now as failed, and without scores."""
    from benchmarks.scoring.scorer import ScoredCell
    from benchmarks.storage.store import CorruptedCellError

    if record.status != "ok":
        return ScoredCell(record)
    try:
        return ScoredCell(record, *scorer.scores_and_influence(record))
    except CorruptedCellError as error:
        return ScoredCell(replace(record, status="failed", cause=one_line(str(error), LONGEST_PROBLEM)))


def _ending(record: "Record") -> dict[str, Any]:
    return {"status": record.status, "cause": record.cause, "warnings": record.warnings}


def _oracle_rows(plan: "Plan") -> "dict[str, Row]":
    """Return the row of the truth for each simulated dataset of the plan."""
    from benchmarks.catalog.registry import dataset_card

    simulated = {name: protocol for name, protocol in plan.protocols.items() if dataset_card(name).oracle}
    if not simulated:
        return {}
    from benchmarks.scoring.oracle import oracle_row

    cells = [planned.cell for planned in plan.cells]
    return {
        name: oracle_row([cell for cell in cells if cell.dataset == name], protocol)
        for name, protocol in simulated.items()
    }


def _left_out(name: str, options: Mapping[str, Any]) -> str:
    """Say how many patients of the card's were left out as invalid."""
    from benchmarks.catalog.loading import changed_options, load_dataset
    from benchmarks.catalog.registry import dataset_card

    card = dataset_card(name)
    changed = changed_options(card, {**options, "skip_invalid": False})
    expected = card.sizes[changed][0] if changed in card.sizes else card.n
    left = len(load_dataset(name, options).cohort)
    return f"{(expected or left) - left} of {expected} patients left out as invalid"


def _print_tables(
    plan: "Plan", rows: "Sequence[Row]", oracles: "dict[str, Row]", store: "Store", scores: Path, *, wide: bool
) -> None:
    from benchmarks.commandline.console import make_console
    from benchmarks.commandline.tables import print_dataset
    from benchmarks.types import told_excluded

    console = make_console()
    left_out: dict[str, None] = {}
    for name, protocol in plan.protocols.items():
        cells = [planned.cell for planned in plan.cells if planned.cell.dataset == name]
        of_dataset = [row for row in rows if row.dataset == name]
        if name in oracles:
            of_dataset.append(oracles[name])
        split = "; ".join(filter(None, [_split(cells), told_excluded(plan.excluded[name])]))
        left_out |= dict.fromkeys(
            print_dataset(console, _sized_card(plan, name), protocol, of_dataset, plan.unavailable, split, wide=wide)
        )
    console.print(
        "\nMean over the test folds ± half the 95 % interval, by the influence of each patient: where the models "
        "fitted here would score on all patients like these, not whether two methods differ. D-cal: p-value of "
        "all folds together; - where its events a bin are too few to reject curves that are wrong.",
        style="dim",
    )
    if left_out:
        console.print(f"--wide shows also: {', '.join(left_out)}", style="dim", highlight=False)
    console.print(
        f"Cells: {store.cells}   scores: {scores}   one cell: python -m benchmarks show METHOD DATASET", soft_wrap=True
    )


def _sized_card(plan: "Plan", name: str) -> "DatasetCard":
    """Return a dataset's card with the size of the cohort of this run, which a card need not state."""
    from benchmarks.catalog.registry import dataset_card

    patients, events = plan.sizes[name]
    return replace(dataset_card(name), n=patients, events=events)


def _split(cells: "Sequence[Cell]") -> str:
    """Return in words how a dataset was split, and who and what was left out."""
    first = cells[0]
    repeats = 1 + max(cell.repeat for cell in cells)
    text = f"{first.folds} {first.split} folds, {repeats} repeat{'s' if repeats > 1 else ''}, seed {first.seed}"
    run = sorted({cell.fold for cell in cells})
    if len(run) < first.folds:
        text += f", of which only fold{'s' if len(run) > 1 else ''} {', '.join(map(str, run))}"
    if first.complete_cases:
        text += f", only patients with {' and '.join(first.complete_cases)}"
    if first.dataset_options.get("skip_invalid"):
        text += f"; {_left_out(first.dataset, first.dataset_options)}"
    return text
