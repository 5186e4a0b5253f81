"""``leaderboard``: the stored methods, ranked and grouped, dataset by dataset and over all."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import DEFAULT_RESULTS, Json, Results
from benchmarks.commandline.selection import (
    OfMethod,
    OfSeed,
    OfSplit,
    OfValidation,
    OnDataset,
    Selection,
    WithSettings,
    dataset_names,
)
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from benchmarks.storage.store import Store
    from benchmarks.types import Record
    from leaderboards.boards.board import Board
    from leaderboards.pages.formats import Boards


def leaderboard(
    results: Results = DEFAULT_RESULTS,
    dataset: OnDataset = None,
    method: OfMethod = None,
    seed: OfSeed = None,
    split: OfSplit = None,
    validation: OfValidation = None,
    settings: WithSettings = None,
    metric: Annotated[str, typer.Option(help="Measure to rank by: any of `list metrics`.")] = "harrell_c",
    output: Annotated[Path | None, typer.Option(help="File to write; standard output if absent.")] = None,
    format_: Annotated[
        Literal["md", "html", "csv", "tex", "json", "parquet"], typer.Option("--format", help="Form of the boards.")
    ] = "md",
    include_embargoed: Annotated[
        bool, typer.Option("--include-embargoed", help="Show datasets whose results may not be published, too.")
    ] = False,
    without_extra: Annotated[
        bool,
        typer.Option("--without-extra-data", help="Leave out rows of methods that learnt from other patients, too."),
    ] = False,
    publish: Annotated[
        Path | None, typer.Option(help="Folder of committed references: write its boards and the page made of them.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="With --publish: published boards of datasets that are not here stay.")
    ] = False,
    figures: Annotated[
        Path | None, typer.Option(help="Folder for figures of the boards (PDF and PNG); made if it is not there.")
    ] = None,
    published: Annotated[
        Path | None,
        typer.Option(help="Folder of committed references: show its boards, not a results folder's."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the boards of a results folder; nothing is fitted."""
    from benchmarks.storage.store import Store
    from leaderboards.boards.board import make_board
    from leaderboards.boards.overall import make_overall
    from leaderboards.boards.shown import shown_datasets, without_demonstrations, without_extra_data
    from leaderboards.boards.stored import by_dataset, stored_records
    from leaderboards.commandline.metric import chosen_measure
    from leaderboards.pages.formats import Boards

    measure = chosen_measure(metric).name
    if format_ == "parquet" and output is None:
        raise UsageError("--format parquet: name a file with --output")
    if as_json:
        if format_ not in ("md", "json"):
            raise UsageError(f"--json and --format {format_}: give one of them")
        format_ = "json"
    if keep and publish is None:
        raise UsageError("--keep: what stays are published boards; give it with --publish")
    if publish is not None:
        _refuse_to_publish(format_, output, include_embargoed=include_embargoed)
    if published is not None:
        chosen = (dataset, method, seed, split, validation, settings, publish, figures)
        _refuse_to_choose(include_embargoed or without_extra or any(value is not None for value in chosen))
        _write_published(published, metric, format_, output)
        return
    store = Store.open(results)
    stored, of_rows = without_demonstrations(stored_records(store, partial(tell, stderr=True)))
    if of_rows and not stored:
        row, reason = next(iter(of_rows.items()))
        raise UsageError(f"{row}: {reason}")
    if without_extra:
        stored, of_extra_data = without_extra_data(stored)
        of_rows |= of_extra_data
        if not stored:
            raise UsageError(f"--without-extra-data: {results} has no other rows")
    wanted = _wanted(results, dataset, sorted({record.cell.dataset for record in stored}))
    shown, reasons = shown_datasets(wanted, named=dataset is not None, include_embargoed=include_embargoed)
    for name, reason in (reasons | of_rows).items():
        tell(f"left out: {name}: {reason}", stderr=True)
    selection = Selection(method=method, seed=seed, split=split, validation=validation, settings=settings or ())
    grouped = by_dataset(selection.of(record for record in stored if record.cell.dataset in shown))
    shown = [name for name in shown if name in grouped]
    del stored
    # A figure reads the predictions of its rows again; without figures nothing is kept of a dataset but its board.
    records = {name: list(grouped[name]) for name in shown} if figures is not None else {}
    boards = [make_board(store, grouped.pop(name), measure, partial(tell, stderr=True)) for name in shown]
    _refuse_what_no_row_has(boards)
    made = Boards(tuple(boards), make_overall(boards) if len(boards) > 1 else None)
    if figures is not None:
        _draw(made, records, store, figures)
    if publish is not None:
        from leaderboards.pages.published import publish as publish_boards

        page = publish_boards(made, store, publish, keep=keep)
        _save(page.encode(), output)
        return
    if format_ == "html":
        from leaderboards.commandline.page import page_of_boards
        from leaderboards.pages.published import with_provenance

        _put(page_of_boards(with_provenance(made, store)), output)
        return
    _write(made, format_, output)


