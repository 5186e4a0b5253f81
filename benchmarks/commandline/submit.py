"""``submit``: predictions that were made elsewhere, checked, stored and scored like those of the suite."""

import json
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from benchmarks.comma_list import comma_list
from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import (
    AGAIN,
    DATA,
    DEFAULT_RESULTS,
    SPLITS,
    DataRoot,
    Json,
    KindOfSplit,
    Results,
    fold_numbers,
)
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from benchmarks.catalog.loading import LoadedDataset
    from benchmarks.storage.store import Store
    from benchmarks.submission.card import SubmissionCard
    from benchmarks.submission.storing import Submission
    from benchmarks.types import Record, Split

CARD = "Who made them, and how"


def submit(
    file: Annotated[Path, typer.Argument(help="Predictions: a .csv or .npz file (docs/external_predictions.md).")],
    name: Annotated[str, typer.Option("--name", help="Of the rows, which are called NAME@external.")],
    dataset: Annotated[str, typer.Option("--dataset", help="The dataset, or cohort file (.toml), they are of.")],
    card: Annotated[
        Path | None,
        typer.Option(
            help="A .toml or .json file with made_by, how, modalities and, where there is any, extra_data and source.",
            rich_help_panel=CARD,
        ),
    ] = None,
    made_by: Annotated[str | None, typer.Option(help="In place of a card.", rich_help_panel=CARD)] = None,
    how: Annotated[str | None, typer.Option(help="In place of a card.", rich_help_panel=CARD)] = None,
    modalities: Annotated[
        str | None,
        typer.Option(help="In place of a card: what was read of the dataset, comma-separated.", rich_help_panel=CARD),
    ] = None,
    extra_data: Annotated[
        str, typer.Option(help="In place of a card: what else was learnt from.", rich_help_panel=CARD)
    ] = "",
    source: Annotated[
        str, typer.Option(help="In place of a card: where more is written of it.", rich_help_panel=CARD)
    ] = "",
    split: KindOfSplit = "stratified",
    folds: Annotated[int, typer.Option(help="Folds of the cross-validation.", rich_help_panel=SPLITS)] = 5,
    fold: Annotated[
        str | None,
        typer.Option(
            help="Only these of the folds are predicted, comma-separated, counted from 0.", rich_help_panel=SPLITS
        ),
    ] = None,
    repeats: Annotated[int, typer.Option(help="Repeats of it.", rich_help_panel=SPLITS)] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the splits.", rich_help_panel=SPLITS)] = 0,
    validation: Annotated[
        Literal["held-out", "merge"],
        typer.Option(help="merge: the validation part was trained on, too.", rich_help_panel=SPLITS),
    ] = "held-out",
    patients_with: Annotated[
        str | None,
        typer.Option(help="Only patients who have all of these modalities, comma-separated.", rich_help_panel=DATA),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="key=value, an option of the dataset.", rich_help_panel=DATA)
    ] = None,
    data_root: DataRoot = None,
    results: Results = DEFAULT_RESULTS,
    force: Annotated[
        bool,
        typer.Option("--force", help="Put them in the place of others of the same name.", rich_help_panel=AGAIN),
    ] = False,
    as_json: Json = False,
) -> None:
    """Check predictions that were made elsewhere, and store and score them beside those of the suite."""
    from benchmarks.commandline.data.app import load_named
    from benchmarks.protocol.protocol import EvaluationProtocol
    from benchmarks.storage.store import Store
    from benchmarks.submission.card import check_modalities, stored_name
    from benchmarks.submission.checking import predictions_by_split
    from benchmarks.submission.reading import read_submission
    from benchmarks.submission.storing import Submission, store_submission

    full_name = stored_name(name)
    about = _card(card, made_by, how, modalities, extra_data, source)
    complete = tuple(sorted(comma_list(patients_with, "modality"))) if patients_with is not None else ()
    loaded, options = load_named(dataset, settings, data_root, complete_cases=complete)
    check_modalities(about, list(loaded.cohort.patients.modalities), loaded.card.name)
    if split != "stratified" and repeats != 1:
        raise UsageError(f"--repeats {repeats}: {split} folds are not repeated")
    all_splits = _splits(loaded, split, folds, repeats, seed, merged=validation == "merge")
    there = {one.fold for one in all_splits}
    wanted = set(fold_numbers(fold)) if fold is not None else there
    if not wanted <= there:
        raise UsageError(f"--fold {fold}: the folds of {loaded.card.name} are {min(there)} to {max(there)}")
    splits = [one for one in all_splits if one.fold in wanted]
    protocol = EvaluationProtocol.of(loaded.card.name, loaded.cohort, loaded.card.horizon)
    rows = read_submission(file)
    submission = Submission(
        name=full_name,
        card=about,
        content=file.read_bytes(),
        loaded=loaded,
        options=options,
        complete_cases=complete,
        protocol=protocol,
        kind=split,
        folds=len(there),
        seed=seed,
        splits=splits,
        predictions=predictions_by_split(rows, loaded.cohort, splits, protocol),
    )
    store = Store.create(results)
    _report(submission, store, store_submission(submission, store, replace=force), as_json=as_json)


