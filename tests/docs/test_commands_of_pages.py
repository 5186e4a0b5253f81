"""Every command that README and pages name has these options; what they run is not run here."""

import re
import shlex
from collections.abc import Iterator

import pytest
from typer.main import get_command

from benchmarks.commandline.app import app
from tests.conftest import ROOT

PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/[!_g]*/*.md")]
PROGRAM = r"(?:python -m benchmarks|survival-benchmarks) "


def commands(text: str) -> Iterator[str]:
    """Yield the commands of the fences of a page; lines that end in a backslash go on in the next."""
    for language, fence in re.findall(r"^```([^\n]*)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE):
        if language not in ("", "console", "bash", "sh"):
            continue
        fence = fence.replace("\\\n", " ")
        variables = dict(re.findall(r"^(\w+)=(.*)$", fence, flags=re.MULTILINE))
        for line in fence.splitlines():
            for name, value in variables.items():
                line = line.replace(f"${name}", " ".join(shlex.split(value)))
            line = re.sub(r"\$\w+", "1", line)  # of a scheduler, such as the number of its processors
            found = re.match(rf"(?:\$ )?(?:\w+=\S+ )*{PROGRAM}(.*)", line.strip())
            if found:
                yield found[1]


def parse(arguments: list[str]) -> None:
    """Raise Typer's error for an option, an argument or a value that the verb does not have."""
    command = get_command(app)
    context = command.make_context("benchmarks", arguments)
    while hasattr(command, "resolve_command") and context._protected_args + context.args:
        name, command, rest = command.resolve_command(context, context._protected_args + context.args)
        context = command.make_context(name, rest, parent=context)


CASES = [
    pytest.param(command, id=f"{page.relative_to(ROOT).as_posix()}: {command}")
    for page in PAGES
    for command in dict.fromkeys(commands(page.read_text(encoding="utf-8")))
]


def test_pages_are_found() -> None:
    assert len(CASES) > 100


@pytest.mark.parametrize("command", CASES)
def test_a_command_of_a_page_has_its_options(command: str) -> None:
    parse(shlex.split(command, comments=True))


def test_an_option_that_there_is_not_would_be_found() -> None:
    with pytest.raises(Exception, match="--methd"):
        parse(["run", "--methd", "cox_ph", "--dataset", "gbsg2"])
