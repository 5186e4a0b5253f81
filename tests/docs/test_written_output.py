"""What the pages show as the output of a command is what the command prints, but for the numbers."""

import re
from pathlib import Path

import pytest

from tests.docs.written_output import ADD_A_METHOD, BOARD, CONSOLE, QUICK_START, board_commands, put_example, run

NEW = "python tests/docs/written_output.py writes the pages anew; read the words around them then"


def words(output: str) -> list[list[str]]:
    """Return the words of each line, numbers and checksums as #; the lines in order of the alphabet.

    Scores differ by a little between processors, and so may the order of the rows.
    """
    masked = re.sub(r"\b[0-9a-f]{12,}\b|[+-]?\d+(\.\d+)?", "#", output)
    return sorted([re.sub(r"-{2,}", "--", word) for word in line.split()] for line in masked.splitlines())


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("page", "verbs"), [(QUICK_START, ["run", "compare", "status"]), (ADD_A_METHOD, ["verify", "run", "compare"])]
)
def test_a_page_shows_what_its_commands_print(tmp_path: Path, page: Path, verbs: list[str]) -> None:
    put_example(tmp_path)
    shown = [(found["command"], found["output"]) for found in CONSOLE.finditer(page.read_text())]
    assert [command.split()[3] for command, _ in shown] == verbs
    for command, output in shown:
        assert words(run(command, tmp_path)) == words(output), f"{command}: {NEW}"


@pytest.mark.timeout(600)
def test_the_board_that_is_explained_is_the_one_that_is_made(tmp_path: Path) -> None:
    for command in board_commands():
        run(command, tmp_path)
    assert words((tmp_path / "board.md").read_text()) == words(BOARD.read_text()), NEW


def test_another_column_or_word_would_be_found() -> None:
    line = "cox_ph  0.667 ± 0.069  a"
    assert words(line) == words("cox_ph   0.7 ± 0.1    a")
    assert words(line) != words("cox_ph  0.667 ± 0.069  b")
    assert words(line) != words("cox_ph  0.667 ± 0.069  a  1.2")
