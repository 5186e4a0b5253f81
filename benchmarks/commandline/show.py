"""``show KEY`` or ``show ROW DATASET``: one cell, in full."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmarks.byte_size import written_size
from benchmarks.catalog.embargo import EMBARGO_MARK, embargo_of
from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import DEFAULT_RESULTS, OUTPUT, WHICH, Json, Results
from benchmarks.commandline.selection import (
    COHORT_FILE,
    OfSeed,
    OfSplit,
    OfValidation,
    Selection,
    WithSettings,
    dataset_names,
)
from benchmarks.commandline.tuned_cell import folds_of_row, print_trials
from benchmarks.errors import UsageError
from benchmarks.protocol.measures import MEASURES
from benchmarks.types import told_recalibrated, told_shuffled, told_tuned

if TYPE_CHECKING:
    from benchmarks.storage.store import Store
    from benchmarks.types import Cell, PredictedPart, Record
    from benchmarks.types.score import CellScores

LOG_LINES = 15


def show(
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY|METHOD",
            help="Key of the cell or its first characters; or its method, with what a board says behind it: "
            "'cox_ph, tuned (20 trials)'.",
        ),
    ],
    dataset: Annotated[
        str | None, typer.Argument(help="With a method: its dataset; with either: the cohort file (.toml) of your own.")
    ] = None,
    fold: Annotated[
        int | None, typer.Option(help="With a method: the fold; the first if absent.", rich_help_panel=WHICH)
    ] = None,
    repeat: Annotated[
        int | None, typer.Option(help="With a method: the repeat; the first if absent.", rich_help_panel=WHICH)
    ] = None,
    seed: OfSeed = None,
    split: OfSplit = None,
    validation: OfValidation = None,
    settings: WithSettings = None,
    results: Results = DEFAULT_RESULTS,
    plots: Annotated[
        bool, typer.Option("--plots", help="Draw its figures into RESULTS/figures.", rich_help_panel=OUTPUT)
    ] = False,
    as_json: Json = False,
) -> None:
    """Show a cell: what was run, how it ended, what it cost, how it scored."""
    from benchmarks.scoring.scorer import Scorer
    from benchmarks.storage.store import CorruptedCellError, Store

    store = Store.open(results)
    method, comma, made = key.partition(", ")
    selection = Selection(
        method=method, dataset=dataset, seed=seed, split=split, validation=validation, settings=settings or ()
    )
    if dataset is None or _is_key_beside(dataset, key, store):
        key = _complete(key, store)
    else:
        key = _find(store, selection, made=f"{comma}{made}", fold=fold, repeat=repeat)
    try:
        record = store.read(key)
        scores = Scorer(store).scores(record) if record.status == "ok" else None
    except CorruptedCellError as error:
        raise UsageError(f"{error}; run the same command again to recompute the cell") from None
    if dataset is not None and record.cell.dataset not in dataset_names(dataset):
        raise UsageError(f"{key} is a cell on {record.cell.dataset}, not on {dataset}")
    if plots:
        for path, shows in _draw(record, store):
            tell(f"drew {path}: {shows}", stderr=True)
    if as_json:
        typer.echo(
            json.dumps(
                {**record.as_json(), "key": key, "scores": None if scores is None else scores.as_json()}, indent=1
            )
        )
        return
    mark = f"  {EMBARGO_MARK}" if embargo_of(record.cell.dataset) else ""
    tell(f"{key}  {record.cell.label}: {record.status}{': ' + record.cause if record.cause else ''}{mark}")
    _print_fields("cell", record.as_json()["cell"])
    if record.warnings:
        _print_fields("warnings", {**record.warnings})
    if not record.cell.external:
        _print_costs(record)
    if record.cell.tuning:
        print_trials(store.folder(key))
    if scores is not None:
        _print_scores(scores)
        _print_challenge_score(record, store)
    tell(f"files        {store.folder(key)}")
    log = store.folder(key) / "log.txt"
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    if lines:
        tell(f"log, last {min(len(lines), LOG_LINES)} of {len(lines)} lines:")
        for line in lines[-LOG_LINES:]:
            tell(f"  {line}")


def _print_costs(record: "Record") -> None:
    _print_fields("seconds", {name: round(value, 3) for name, value in record.seconds.items()})
    tell(f"peak memory  {written_size(record.peak_memory)}")
    memory = record.environment.get("memory")
    told = {"memory": written_size(memory)} if isinstance(memory, int) else {}
    _print_fields("environment", {**record.environment, **told})


def _print_challenge_score(record: "Record", store: "Store") -> None:
    """Print what the dataset's challenge ranks by: a function of the restricted mean survival time to the horizon."""
    from benchmarks.catalog.registry import dataset_cards, load_entry
    from benchmarks.storage.predictions import read_predictions
    from benchmarks.types import Prediction

    card = dataset_cards().get(record.cell.dataset)
    if card is None or not card.challenge_score:
        return
    score = load_entry(replace(card, entry=card.challenge_score))
    for name, part in read_predictions(store.folder(record.cell.key)).parts.items():
        for variant, prediction in part.predictions.items():
            tell(f"challenge score on {name}{f' ({variant})' if variant else ''}")
            if prediction.survival is None:
                tell("  not applicable: the method predicts no time")
                continue
            # The risk taken from curves is the negative restricted mean.
            time = -Prediction.from_curves(prediction.times, prediction.survival).risk
            tell(f"  {score(part.outcome, time):.4f}")


