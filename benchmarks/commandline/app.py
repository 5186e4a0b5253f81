"""The command line: its verbs, and how errors reach the user."""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from typer.main import get_command

from benchmarks.commandline.lazy import CONTEXT, Verb, lazy_group
from benchmarks.commandline.literal import tell
from benchmarks.commandline.options import COMMAND
from benchmarks.errors import ReportError, UsageError

INTERRUPTED = 130  # what Typer makes of ^C
MODULE = "python -m benchmarks"

RUN = "Run"
READ = "Read results; nothing is fitted"
CHECK = "Check"
VERBS = {
    "list": Verb("benchmarks.commandline.listing:list_", RUN),
    "data": Verb("benchmarks.commandline.data.app:data_app", RUN),
    "models": Verb("benchmarks.commandline.models:models_app", RUN),
    "run": Verb("benchmarks.commandline.run:run", RUN),
    "fit": Verb("benchmarks.commandline.fit:fit", RUN),
    "predict": Verb("benchmarks.commandline.predict:predict", RUN),
    "submit": Verb("benchmarks.commandline.submit:submit", RUN),
    "status": Verb("benchmarks.commandline.status:status", READ),
    "show": Verb("benchmarks.commandline.show:show", READ),
    "score": Verb("benchmarks.commandline.score:score", READ),
    "results": Verb("benchmarks.commandline.results:results_app", READ),
    "leaderboard": Verb("leaderboards.commandline.leaderboard:leaderboard", READ),
    "compare": Verb("leaderboards.commandline.compare:compare", READ),
    "verify": Verb("benchmarks.commandline.verify:verify", CHECK),
    "check": Verb("benchmarks.commandline.check:check", CHECK),
}

app = typer.Typer(
    cls=lazy_group(VERBS),
    context_settings=CONTEXT,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _show_version(wanted: bool) -> None:  # 2026-11-25: Typer calls it so
    if wanted:
        from benchmarks.commandline.version import version

        typer.echo(version())
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # 2026-11-25: its callback does all
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Compare multimodal survival methods under one fixed evaluation protocol."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a verb and exit: 0 all well, 1 something failed, 2 bad usage (no traceback), 130 interrupted."""
    given = sys.argv[1:] if arguments is None else arguments
    _write_all_characters()
    try:
        code = get_command(app).main(given or ["--help"], prog_name=_program(given), standalone_mode=False)
        sys.stdout.flush()
    except ReportError as error:
        _fail(error.title, error.problems)
    except UsageError as error:
        _fail(str(error))
    except BrokenPipeError:
        # The reader, such as `head`, has what it wanted; Python would complain again when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except typer.Abort:
        typer.echo(err=True)  # the question's line is not ended
        _fail("no answer came; give what was asked for as an option")
    except Exception as error:
        # Typer's own errors (unknown option, wrong type) carry `format_message`; everything else is a defect of
        # the suite and keeps its traceback.
        if not hasattr(error, "format_message"):
            raise
        _fail(error.format_message())
    if code == INTERRUPTED:
        typer.echo("interrupted; finished cells are kept, the same command goes on with the rest", err=True)
    sys.exit(code if isinstance(code, int) else 0)


def _write_all_characters() -> None:
    """Have characters that the encoding of the output lacks written out: no table may end in an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _program(arguments: list[str]) -> str:
    """Return the name that help and completion say: a shell completes a command, not a module of Python."""
    completes = any(argument.endswith("-completion") for argument in arguments)
    return COMMAND if completes or Path(sys.argv[0]).stem == COMMAND else MODULE


def _fail(message: str, problems: Sequence[str] = ()) -> NoReturn:
    tell("error: " + " ".join(message.split()), stderr=True)
    for problem in problems:
        tell("  " + " ".join(problem.split()), stderr=True)
    sys.exit(2)