def _draw(boards: "Boards", records: "Mapping[str, Sequence[Record]]", store: "Store", folder: Path) -> None:
    from leaderboards.commandline.figures import tell_files
    from leaderboards.figures.drawing import draw_board, draw_overall

    for board in boards.boards:
        tell_files(draw_board(board, records[board.dataset], store, folder))
    if boards.overall is not None:
        tell_files(draw_overall(boards.overall, folder))


def _refuse_to_choose(chosen: bool) -> None:
    if chosen:
        raise UsageError("--published: its boards are shown as they are; give it with --format and --output alone")


def _write_published(folder: Path, metric: str, format_: str, output: Path | None) -> None:
    from leaderboards.commandline.page import page_of_boards
    from leaderboards.pages.published import page_of, read_published

    read = read_published(folder)
    ranked_by = read.boards.boards[0].measure
    if metric not in ("harrell_c", ranked_by):
        raise UsageError(f"--published {folder}: its boards are ranked by {ranked_by}")
    if format_ == "html":
        _put(page_of_boards(read), output)
    elif format_ == "md":
        _put(page_of(read), output)
    else:
        _write(read.boards, format_, output)


def _refuse_to_publish(format_: str, output: Path | None, *, include_embargoed: bool) -> None:
    if include_embargoed:
        raise UsageError("--publish: datasets under embargo are not published; leave --include-embargoed out")
    if output is None or format_ != "md":
        raise UsageError("--publish: name the Markdown page with --output, such as LEADERBOARD.md")


def _refuse_what_no_row_has(boards: "Sequence[Board]") -> None:
    rows = [(board, row) for board in boards for row in board.rows]
    lacking = [(board, row) for board, row in rows if row.lacks(board.measure)]
    if lacking and not any(row.rank for _, row in rows):
        board, row = lacking[0]
        raise UsageError(
            f"--metric {board.measure}: no method has it in all folds; {row.name} on {board.dataset}: "
            f"{row.lacks(board.measure)}"
        )


def _wanted(results: Path, dataset: str | None, there: list[str]) -> list[str]:
    if not there:
        raise UsageError(f"{results} holds no cells yet")
    if dataset is None:
        return there
    wanted = dataset_names(dataset)
    for name in wanted:
        if name not in there:
            raise UsageError(f"{results} has no results on {name}; it has: {', '.join(there)}")
    return wanted


def _write(boards: "Boards", format_: str, output: Path | None) -> None:
    from leaderboards.pages.formats import as_csv, as_json, as_latex, as_markdown, as_parquet

    if format_ == "parquet":
        content = as_parquet(boards)
    else:
        _put({"md": as_markdown, "csv": as_csv, "tex": as_latex, "json": as_json}[format_](boards), output)
        return
    _save(content, output)


def _put(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=False)
    else:
        _save(text.encode(), output)


def _save(content: bytes, output: Path | None) -> None:
    assert output is not None
    try:
        output.write_bytes(content)
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}") from None
