"""``data``: what a dataset holds, whether it is what it should be, how it is split."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from benchmarks.comma_list import comma_list
from benchmarks.commandline.data.fetch import fetch_app
from benchmarks.commandline.data.init import init
from benchmarks.commandline.data.pack_bags import pack_bags
from benchmarks.commandline.findings import tell_findings
from benchmarks.commandline.options import DataRoot, Json, KindOfSplit, use_data_root
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from benchmarks.catalog.cards import DatasetCard
    from benchmarks.catalog.loading import LoadedDataset
    from benchmarks.reports.dataset import Description

Dataset = Annotated[str, typer.Argument(help="A registered dataset, or a cohort file (.toml).")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="key=value, an option of the dataset.")]

data_app = typer.Typer(help="Look at a dataset, check it, describe your own.", rich_markup_mode="rich")
data_app.command("init")(init)
data_app.command("pack-bags")(pack_bags)
data_app.add_typer(fetch_app, name="fetch")


@data_app.command("describe")
def describe(
    dataset: Dataset,
    settings: Settings = None,
    plot: Annotated[Path | None, typer.Option("--plot", help="Draw the figures into this folder, as PNG.")] = None,
    data_root: DataRoot = None,
    as_json: Json = False,
) -> None:
    """Show the card of a dataset, its size and follow-up, and who has which modalities."""
    loaded, options = load_named(dataset, settings, data_root)
    from benchmarks.commandline.data.report import print_description
    from benchmarks.reports.dataset import describe as describe_dataset

    description = describe_dataset(loaded)
    oracle = _oracle(loaded, options)
    if plot is not None:
        for path in _draw(loaded, description, plot):
            typer.echo(f"drew {path}", err=True)
    if as_json:
        card = {key: value for key, value in asdict(loaded.card).items() if key not in ("arguments", "entry")}
        figures = {"card": card, "options": options, **asdict(description), "oracle": oracle}
        typer.echo(json.dumps(figures, indent=1))
        return
    print_description(loaded.card, options, description, oracle)


@data_app.command("verify")
def verify(dataset: Dataset, settings: Settings = None, data_root: DataRoot = None, as_json: Json = False) -> None:
    """Check a dataset: card against content, duplicates, and columns that tell the outcome."""
    card, options = _card(dataset, settings, data_root)
    from benchmarks.contract.dataset import verify_dataset

    described = {"dataset": card.name, "options": options} if as_json else None
    raise typer.Exit(tell_findings(card.name, verify_dataset(card, options), as_json=described))


@data_app.command("splits")
def splits(
    dataset: Dataset,
    split: KindOfSplit = "stratified",
    folds: Annotated[int, typer.Option(help="Folds of the cross-validation.")] = 5,
    repeats: Annotated[int, typer.Option(help="Repeats of it.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the splits.")] = 0,
    settings: Settings = None,
    patients_with: Annotated[
        str | None,
        typer.Option("--patients-with", help="Only patients who have all of these modalities, comma-separated."),
    ] = None,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write patient, repeat, fold and part of every split into this CSV file."),
    ] = None,
    times: Annotated[
        Path | None, typer.Option("--times", help="Write the times of the protocol's grid into this CSV file.")
    ] = None,
    data_root: DataRoot = None,
    as_json: Json = False,
) -> None:
    """List the folds with patients and events of each part, and the checksums that results carry."""
    complete = tuple(sorted(comma_list(patients_with, "modality"))) if patients_with is not None else ()
    loaded, options = load_named(dataset, settings, data_root, complete_cases=complete)
    from benchmarks.commandline.data.report import SplitRow, print_splits
    from benchmarks.commandline.data.split_files import write_splits, write_times
    from benchmarks.protocol.splits import splits_of

    made = splits_of(loaded.cohort, split, folds=folds, repeats=repeats, seed=seed)
    if write is not None:
        write_splits(made, loaded.cohort, write)
    if times is not None:
        write_times(loaded, times)
    rows = [SplitRow.of(one, loaded.cohort.outcome) for one in made]
    if as_json:
        table = {
            "dataset": loaded.card.name,
            "options": options,
            "sha256": loaded.sha256,
            "split": split,
            "splits": [asdict(row) for row in rows],
        }
        typer.echo(json.dumps(table, indent=1))
        return
    print_splits(loaded, split, rows, seed)


def _card(dataset: str, settings: Sequence[str] | None, data_root: Path | None) -> "tuple[DatasetCard, dict[str, Any]]":
    """Return the card of a dataset or cohort file, and all options."""
    use_data_root(data_root)
    from benchmarks.catalog.registry import dataset_card, expand_datasets
    from benchmarks.catalog.settings import assign_settings, dataset_options

    names = expand_datasets(dataset)
    if len(names) != 1:
        raise UsageError(f"{dataset}: one dataset at a time")
    card = dataset_card(names[0])
    own = [text if "." in text.partition("=")[0] else f"{card.name}.{text}" for text in settings or ()]
    _, of_datasets = assign_settings(own, {}, {card.name: card})
    return card, dataset_options(card, of_datasets[card.name])


def load_named(
    dataset: str, settings: Sequence[str] | None, data_root: Path | None, *, complete_cases: Sequence[str] = ()
) -> "tuple[LoadedDataset, dict[str, Any]]":
    """Return a dataset or cohort file as settings of the command line want it, and all its options."""
    card, options = _card(dataset, settings, data_root)
    from benchmarks.catalog.loading import load_dataset

    return load_dataset(card.name, options, complete_cases=complete_cases), options


def _oracle(loaded: "LoadedDataset", options: dict[str, Any]) -> dict[str, float] | None:
    """Return the mean scores of the truth over the standard five folds, where the truth is known."""
    if not loaded.card.oracle:
        return None
    from benchmarks.execution.plan import DEFAULT_FOLDS
    from benchmarks.protocol.protocol import EvaluationProtocol
    from benchmarks.protocol.splits import make_splits
    from benchmarks.scoring.oracle import oracle_scores

    protocol = EvaluationProtocol.of(loaded.card.name, loaded.cohort, loaded.card.horizon)
    splits = make_splits(loaded.cohort, folds=DEFAULT_FOLDS, repeats=1, seed=0)
    return oracle_scores(loaded, options, protocol, splits).means()


def _draw(loaded: "LoadedDataset", description: "Description", folder: Path) -> list[Path]:
    from benchmarks.reports.dataset_figures import draw_description

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--plot {folder}: cannot be written: {error.strerror}") from None
    return draw_description(loaded, description, folder)
