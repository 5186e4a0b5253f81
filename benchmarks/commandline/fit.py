"""``fit``: one method on one dataset, kept in a folder."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from benchmarks.comma_list import comma_list
from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import DATA, LIMITS, SPLITS, WHAT, DataRoot, use_data_root
from benchmarks.errors import UsageError

EVERYONE = "all"


def fit(
    method: Annotated[
        str, typer.Option("--method", help="A registered method, or module:Class.", rich_help_panel=WHAT)
    ],
    dataset: Annotated[str, typer.Option("--dataset", help="A dataset, or cohort file (.toml).", rich_help_panel=WHAT)],
    model: Annotated[Path, typer.Option("--model", help="Folder of the model: a new or an empty one.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="key=value of the method; DATASET.key=value of the dataset.", rich_help_panel=WHAT),
    ] = None,
    modalities: Annotated[
        str | None, typer.Option(help="What it may see, comma-separated; all if absent.", rich_help_panel=WHAT)
    ] = None,
    split: Annotated[
        str,
        typer.Option(
            help="all: all patients; else stratified, published or a grouping: the training part of one split.",
            rich_help_panel=SPLITS,
        ),
    ] = EVERYONE,
    folds: Annotated[int, typer.Option(help="Folds of a stratified split.", rich_help_panel=SPLITS)] = 5,
    fold: Annotated[int, typer.Option(help="The fold that is left out.", rich_help_panel=SPLITS)] = 0,
    repeat: Annotated[int, typer.Option(help="Repeat of a stratified split.", rich_help_panel=SPLITS)] = 0,
    seed: Annotated[int, typer.Option(help="Seed of split and fit.", rich_help_panel=SPLITS)] = 0,
    validation: Annotated[
        Literal["held-out", "merge"],
        typer.Option(
            help="held-out: a fifth is the validation part; merge: a method that needs none is trained on it, too.",
            rich_help_panel=SPLITS,
        ),
    ] = "held-out",
    patients_with: Annotated[
        str | None,
        typer.Option(help="Only patients who have all of these modalities, comma-separated.", rich_help_panel=DATA),
    ] = None,
    data_root: DataRoot = None,
    threads: Annotated[int, typer.Option(help="Threads of the fit.", rich_help_panel=LIMITS)] = 1,
) -> None:
    """Fit a method on all patients of a dataset, or on one training part, and save it for predict."""
    from benchmarks.models.folder import refuse_full_folder

    refuse_full_folder(model)
    use_data_root(data_root)
    from dataclasses import replace

    from benchmarks.catalog.registry import dataset_card, method_card
    from benchmarks.execution.plan import Request, make_plan
    from benchmarks.models.fitting import cell_to_fit, fit_model, require_same_when_loaded
    from benchmarks.models.folder import save_model

    whole = split == EVERYONE
    if repeat < 0 or (repeat and split != "stratified"):
        raise UsageError(f"--repeat {repeat}: repeats are those of a stratified split, from 0 on")
    plan = make_plan(
        Request(
            methods=method,
            datasets=dataset,
            settings=settings or (),
            folds=folds,
            only_folds=[fold],
            repeats=repeat + 1,
            seed=seed,
            modalities=comma_list(modalities, "modality") if modalities is not None else None,
            threads=threads,
            split="stratified" if whole else split,
            patients_with=comma_list(patients_with, "modality") if patients_with is not None else [],
            merge_validation=validation == "merge",
        )
    )
    cells = tuple(planned for planned in plan.cells if planned.cell.repeat == repeat)
    cell = cell_to_fit(replace(plan, cells=cells))
    card = method_card(cell.entry if ":" in cell.method else cell.method)
    fitted, few = fit_model(cell, card, dataset_card(cell.dataset).endpoint, whole=whole)
    save_model(fitted, card.entry, model)
    require_same_when_loaded(fitted, model, card, few, cell)
    about = fitted.about
    tell(
        f"{fitted.name} on {about['dataset']}: {about['fitted_on']}; {about['patients']} patients, {about['events']} "
        f"events; in {model}"
    )
