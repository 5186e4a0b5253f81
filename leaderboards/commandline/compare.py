"""``compare A B``: two methods in one screen."""

import json
import re
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.comma_list import comma_list
from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import DEFAULT_RESULTS, Json, Results, Wide
from benchmarks.commandline.selection import OfSeed, OfSplit, OfValidation, OnDataset, Selection, WithSettings
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from leaderboards.boards.candidates import Candidate
    from leaderboards.boards.pairs import AcrossDatasets, PairedComparison
    from leaderboards.statistics import Difference


def compare(
    first: Annotated[str, typer.Argument(help="A method, method/variant, or the name of a row of a board.")],
    second: Annotated[str, typer.Argument(help="Another one.")],
    dataset: OnDataset = None,
    seed: OfSeed = None,
    split: OfSplit = None,
    validation: OfValidation = None,
    settings: WithSettings = None,
    metric: Annotated[
        str | None,
        typer.Option(
            help="Measure to compare in, of `list metrics`; all that are tested patient by patient if absent."
        ),
    ] = None,
    unimodal: Annotated[
        list[str] | None,
        typer.Option(
            help="Row by which pairs are told apart, where the gain in C comes from; up to three, the option again for "
            "each. If absent: a row on each modality of A alone, of A's own method if there are such."
        ),
    ] = None,
    results: Results = DEFAULT_RESULTS,
    figures: Annotated[
        Path | None, typer.Option(help="Folder for figures of the two (PDF and PNG); it is made if it is not there.")
    ] = None,
    wide: Wide = False,
    as_json: Json = False,
) -> None:
    """Compare two stored methods, paired, dataset by dataset and over all; of a fusion, say where the gain is from."""
    from benchmarks.commandline.console import make_console
    from benchmarks.protocol.measures import POOLED
    from benchmarks.scoring.design import read_design, without_damaged_folds
    from benchmarks.storage.store import Store
    from leaderboards.boards.candidates import candidates
    from leaderboards.boards.fold_risks import DamagedFoldError
    from leaderboards.boards.gain_split import UNIMODAL
    from leaderboards.boards.pairs import compare_across, compare_pair, find_row
    from leaderboards.boards.stored import by_dataset, comparable_with, scored, stored_records
    from leaderboards.boards.worth import Worth, worth_of
    from leaderboards.commandline.figures import tell_files
    from leaderboards.commandline.metric import chosen_measure
    from leaderboards.commandline.worth import print_worth

    measures = POOLED if metric is None else (chosen_measure(metric),)
    store = Store.open(results)
    methods = {_method_of(text) for text in (first, second)}
    further = {*UNIMODAL, *(_method_of(text) for text in unimodal or ())} - methods
    wanted = comma_list(dataset, "dataset") if dataset is not None else None
    found: dict[str, list[PairedComparison]] = {}
    worth: dict[str, Worth] = {}
    pairs: dict[str, tuple[Candidate, Candidate]] = {}
    everything = stored_records(store, partial(tell, stderr=True))
    stored = [record for record in everything if record.cell.method in methods]
    others = [record for record in everything if record.cell.method in further]
    selection = Selection(dataset=dataset, seed=seed, split=split, validation=validation, settings=settings or ())
    for name, whole in by_dataset(selection.of(stored)).items():
        records = without_damaged_folds(store, whole, partial(tell, stderr=True))
        rows = candidates(scored(store, records))
        pair = find_row(rows, first), find_row(rows, second)
        problem = _problem(first, pair[0], rows, name) or _problem(second, pair[1], rows, name)
        if problem and wanted is not None:
            raise UsageError(problem)
        if not problem:
            assert pair[0] is not None
            assert pair[1] is not None
            design = read_design(store, records)
            made = compare_pair(design, records[0].cell.folds, pair[0], pair[1], measures)
            if not made and metric is not None and wanted is not None:
                raise UsageError(f"--metric {metric}: {first} and {second} do not both have it in all folds of {name}")
            if made:
                found[name] = made
                pairs[name] = pair[0], pair[1]
            if any(comparison.measure == "harrell_c" for comparison in made):
                if beside := comparable_with(others, records):
                    rows = candidates(scored(store, [*records, *beside]))
                try:
                    worth[name] = worth_of(store, design, rows, pair[0], pair[1], unimodal or ())
                except DamagedFoldError as error:
                    tell(f"{name}: the gain is not taken apart: {error}", stderr=True)
    if not found:
        with_it = "" if metric is None else f" and have {metric} in all folds"
        raise UsageError(f"{results} has no dataset on which both {first} and {second} are complete{with_it}")
    across = compare_across(found)
    if figures is not None:
        from leaderboards.figures.drawing import draw_comparison

        patterns = {name: of_dataset.patterns for name, of_dataset in worth.items()}
        tell_files(draw_comparison(found, pairs, patterns, store, figures))
    if as_json:
        values = {name: [asdict(c) for c in rows] for name, rows in found.items()}
        parts = {name: asdict(of_dataset) for name, of_dataset in worth.items()}
        typer.echo(
            json.dumps({"datasets": values, "worth": parts, "across": [asdict(row) for row in across]}, indent=1)
        )
        return
    console = make_console()
    for name, comparisons in found.items():
        _print(console, name, first, second, comparisons, wide=wide)
        if name in worth:
            print_worth(console, worth[name], first, second, wide=wide)
    _print_across(console, across)
    if any(measure.pooled_by is None for measure in measures):
        console.print(
            f"\n{metric}: the difference is the mean over the folds; models are not tested, as the influence of each "
            "patient on this measure is not kept.",
            style="dim",
        )
    console.print(
        "\nmodels: do the models fitted here differ on patients like these (pairs within folds, influence functions); "
        "methods: would they if fitted anew (corrected resampled t over folds); intervals are 95 %.",
        style="dim",
    )


