"""``score``: score stored predictions again, after a change of a metric or of the protocol."""

import typer

from benchmarks.commandline.options import DEFAULT_RESULTS, Results


def score(results: Results = DEFAULT_RESULTS) -> None:
    """Score every stored cell whose scores are missing, damaged or of another protocol; nothing is fitted."""
    from rich.progress import track

    from benchmarks.commandline.console import make_console
    from benchmarks.scoring.scorer import Scorer
    from benchmarks.storage.score_table import score_table, update_score_file
    from benchmarks.storage.store import CorruptedCellError, Store

    store = Store.open(results)
    scorer = Scorer(store)
    cells = []
    damaged = 0
    console = make_console(stderr=True)
    for key in track(list(store), "scoring", console=console, disable=not console.is_terminal):
        try:
            record = store.read(key)
        except CorruptedCellError as error:
            damaged += 1
            console.print(f"left out: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
            continue
        cells.append((record, scorer.scores_and_influence(record)[0] if record.status == "ok" else None))
    path = update_score_file(store.root, score_table(cells), whole=True)
    typer.echo(f"{len(cells)} cells, {scorer.computed} scored now, {damaged} damaged: {path}")
    raise typer.Exit(1 if damaged else 0)
