"""The output of commands that the pages show: the pages are written by it, and a test compares them with it.

``python tests/docs/written_output.py`` runs the commands and writes pages and board anew. Read the words around them
then.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
QUICK_START = DOCS / "quick_start.md"
ADD_A_METHOD = DOCS / "add_a_method.md"
BOARD_PAGE = DOCS / "read_a_board.md"
EXAMPLES = DOCS / "examples"
BOARD = EXAMPLES / "board.md"

# As wide as the text of the site.
COLUMNS = "99"

CONSOLE = re.compile(r"```console\n\$ (?P<command>[^\n]*)\n(?P<output>.*?)```", re.DOTALL)
FENCE = re.compile(r"```\n(.*?)```", re.DOTALL)


def run(command: str, folder: Path) -> str:
    """Run a command of a page in a folder; return what it printed."""
    arguments = shlex.split(command.removeprefix("python -m benchmarks "))
    environment = {**os.environ, "COLUMNS": COLUMNS, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").split("\n")) + "\n"


def put_example(folder: Path) -> None:
    """Put the example method where a reader would write it."""
    shutil.copytree(EXAMPLES / "neighbours", folder / "neighbours", ignore=shutil.ignore_patterns("__pycache__"))


def board_commands() -> list[str]:
    """Return the commands that make the board."""
    fence = FENCE.search(BOARD_PAGE.read_text(encoding="utf-8"))
    assert fence is not None
    return fence[1].splitlines()


def write() -> None:
    """Write the output of all commands into the pages."""
    for page in (QUICK_START, ADD_A_METHOD):
        with tempfile.TemporaryDirectory() as name:
            _write_consoles(page, Path(name))
    with tempfile.TemporaryDirectory() as name:
        for command in board_commands():
            run(command, Path(name))
        BOARD.write_text((Path(name) / "board.md").read_text(encoding="utf-8"), encoding="utf-8")


def _write_consoles(page: Path, folder: Path) -> None:
    put_example(folder)
    text = page.read_text(encoding="utf-8")
    text = CONSOLE.sub(lambda found: f"```console\n$ {found[1]}\n{run(found[1], folder)}```", text)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
