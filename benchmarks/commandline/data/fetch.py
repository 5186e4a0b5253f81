"""``data fetch``: get public data from where it is published, in the layout the adapters read."""

import os
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, Protocol

import typer

from benchmarks.comma_list import comma_list
from benchmarks.commandline.options import DataRoot
from benchmarks.errors import UsageError

fetch_app = typer.Typer(help="Get public data from where it is published.", rich_markup_mode="rich")

Jobs = Annotated[int, typer.Option(help="Files at once, 1 to 4.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="List what would be got, with sizes; get nothing.")]
Wait = Annotated[float, typer.Option(help="Seconds before a second try; doubled for each further one.")]


@fetch_app.command("tcga")
def tcga(
    cohort: Annotated[str, typer.Option(help="Cancer types, comma-separated, such as BLCA,LUAD; or GBMLGG.")],
    parts: Annotated[
        str,
        typer.Option(
            help="Of cdr, reports, rna, rna_z, mri; of cna, mutations, genomic, folds, wsi it says what to do."
        ),
    ] = "cdr,reports,rna",
    source: Annotated[str, typer.Option(help="Address of a mirror with the same files.")] = "",
    jobs: Jobs = 3,
    wait: Wait = 1.0,
    data_root: DataRoot = None,
    dry_run: DryRun = False,
) -> None:
    """Get TCGA: survival and clinical data (CDR), pathology reports, expression of a cohort."""
    adapter = import_module("benchmarks.datasets.tcga.fetch")
    root, host = _root(data_root), _host(wait)
    cohorts = comma_list(cohort.upper(), "cohort")
    wanted = comma_list(parts, "part")
    sources = adapter.tcga_sources(root, cohorts, wanted, source)
    missing = [adapter.with_size(one, host) for one in sources if not one.made.exists()]
    remotes = [remote for one in missing for remote in one.remotes]
    if sources:
        _get(remotes, len(sources) - len(missing), host, jobs, dry_run=dry_run)
    if not dry_run:
        for one in missing:
            adapter.make(one)
            typer.echo(f"made {one.made}", err=True)
    by_hand = adapter.by_hand(root, cohorts, wanted)
    for line in by_hand:
        typer.echo(f"by hand: {line}")
    if by_hand and not dry_run:
        raise UsageError(f"{len(by_hand)} files are not got by this command; the lines above say what to do for each")


@fetch_app.command("chimera")
def chimera(
    task: Annotated[int, typer.Option(help="Task of the challenge: 1, 2 or 3.")],
    parts: Annotated[
        str, typer.Option(help="Of clinical, rna, features, radiology, slides, comma-separated.")
    ] = "clinical,rna",
    source: Annotated[str, typer.Option(help="Address of a mirror of the bucket.")] = "",
    jobs: Jobs = 3,
    wait: Wait = 1.0,
    data_root: DataRoot = None,
    dry_run: DryRun = False,
) -> None:
    """Get a task of the CHIMERA challenge (CC BY-NC-SA 4.0; its terms forbid to publish results for now)."""
    adapter = import_module("benchmarks.datasets.chimera.fetch")
    root, host = _root(data_root), _host(wait)
    bucket = source.rstrip("/") or adapter.BUCKET
    files, unknown = adapter.chimera_files(root, task, comma_list(parts, "part"), bucket=bucket, host=host)
    if unknown:
        typer.echo(f"{len(unknown)} files of no known part are left out, such as {unknown[0]}", err=True)
    missing = [file for file in files if not file.is_there]
    _get(missing, len(files) - len(missing), host, jobs, dry_run=dry_run)


class File(Protocol):
    """What is read of a file to get (``benchmarks.datasets.download.files.RemoteFile``)."""

    @property
    def url(self) -> str: ...  # noqa: D102  # 2026-11-22: the class says it
    @property
    def target(self) -> Path: ...  # noqa: D102  # 2026-11-22: the class says it
    @property
    def size(self) -> int | None: ...  # noqa: D102  # 2026-11-22: the class says it


class FetchProgress:
    """A bar over all bytes with rate and time left on a terminal, one line per file elsewhere.

    Parameters
    ----------
    files : sequence of File
        What is to come.
    """

    def __init__(self, files: Sequence[File]) -> None:
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        from benchmarks.commandline.console import make_console

        self._console = make_console(stderr=True)
        self._done, self._files = 0, len(files)
        sizes = [file.size for file in files]
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        known = sum(size for size in sizes if size is not None)
        # Of a file without a known size only what has come can be told.
        self._task = self._bar.add_task(self._description(), total=None if None in sizes else known)

    def __enter__(self) -> "FetchProgress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def arrived(self, count: int) -> None:
        """Move the bar."""
        self._bar.advance(self._task, count)

    def finished(self, file: File) -> None:
        """Say that a file is there."""
        self._done += 1
        self._bar.update(self._task, description=self._description())
        if not self._console.is_terminal:
            self._console.print(f"[{self._done}/{self._files}] {file.target.name}", markup=False, highlight=False)

    def _description(self) -> str:
        return f"{self._done} of {self._files} files"


def _get(missing: Sequence[File], there: int, host: Any, jobs: int, *, dry_run: bool) -> None:
    """Download what is missing, or list it; then say what came of it in one line."""
    size = _size(sum(file.size for file in missing if file.size is not None))
    unknown = sum(file.size is None for file in missing)
    total = f"{len(missing)} files, {size}" + (f" and {unknown} of unknown size" if unknown else "")
    already = f"; {there} are there already" if there else ""
    if not missing:
        typer.echo(f"nothing to do: all {there} files are there")
    elif dry_run:
        for file in missing:
            typer.echo(f"{_size(file.size):>12}  {file.url} -> {file.target}")
        typer.echo(f"{total} to get{already}")
    else:
        with FetchProgress(missing) as progress:
            import_module("benchmarks.datasets.download.files").download(
                missing, jobs=jobs, host=host, progress=progress
            )
        typer.echo(f"{total} got{already}")


def _host(wait: float) -> Any:
    if not 0 <= wait <= 60:
        raise UsageError(f"--wait {wait:g}: 0 to 60 seconds")
    return import_module("benchmarks.datasets.download.resume").Host(wait)


def _root(data_root: Path | None) -> Path:
    """Return the data root, which may be a folder that is not there yet."""
    text = data_root or os.environ.get("BENCHMARKS_DATA")
    if not text:
        raise UsageError("data fetch: say where to with --data-root or BENCHMARKS_DATA")
    root = Path(text)
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--data-root {root}: cannot be made: {error.strerror}") from None
    return root.resolve()


def _size(size: int | None) -> str:
    if size is None:
        return "size unknown"
    text: str = import_module("benchmarks.datasets.download.files").readable(size)
    return text
