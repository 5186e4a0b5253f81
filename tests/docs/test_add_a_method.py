"""The example of the page is a complete method: copied into a folder, it is verified and run as the page says."""

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import ROOT, child_environment

EXAMPLES = ROOT / "docs" / "examples"
PAGE = (ROOT / "docs" / "add_a_method.md").read_text()
SHOWN = re.findall(r"```\{literalinclude\} examples/(\S+)", PAGE)
COMMANDS = re.findall(r"^python -m benchmarks (.*neighbours.*)$", PAGE, flags=re.MULTILINE)

Newcomer = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """Copy the example into a fresh folder, and run the commands of the page there."""
    folder = tmp_path_factory.mktemp("newcomer")
    shutil.copytree(EXAMPLES / "neighbours", folder / "neighbours")

    def run(arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "benchmarks", *shlex.split(arguments)]
        return subprocess.run(
            command, cwd=folder, env=child_environment(ROOT), capture_output=True, text=True, timeout=300
        )

    return run


def test_the_page_shows_all_of_the_method_and_verifies_before_it_runs() -> None:
    files = {path.relative_to(EXAMPLES).as_posix() for path in EXAMPLES.glob("neighbours/*") if path.is_file()}
    assert set(SHOWN) == files - {"neighbours/__init__.py"}
    assert (EXAMPLES / "neighbours" / "__init__.py").read_text() == ""
    assert [command.split()[0] for command in COMMANDS] == ["verify", "run", "run"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_does_what_it_says(newcomer: Newcomer, command: str) -> None:
    done = newcomer(command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fail" not in done.stdout + done.stderr
