"""``run``: methods on datasets, then a table a dataset."""

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from benchmarks.comma_list import comma_list
from benchmarks.commandline.options import (
    AGAIN,
    DATA,
    DEFAULT_RESULTS,
    LIMITS,
    OUTPUT,
    SPLITS,
    WHAT,
    DataRoot,
    Json,
    Results,
    parse_bytes,
    use_data_root,
)
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from benchmarks.execution.plan import Plan
    from benchmarks.scoring.summary import Row
    from benchmarks.storage.store import Store
    from benchmarks.types import Record


def run(
    method: Annotated[
        str, typer.Option("--method", help="Methods or groups, comma-separated; or module:Class.", rich_help_panel=WHAT)
    ],
    dataset: Annotated[str, typer.Option("--dataset", help="Datasets, comma-separated.", rich_help_panel=WHAT)],
    folds: Annotated[int, typer.Option(help="Folds of the cross-validation.", rich_help_panel=SPLITS)] = 5,
    repeats: Annotated[
        str, typer.Option(help="Repeats of it, or auto: 10 / 5 / 1 by number of events.", rich_help_panel=SPLITS)
    ] = "1",
    seed: Annotated[int, typer.Option(help="Seed of splits and fits.", rich_help_panel=SPLITS)] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="key=value for all methods; name.key=value for one, or a dataset.", rich_help_panel=WHAT
        ),
    ] = None,
    modalities: Annotated[
        str | None, typer.Option(help="What methods may see, comma-separated; all if absent.", rich_help_panel=WHAT)
    ] = None,
    split: Annotated[
        Literal["stratified", "published"],
        typer.Option(help="Drawn by the suite, or the dataset's published folds.", rich_help_panel=SPLITS),
    ] = "stratified",
    complete_cases: Annotated[
        bool, typer.Option("--complete-cases", help="Only patients who have all of --modalities.")
    ] = False,
    patients_with: Annotated[
        str | None,
        typer.Option(
            "--patients-with", help="Only patients who have these, whatever methods may see.", rich_help_panel=DATA
        ),
    ] = None,
    skip_invalid: Annotated[
        bool,
        typer.Option(
            "--skip-invalid",
            help="Leave out patients whose files cannot be read, and count them.",
            rich_help_panel=DATA,
        ),
    ] = False,
    data_root: DataRoot = None,
    jobs: Annotated[int, typer.Option(help="Cells side by side.", rich_help_panel=LIMITS)] = 1,
    threads: Annotated[int, typer.Option(help="Threads of a cell.", rich_help_panel=LIMITS)] = 1,
    device: Annotated[
        str, typer.Option(help="Torch device of the cells, such as cpu or cuda:0.", rich_help_panel=LIMITS)
    ] = "cpu",
    results: Results = DEFAULT_RESULTS,
    timeout: Annotated[
        float, typer.Option(help="Seconds after which a cell is stopped.", rich_help_panel=LIMITS)
    ] = 3600.0,
    memory: Annotated[
        str | None,
        typer.Option(
            help="Memory of a cell's process tree, as 2G; 80 % of the machine's by default.", rich_help_panel=LIMITS
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Run stored cells again.", rich_help_panel=AGAIN)] = False,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Run stored cells that failed again.", rich_help_panel=AGAIN)
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan, run nothing.", rich_help_panel=OUTPUT)
    ] = False,
    as_json: Json = False,
) -> None:
    """Run methods on datasets; what is stored already is not run again."""
    if jobs < 1:
        raise UsageError(f"--jobs {jobs}: at least 1 is needed")
    if not timeout > 0:
        raise UsageError(f"--timeout {timeout:g}: it must be > 0")
    if split == "published" and repeats != "1":
        raise UsageError(f"--repeats {repeats}: published folds are not repeated")
    use_data_root(data_root)
    import psutil

    limit = parse_bytes(memory) if memory else int(0.8 * psutil.virtual_memory().total / jobs)
    from benchmarks.execution.plan import Request, make_plan
    from benchmarks.storage.store import Store

    request = Request(
        methods=method,
        datasets=dataset,
        settings=[*(settings or ()), *(_skip_invalid(dataset) if skip_invalid else ())],
        folds=folds,
        repeats=_parse_repeats(repeats),
        seed=seed,
        modalities=comma_list(modalities, "modality") if modalities is not None else None,
        threads=threads,
        device=device,
        split=split,
        patients_with=_patients_with(patients_with, modalities, complete_cases=complete_cases),
    )
    plan = make_plan(request)
    if dry_run:
        _show_plan(plan, results, jobs, as_json=as_json)
        return
    store = Store.create(results)
    records = _run_cells(plan, store, jobs, timeout, limit, force=force, retry_failed=retry_failed)
    _report(plan, store, records, as_json=as_json)
    failed = any(record.status not in ("ok", "skipped") for record in records)
    raise typer.Exit(1 if failed else 0)


