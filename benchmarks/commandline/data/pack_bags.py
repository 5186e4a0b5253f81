"""``data pack-bags FOLDER OUT.npz``: the feature files of many slides become one packed file."""

import importlib
import time
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any

import typer

from benchmarks.errors import UsageError

# Between two lines of progress where there is no terminal.
SECONDS_BETWEEN_LINES = 10.0


def pack_bags(
    folder: Annotated[Path, typer.Argument(help="Folder of feature files, one per slide: .h5, .pt or .npy.")],
    output: Annotated[Path, typer.Argument(help="Packed file to write, .npz.")],
    id_length: Annotated[
        int | None,
        typer.Option(
            "--id-length", min=1, help="So many first characters of a file's name are the patient: 12 for TCGA."
        ),
    ] = None,
    patients: Annotated[
        Path | None, typer.Option(help="With --id-length: table of every patient there may be a slide of.")
    ] = None,
    slides: Annotated[
        Path | None, typer.Option(help="Instead of --id-length: table that tells the patient of each file.")
    ] = None,
    patient: Annotated[str, typer.Option(help="Column of the patients in these tables.")] = "patient_id",
    column: Annotated[str, typer.Option(help="Column of the file names in --slides.")] = "file",
    float16: Annotated[
        bool, typer.Option("--float16", help="Store float16 whatever the files hold: half the size.")
    ] = False,
) -> None:
    """Pack the features of many slides in one file; a run that was killed goes on where it was."""
    if (id_length is None) == (slides is None):
        raise UsageError(
            "say whose the slides are, in one way: --id-length N (12 for TCGA barcodes), or --slides TABLE with a row "
            "per file"
        )
    if patients is not None and id_length is None:
        raise UsageError("--patients goes with --id-length; --slides tells the patients itself")
    if output.suffix != ".npz":
        raise UsageError(f"{output}: the name of a packed file ends in .npz")
    if not output.parent.is_dir():
        raise UsageError(f"{output.parent}: no such folder")
    owners = importlib.import_module("benchmarks.datasets.cohort_file.slide_owners")
    if slides is not None:
        found = owners.slides_by_table(folder, slides, patient, column)
    else:
        known = None if patients is None else owners.patients_of_table(patients, patient)
        found = owners.slides_by_name(folder, id_length, known)
    packing = importlib.import_module("benchmarks.datasets.readers.packing")
    with PackingProgress(found) as progress:
        packing.pack(found, output, half=float16, told=progress)
    of_patients = len({slide.patient for slide in found})
    regions = sum(slide.patches for slide in found)
    typer.echo(f"packed {len(found)} slides of {of_patients} patients, {regions} patches, in {output}")


class PackingProgress:
    """A bar over all patches with the time left on a terminal, a line now and then elsewhere.

    Parameters
    ----------
    slides : sequence of SlideFile
        What is to be packed, in this order.
    """

    def __init__(self, slides: Any) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        from benchmarks.commandline.console import make_console

        self._console = make_console(stderr=True)
        self._patches = [slide.patches for slide in slides]
        self._done = self._patches_done = self._patches_resumed = 0
        self._began = self._told = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task(self._description(), total=sum(self._patches))

    def __enter__(self) -> "PackingProgress":
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def packed(self, slides: int, *, resumed: bool = False) -> None:
        """Say that so many slides more are in the file, ``resumed`` if an earlier run has packed them."""
        self._patches_done += sum(self._patches[self._done : self._done + slides])
        self._done += slides
        if resumed and slides:
            self._patches_resumed = self._patches_done
            self._console.print(f"{slides} slides are packed already; going on", highlight=False)
        self._bar.update(self._task, completed=self._patches_done, description=self._description())
        now = time.monotonic()
        if not self._console.is_terminal and now - self._told > SECONDS_BETWEEN_LINES:
            self._told = now
            self._console.print(f"{self._description()}{self._time_left(now)}", highlight=False)

    def _time_left(self, now: float) -> str:
        from benchmarks.commandline.progress import format_seconds

        rate = (self._patches_done - self._patches_resumed) / (now - self._began)
        left = sum(self._patches) - self._patches_done
        return f", about {format_seconds(left / rate)} left" if rate and left else ""

    def _description(self) -> str:
        return f"{self._done} of {len(self._patches)} slides"
