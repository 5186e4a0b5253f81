"""``python -m benchmarks``: the verbs, and how errors reach the user."""

import importlib
import sys
from typing import NoReturn

import typer
from typer.main import get_command

from benchmarks.commandline.data.app import data_app
from benchmarks.errors import UsageError

INTERRUPTED = 130  # what Typer makes of ^C

app = typer.Typer(
    name="python -m benchmarks",
    help="Compare multimodal survival methods under one fixed evaluation protocol.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
# Where each verb is, as the registry names methods: what stands above this package is named, not imported.
VERBS = {
    "run": "benchmarks.commandline.run:run",
    "list": "benchmarks.commandline.listing:list_",
    "score": "benchmarks.commandline.score:score",
    "status": "benchmarks.commandline.status:status",
    "show": "benchmarks.commandline.show:show",
    "leaderboard": "leaderboards.commandline.leaderboard:leaderboard",
    "compare": "leaderboards.commandline.compare:compare",
    "check": "benchmarks.commandline.check:check",
    "verify": "benchmarks.commandline.verify:verify",
}
for name, place in VERBS.items():
    module, _, function = place.partition(":")
    app.command(name)(getattr(importlib.import_module(module), function))
app.add_typer(data_app, name="data")


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a verb and exit: 0 all well, 1 something failed, 2 bad usage (one line, no traceback), 130 interrupted."""
    command = get_command(app)
    try:
        code = command.main(
            arguments or sys.argv[1:] or ["--help"], prog_name="python -m benchmarks", standalone_mode=False
        )
    except UsageError as error:
        _fail(str(error))
    except Exception as error:
        # Typer's own errors (unknown option, wrong type) carry `format_message`; everything else is a defect of
        # the suite and keeps its traceback.
        if not hasattr(error, "format_message"):
            raise
        _fail(error.format_message())
    if code == INTERRUPTED:
        typer.echo("interrupted; finished cells are kept, the same command goes on with the rest", err=True)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str) -> NoReturn:
    typer.echo("error: " + " ".join(message.split()), err=True)
    sys.exit(2)