def _patients_with(text: str | None, modalities: str | None, *, complete_cases: bool) -> list[str]:
    """Return what every patient must have, as the two options say it."""
    if complete_cases and modalities is None:
        raise UsageError("--complete-cases: name with --modalities what every patient must have")
    complete = comma_list(modalities, "modality") if complete_cases and modalities is not None else []
    return [*complete, *(comma_list(text, "modality") if text is not None else [])]


def _skip_invalid(names: str) -> list[str]:
    """Return the settings that leave out unreadable patients, one for each dataset that can."""
    from benchmarks.catalog.registry import dataset_card, expand_datasets

    able = [name for name in expand_datasets(names) if "skip_invalid" in dataset_card(name).options]
    if not able:
        raise UsageError(f"--skip-invalid: none of {names} reads patients one by one")
    return [f"{name}.skip_invalid=true" for name in able]


def _parse_repeats(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdecimal():
        raise UsageError(f"--repeats {text}: expected a number or auto")
    return int(text)


def _run_cells(
    plan: "Plan", store: "Store", jobs: int, timeout: float, memory: int, *, force: bool, retry_failed: bool
) -> "list[Record]":
    from benchmarks.commandline.console import make_console
    from benchmarks.commandline.progress import RunProgress
    from benchmarks.execution.guard import Limits
    from benchmarks.execution.runner import Finished
    from benchmarks.execution.runner import run as run_plan

    cells = [planned.cell for planned in plan.cells]
    found: dict[str, Record] = {}
    events = run_plan(plan, store, jobs=jobs, limits=Limits(timeout, memory), force=force, retry_failed=retry_failed)
    console = make_console(stderr=True)
    with closing(events), RunProgress(console, cells, jobs, known_seconds(plan, store)) as progress:
        for event in events:
            progress.show(event)
            if isinstance(event, Finished):
                found[event.record.cell.key] = event.record
    return [found[cell.key] for cell in cells]


def known_seconds(plan: "Plan", store: "Store") -> dict[tuple[str, str], float]:
    """Return the mean seconds of stored cells by (method, dataset), for estimates of the time left."""
    from benchmarks.storage.store import CorruptedCellError

    seconds: dict[tuple[str, str], list[float]] = {}
    for planned in plan.cells:
        cell = planned.cell
        if store.has(cell.key):
            try:
                record = store.read(cell.key)
            except CorruptedCellError:
                continue  # the run itself reports it
            if record.status == "ok":
                seconds.setdefault((cell.method, cell.dataset), []).append(record.seconds["total"])
    return {kind: sum(values) / len(values) for kind, values in seconds.items()}


def _show_plan(plan: "Plan", results: Path, jobs: int, *, as_json: bool) -> None:
    from benchmarks.commandline.progress import format_seconds
    from benchmarks.storage.store import Store

    store = Store(results)
    known = known_seconds(plan, store)
    rows: list[dict[str, Any]] = []
    for planned in plan.cells:
        cell = planned.cell
        state = "skipped" if planned.skipped else "stored" if store.has(cell.key) else "to run"
        rows.append({"key": cell.key, "cell": cell.label, "state": state, "reason": planned.skipped})
    waiting = [p.cell for p, row in zip(plan.cells, rows, strict=True) if row["state"] == "to run"]
    unknown = sorted({cell.method for cell in waiting if (cell.method, cell.dataset) not in known})
    seconds = sum(known.get((cell.method, cell.dataset), 0.0) for cell in waiting) / jobs
    if as_json:
        plan_as_json = {
            "cells": rows,
            "estimated_seconds": None if unknown else seconds,
            "unavailable": plan.unavailable,
        }
        typer.echo(json.dumps(plan_as_json, indent=1))
        return
    for row in rows:
        typer.echo(f"{row['key']}  {row['state']:8}{row['cell']}{'  ' + row['reason'] if row['reason'] else ''}")
    for name, reason in plan.unavailable.items():
        typer.echo(f"{'-' * 16}  skipped {name}  {reason}")
    left = f"unknown, never run here: {', '.join(unknown)}" if unknown else f"about {format_seconds(seconds)}"
    typer.echo(f"{len(rows)} cells, {len(waiting)} to run; time: {left if waiting else 'nothing to do'}")


def _report(plan: "Plan", store: "Store", records: "list[Record]", *, as_json: bool) -> None:
    from benchmarks.scoring.scorer import Scorer
    from benchmarks.scoring.summary import summarise
    from benchmarks.storage.score_table import score_table, update_score_file

    scorer = Scorer(store)
    cells = [(record, scorer.scores(record) if record.status == "ok" else None) for record in records]
    path = update_score_file(store.root, score_table(cells))
    rows = summarise(cells)
    oracles = _oracle_rows(plan)
    if as_json:
        summary = {
            "rows": [asdict(row) for row in rows],
            "oracles": {name: asdict(row) for name, row in oracles.items()},
            "unavailable": plan.unavailable,
            "protocols": {name: {"id": p.id, "horizon": p.horizon} for name, p in plan.protocols.items()},
            "cells": {record.cell.key: {"status": record.status, "cause": record.cause} for record in records},
            "scores": str(path),
        }
        typer.echo(json.dumps(summary, indent=1))
        return
    _print_tables(plan, rows, oracles, store, path)


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


def _print_tables(plan: "Plan", rows: "Sequence[Row]", oracles: "dict[str, Row]", store: "Store", scores: Path) -> None:
    from benchmarks.commandline.console import make_console
    from benchmarks.commandline.tables import print_dataset
    from benchmarks.reports.dataset import sized_card

    console = make_console()
    for name, protocol in plan.protocols.items():
        cell = next(planned.cell for planned in plan.cells if planned.cell.dataset == name)
        repeats = 1 + max(planned.cell.repeat for planned in plan.cells if planned.cell.dataset == name)
        split = f"{cell.folds} {cell.split} folds, {repeats} repeat{'s' if repeats > 1 else ''}, seed {cell.seed}"
        if cell.complete_cases:
            split += f", only patients with {' and '.join(cell.complete_cases)}"
        if cell.dataset_options.get("skip_invalid"):
            split += f"; {_left_out(name, cell.dataset_options)}"
        of_dataset = [row for row in rows if row.dataset == name]
        if name in oracles:
            of_dataset.append(oracles[name])
        print_dataset(console, sized_card(cell), protocol, of_dataset, plan.unavailable, split)
    console.print(
        "\nMean over the test folds ± half the 95 % interval, corrected for overlapping training sets (Nadeau & Bengio "
        "2003): how well a mean is known, not whether two methods differ. D-cal: share of folds with p > 0.05.",
        style="dim",
    )
    console.print(f"Cells: {store.cells}   scores: {scores}   one cell: python -m benchmarks show KEY")