def _draw(record: "Record", store: "Store") -> Iterator[tuple[Path, str]]:
    """Draw the figures of a cell, and yield each file with what it shows."""
    from benchmarks.catalog.registry import dataset_card, dataset_cards
    from benchmarks.protocol.protocol import EvaluationProtocol
    from benchmarks.reports.cell_figures import SHOWS, draw_cell
    from benchmarks.storage.predictions import read_predictions
    from benchmarks.types import MAIN

    cell = record.cell
    if record.status != "ok":
        raise UsageError(f"{cell.key} is {record.status}: there is no prediction to draw")
    if cell.dataset not in dataset_cards():
        raise UsageError(f"{cell.dataset} is not registered: name its cohort file, show {cell.key} COHORT.toml --plots")
    folder = store.root / "figures" / cell.key
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}") from None
    stored = read_predictions(store.folder(cell.key))
    protocol = EvaluationProtocol(cell.dataset, stored.parts["test"].predictions[MAIN].times)
    for path in draw_cell(stored, protocol, cell.label, dataset_card(cell.dataset).time_unit, folder):
        yield path, SHOWS
    if cell.tuning:
        from benchmarks.reports.tuning_figure import SHOWS_TUNING, draw_tuning
        from benchmarks.types import Tuning

        row = f"{cell.method}{told_tuned(cell.tuning)} on {cell.dataset}"
        yield draw_tuning(folds_of_row(cell, store), Tuning.of(cell.tuning), row, folder), SHOWS_TUNING
    for path in _draw_of_method(cell, stored.parts["test"], folder):
        # What it shows is known to the method alone.
        yield path, f"a figure of {cell.method}"


def _draw_of_method(cell: "Cell", test: "PredictedPart", folder: Path) -> list[Path]:
    """Draw the figures that the method's card names, if it names any."""
    from benchmarks.catalog.registry import load_entry, method_card

    if cell.external:
        return []
    card = method_card(cell.entry if ":" in cell.method else cell.method)
    if not card.figures:
        return []
    try:
        paths: list[Path] = load_entry(replace(card, entry=card.figures))(cell, test, folder)
    except UsageError as error:
        raise UsageError(f"figures of {cell.method}: {error}") from None
    return paths