def _card(
    path: Path | None, made_by: str | None, how: str | None, modalities: str | None, extra_data: str, source: str
) -> "SubmissionCard":
    from benchmarks.submission.card import SubmissionCard, checked_card, read_card

    given = {"--made-by": made_by, "--how": how, "--modalities": modalities}
    if path is not None:
        doubled = [option for option, text in given.items() if text is not None]
        doubled += [option for option, text in (("--extra-data", extra_data), ("--source", source)) if text]
        if doubled:
            raise UsageError(f"--card and {doubled[0]}: give one of them")
        return read_card(path)
    if made_by is None or how is None or modalities is None:
        missing = [option for option, text in given.items() if text is None]
        raise UsageError(f"who made the predictions, and how? Give --card FILE, or {', '.join(missing)}")
    read = tuple(comma_list(modalities, "modality")) if modalities.strip() else ()
    card = SubmissionCard(made_by=made_by, how=how, modalities=read, extra_data=extra_data, source=source)
    return checked_card(card, "the card")


def _splits(loaded: "LoadedDataset", kind: str, folds: int, repeats: int, seed: int, *, merged: bool) -> "list[Split]":
    from benchmarks.execution.resources import check_seed
    from benchmarks.protocol.splits import NoEventError, splits_of

    check_seed(seed)
    try:
        splits = splits_of(loaded.cohort, kind, folds=folds, repeats=repeats, seed=seed)
    except NoEventError as error:
        raise UsageError(f"{loaded.card.name}: {error}") from None
    return [split.merge_validation() for split in splits] if merged else splits


def _report(submission: "Submission", store: "Store", records: "list[Record]", *, as_json: bool) -> None:
    """Score the stored cells, write the file of scores and print the row."""
    from benchmarks.commandline.console import make_console
    from benchmarks.commandline.tables import print_dataset
    from benchmarks.scoring.design import designs_of
    from benchmarks.scoring.scorer import ScoredCell, Scorer
    from benchmarks.scoring.summary import summarise
    from benchmarks.storage.score_table import score_table, update_score_file

    scorer = Scorer(store)
    cells = [ScoredCell(record, *scorer.scores_and_influence(record)) for record in records]
    table = score_table([(scored.record, scored.scores) for scored in cells])
    path = update_score_file(store.root, table, warn=partial(tell, stderr=True))
    rows = summarise(cells, designs_of(store, records))
    if as_json:
        keys = [record.cell.key for record in records]
        typer.echo(json.dumps({"rows": [asdict(row) for row in rows], "cells": keys, "scores": str(path)}, indent=1))
        return
    cohort = submission.loaded.cohort
    card = replace(submission.loaded.card, n=len(cohort), events=cohort.outcome.n_events)
    split = f"{submission.folds} {submission.kind} folds, {len(records)} of them predicted, seed {submission.seed}"
    print_dataset(make_console(), card, submission.protocol, rows, {}, split)
    tell(f"stored as {submission.name}: {len(records)} cells in {store.cells}; scores: {path}")
