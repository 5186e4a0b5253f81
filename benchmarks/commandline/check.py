"""``check``: the regression check against committed references."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import Json, check_jobs
from benchmarks.errors import UsageError

if TYPE_CHECKING:
    from benchmarks.regression.comparison import Finding
    from benchmarks.types import Record


def check(
    against: Annotated[Path, typer.Option(help="Folder of references, with grid.toml.")] = Path(
        "leaderboards/reference"
    ),
    method: Annotated[str | None, typer.Option(help="Only these methods of the grid, comma-separated.")] = None,
    jobs: Annotated[int, typer.Option(help="Cells side by side.")] = 2,
    accept: Annotated[bool, typer.Option("--accept", help="Make this run the reference.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why it is accepted.")] = None,
    as_json: Json = False,
) -> None:
    """Run the declared grid again and compare scores and fit times with the references."""
    from time import monotonic

    from benchmarks.regression.check import Observer
    from benchmarks.regression.check import accept as accept_run
    from benchmarks.regression.check import check as check_run

    check_jobs(jobs)
    if accept and not (reason or "").strip():
        raise UsageError("--accept: say with --reason why scores or costs may differ")
    if reason is not None and not accept:
        raise UsageError("--reason: it goes with --accept")
    start = monotonic()
    observer = Observer(_show_cell, lambda text: tell(text, stderr=True))
    if accept:
        assert reason is not None
        written = accept_run(against, reason.strip(), methods=method, jobs=jobs, observer=observer)
        typer.echo(f"{len(written)} references written to {against}: {reason.strip()}")
        return
    checked = check_run(against, methods=method, jobs=jobs, observer=observer)
    seconds = monotonic() - start
    if as_json:
        values = {"seconds": seconds, "compared": checked.compared, "scores": checked.scores}
        typer.echo(json.dumps({**values, "findings": [asdict(f) for f in checked.findings]}, indent=1))
    else:
        _print(checked.findings)
        typer.echo(
            f"{checked.compared} methods on datasets, {checked.scores} scores and their fit times compared with "
            f"{against} in {seconds:.0f} s: {len(checked.findings) or 'no'} regression"
            f"{'' if len(checked.findings) == 1 else 's'}"
        )
    raise typer.Exit(1 if checked.findings else 0)


def _print(findings: "tuple[Finding, ...]") -> None:
    """Print one line per finding, the names aligned."""
    widths = [
        max((len(text) for text in column), default=0) for column in zip(*(_names(f) for f in findings), strict=True)
    ]
    for finding in findings:
        names = "  ".join(text.ljust(width) for text, width in zip(_names(finding), widths, strict=True))
        tell(f"{names}  {finding.text}")


def _names(finding: "Finding") -> tuple[str, str, str]:
    return finding.dataset, finding.method, finding.measure


def _show_cell(record: "Record") -> None:
    cause = f": {record.cause}" if record.cause else ""
    tell(f"{record.status} {record.cell.label} in {record.seconds.get('total', 0):.1f} s{cause}", stderr=True)