def _find(store: "Store", selection: Selection, *, made: str, fold: int | None, repeat: int | None) -> str:
    """Return the key of a method's cell on a dataset; without a fold or repeat, the first that is stored.

    ``made`` is what a board says behind the method: tuned, recalibrated, shuffled. Where it is empty, cells of which
    a board says nothing go before the others.

    Raises
    ------
    UsageError
        If there is none, or several that differ in seed, split, settings or code; it names their keys.
    """
    from benchmarks.storage.store import CorruptedCellError

    records = []
    for key in store:
        try:
            records.append(store.read_record(key))
        except CorruptedCellError:
            continue  # its record cannot be read, so nothing tells whose it is; `show KEY` and `status` say so
    cells = [record.cell for record in selection.of(records)]
    if not cells:
        raise UsageError(f"{store.root} holds no cells yet")
    ways = sorted({_made(cell) for cell in cells})
    if made and made not in ways:
        names = "; ".join(f"{selection.method}{way}" for way in ways)
        raise UsageError(f"{selection.method}{made}: no cell is called so; there are: {names}")
    if made in ways:
        cells = [cell for cell in cells if _made(cell) == made]
    label = f"{selection.method}{made} on {selection.dataset}"
    for name, wanted in (("repeat", repeat), ("fold", fold)):
        there = sorted({getattr(cell, name) for cell in cells})
        if wanted is not None and wanted not in there:
            raise UsageError(f"--{name} {wanted}: not stored of {label}; there are: {', '.join(map(str, there))}")
        chosen = there[0] if wanted is None else wanted
        cells = [cell for cell in cells if getattr(cell, name) == chosen]
    if len(cells) > 1:
        told = "; ".join(f"{cell.key} ({_apart(cell, cells)})" for cell in cells)
        labels = " or ".join(dict.fromkeys(cell.label for cell in cells))
        raise UsageError(f"{len(cells)} cells are {labels}: {told}; show one by its key")
    return cells[0].key


def _made(cell: "Cell") -> str:
    """Return what a board says behind the name of a cell's method."""
    return f"{told_tuned(cell.tuning)}{told_recalibrated(cell.recalibrated)}{told_shuffled(cell.shuffled)}"


def _is_key_beside(dataset: str, key: str, store: "Store") -> bool:
    """Return whether a cell is named by its key, and the dataset by its cohort file alone."""
    return dataset.endswith(COHORT_FILE) and any(known.startswith(key) for known in store)


def _apart(cell: "Cell", cells: "list[Cell]") -> str:
    """Return in what a cell differs from others: settings by name and value, checksums by name alone."""
    told = []
    for field in fields(cell):
        value = getattr(cell, field.name)
        others = [getattr(other, field.name) for other in cells]
        if all(other == value for other in others):
            continue
        if isinstance(value, Mapping):
            keys = [key for key in value if any(other.get(key) != value[key] for other in others)]
            told += [f"{key}={value[key]}" for key in keys]
        elif field.name.endswith("sha256"):
            told.append(f"{field.name} {value[:8]}")
        else:
            told.append(f"{field.name}={('+'.join(value) or 'none') if isinstance(value, tuple) else value}")
    return ", ".join(told)


def _complete(key: str, store: "Store") -> str:
    matches = [known for known in store if known.startswith(key)]
    if not matches:
        raise UsageError(
            f"no cell with key {key!r} in {store.root}; `python -m benchmarks status --cells` lists what is there"
        )
    if len(matches) > 1:
        raise UsageError(f"{key!r} is the beginning of {len(matches)} keys: {', '.join(matches[:5])}")
    return matches[0]


def _print_fields(title: str, fields: dict[str, Any]) -> None:
    tell(title)
    for name, value in fields.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {part}" for key, part in value.items()) or "none"
        elif isinstance(value, tuple):
            value = ", ".join(value) or "none"
        tell(f"  {name:16} {value}")


def _print_scores(scores: "CellScores") -> None:
    order = {measure.name: place for place, measure in enumerate(MEASURES)}
    for variant, parts in scores.variants.items():
        for part, measures in parts.items():
            tell(f"scores on {part}{f' ({variant})' if variant else ''}, protocol {scores.protocol}")
            for name, score in sorted(measures.items(), key=lambda item: order.get(item[0], len(order))):
                if score.value is None:
                    tell(f"  {name:22} {score.status}: {score.reason}")
                    continue
                interval = "" if score.low is None else f"  [{score.low:.4f}, {score.high:.4f}]"
                tell(f"  {name:22} {score.value:.4f}{interval}")