def _method_of(text: str) -> str:
    """Return the method that the name of a row begins with: ``cox_ph`` of ``cox_ph/x``, ``cox_ph [penalty=1]``."""
    return re.split(r"[/ ,]", text, maxsplit=1)[0]


def _problem(text: str, row: "Candidate | None", rows: "list[Candidate]", dataset: str) -> str:
    """Return why a row cannot be compared on a dataset, or nothing."""
    if row is None:
        method = _method_of(text)
        known = [candidate.name for candidate in rows if candidate.entry.method == method]
        return f"{text} has no row on {dataset}" + (f"; there are: {'; '.join(known)}" if known else "")
    return f"{text} on {dataset}: {row.row.problem}" if row.row.problem else ""


def _print_across(console: "Console", across: "list[AcrossDatasets]") -> None:
    from leaderboards.pages.columns import written_p_value

    for row in across:
        p_value = written_p_value(row.signed_rank.p_value)
        lower, same, higher = row.posterior.left, row.posterior.rope, row.posterior.right
        console.print(
            f"over {len(row.differences)} datasets, {row.measure}: signed-rank p "
            f"{p_value}; probability lower {lower:.2f}, within ±{row.rope:g} {same:.2f}, "
            f"higher {higher:.2f}",
            highlight=False,
        )


def _print(
    console: "Console", dataset: str, first: str, second: str, comparisons: "list[PairedComparison]", *, wide: bool
) -> None:
    from rich.text import Text

    from benchmarks.catalog.embargo import EMBARGO_MARK, embargo_of
    from benchmarks.commandline.fitted_table import ALWAYS, TableColumn, print_fitted
    from benchmarks.commandline.literal import printable
    from benchmarks.protocol.measures import measure_named

    mark = f" {EMBARGO_MARK}" if embargo_of(dataset) else ""
    rest = f"{mark}  {printable(first)} less {printable(second)}"
    console.print(Text.assemble("\n", (dataset, "bold"), rest), highlight=False)
    fitted, methods = ([_interval(of(row)) for row in comparisons] for of in (_of_models, _of_methods))
    columns = [
        TableColumn(
            heading="", cells=[measure_named(row.measure).column for row in comparisons], need=ALWAYS, left=True
        ),
        TableColumn(heading="difference", cells=[f"{row.pooled:+.4f}" for row in comparisons], need=ALWAYS),
        TableColumn(heading="models", cells=[interval for interval, _ in fitted], need=4),
        TableColumn(heading="p", cells=[p_value for _, p_value in fitted], need=ALWAYS),
        TableColumn(heading="methods", cells=[interval for interval, _ in methods], need=3),
        TableColumn(heading="p", cells=[p_value for _, p_value in methods], need=ALWAYS),
        TableColumn(heading=f"{first} better in", cells=[_better(row) for row in comparisons], need=1),
        TableColumn(heading="repeats to decide", cells=[_repeats(row) for row in comparisons], need=2),
    ]
    if left_out := print_fitted(console, columns, wide=wide):
        console.print(f"--wide shows also: {', '.join(left_out)}", style="dim", highlight=False)


def _of_models(row: "PairedComparison") -> "Difference | None":
    return row.fitted


def _of_methods(row: "PairedComparison") -> "Difference | None":
    return row.methods


def _better(row: "PairedComparison") -> str:
    """Return in how many folds the first method is better."""
    from benchmarks.protocol.measures import measure_named

    sign = 1 if measure_named(row.measure).higher_is_better else -1
    better = sum(sign * difference > 0 for difference in row.fold_differences)
    return f"{better} of {len(row.fold_differences)} folds"


def _repeats(row: "PairedComparison") -> str:
    """Return how many repeats would decide whether the methods differ."""
    if row.to_decide is None:
        return "-"
    return "none would" if row.to_decide.repeats is None else str(row.to_decide.repeats)


def _interval(found: "Difference | None") -> tuple[str, str]:
    if found is None:
        return "-", "-"
    from leaderboards.pages.columns import signed, written_p_value

    return f"[{signed(found.lower)}, {signed(found.upper)}]", written_p_value(found.p_value)
