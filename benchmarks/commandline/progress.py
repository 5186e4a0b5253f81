"""Live progress of a run: a bar on a terminal, one line per cell elsewhere."""

import time
from collections import Counter
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from benchmarks.execution.engine import Epoch, Notice, Started
from benchmarks.execution.expected_seconds import ExpectedSeconds
from benchmarks.execution.runner import Awaited, Corrupted, Event, Finished
from benchmarks.types import Cell


class RunProgress:
    """Show the events of a run and the time left.

    The time left is the seconds that the cells run so far took, a mean per method and dataset, times what is still to
    run, divided among the jobs.

    Parameters
    ----------
    console : Console
        Where to show it (standard error).
    cells : list of Cell
        All cells of the plan.
    jobs : int
        Cells side by side.
    """

    def __init__(self, console: Console, cells: list[Cell], jobs: int) -> None:
        self._console = console
        self._waiting = Counter((cell.method, cell.dataset) for cell in cells)
        self._jobs = jobs
        self._total = len(cells)
        self._expected = ExpectedSeconds()
        self._started: dict[str, tuple[Cell, float]] = {}
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "RunProgress":
        self._bar.start()
        self._task = self._bar.add_task("starting", total=self._total, left="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, Started):
            self._started[event.cell.key] = event.cell, time.monotonic()
            self._update(event.cell.label)
        elif isinstance(event, Epoch):
            self._update(f"{event.cell.label}, epoch {event.epoch}: {event.value:.4f}")
        elif isinstance(event, Notice):
            self._console.print(event.text, style="yellow", markup=False, highlight=False, soft_wrap=True)
        elif isinstance(event, Corrupted):
            self._console.print(f"{event.problem}; computing {event.cell.label} again", style="yellow", highlight=False)
        elif isinstance(event, Awaited):
            self._console.print(f"{event.cell.label}: another run computes it, waiting", style="dim", highlight=False)
        elif isinstance(event, Finished):
            self._finish(event)

    def _finish(self, event: Finished) -> None:
        record = event.record
        cell = record.cell
        self._waiting[cell.method, cell.dataset] -= 1
        self._started.pop(cell.key, None)
        self._expected.add(record)
        left = self._waiting.total()
        failed = record.status not in ("ok", "skipped")
        if failed or (not self._console.is_terminal and not event.stored):
            done = f"[{self._total - left}/{self._total}]"
            seconds = f" in {record.seconds['total']:.1f} s" if "total" in record.seconds else ""
            cause = f": {record.cause}" if record.cause else ""
            warnings = sum(record.warnings.values())
            told = f", {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
            line = f"{done} {record.status} {cell.label}{seconds}{cause}{told}"
            time_left = "" if self._console.is_terminal else self.time_left()
            style = "bold red" if failed else None
            text = f"{line}; {time_left}" if time_left else line
            self._console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
        self._update(f"{record.status} {cell.label}", advance=True)

    def time_left(self) -> str:
        """Return the time left as text, or "" if nothing is known yet."""
        usual = self._expected.mean()
        count = self._waiting.total()
        if usual is None or not count:
            return ""
        left = sum(number * self._expected.of_kind(kind, usual) for kind, number in self._waiting.items())
        now = time.monotonic()
        for cell, started in self._started.values():
            left -= min(now - started, self._expected.of_kind((cell.method, cell.dataset), usual))
        # A cluster runs more cells at the same time than this machine was told to.
        return f"about {format_seconds(left / min(max(self._jobs, len(self._started)), count))} left"

    def _update(self, description: str, *, advance: bool = False) -> None:
        if self._task is not None:
            self._bar.update(self._task, description=description, advance=1 if advance else 0, left=self.time_left())


def format_seconds(seconds: float) -> str:
    """Return a duration as a person says it."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
