"""The example method of CONTRIBUTING is complete: copied into a folder, it is verified and run as the page says."""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import ROOT, child_environment

PAGE = (ROOT / "CONTRIBUTING.md").read_text()
SECTION = PAGE[PAGE.index("\n## A method\n") : PAGE.index("\n### Its card\n")]
FILES = dict(re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", SECTION, flags=re.DOTALL))
COMMANDS = re.findall(r"^python -m benchmarks (.*)$", SECTION, flags=re.MULTILINE)

Newcomer = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """Write the files of the page into a fresh folder, and run its commands there."""
    folder = tmp_path_factory.mktemp("newcomer")
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    (folder / "neighbours" / "__init__.py").write_text("")

    def run(arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "benchmarks", *shlex.split(arguments)]
        return subprocess.run(
            command, cwd=folder, env=child_environment(ROOT), capture_output=True, text=True, timeout=300
        )

    return run


def test_the_page_has_both_files_and_verifies_before_it_runs() -> None:
    assert set(FILES) == {"neighbours/method.py", "neighbours/card.toml"}
    assert [command.split()[0] for command in COMMANDS] == ["verify", "run", "run"]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_does_what_it_says(newcomer: Newcomer, command: str) -> None:
    done = newcomer(command)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "fail" not in done.stdout + done.stderr
