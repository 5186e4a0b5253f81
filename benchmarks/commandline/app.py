"""``python -m benchmarks``: the verbs, and how errors reach the user."""

import sys
from typing import NoReturn

import typer
from typer.main import get_command

from benchmarks.commandline import check, compare, data, leaderboard, listing, run, score, show, status, verify
from benchmarks.errors import UsageError

INTERRUPTED = 130  # what Typer makes of ^C

app = typer.Typer(
    name="python -m benchmarks",
    help="Compare multimodal survival methods under one fixed evaluation protocol.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run.run)
app.command("list")(listing.list_)
app.command("score")(score.score)
app.command("status")(status.status)
app.command("show")(show.show)
app.command("leaderboard")(leaderboard.leaderboard)
app.command("compare")(compare.compare)
app.command("check")(check.check)
app.command("verify")(verify.verify)
app.add_typer(data.data_app, name="data")


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
