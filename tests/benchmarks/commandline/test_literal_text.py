"""Text of users is printed as it stands in their files: no markup, no emoji, no control character is obeyed."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from subprocess import CompletedProcess

import pandas as pd
import pytest
from rich.text import Text

from benchmarks.catalog import registry
from benchmarks.commandline.app import main
from benchmarks.commandline.console import make_console
from benchmarks.commandline.fitted_table import ALWAYS, TableColumn, print_fitted
from benchmarks.commandline.literal import printable

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def no_cohort_files_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(registry.COHORT_FILES, "")
    registry.dataset_cards.cache_clear()
    yield
    registry.dataset_cards.cache_clear()


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Größe, 年齢 :heart: [bold]", "Größe, 年齢 :heart: [bold]"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb\0", "a\\rb\\x00"),
        ("two\nlines\t", "two\nlines\t"),
        ("\ud800\u202e", "\\ud800\\u202e"),
    ],
)
def test_control_characters_are_written_out(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_a_console_takes_lines_and_cells_as_they_are() -> None:
    console = make_console()
    console.file = StringIO()
    console.print("[bold]a[/] :smile: \x1b[2J")
    columns = [TableColumn(heading="[x]", cells=["[/y] :heart:\x07", Text("z")], need=ALWAYS)]
    print_fitted(console, columns)
    assert console.file.getvalue().splitlines() == [
        "[bold]a[/] :smile: \\x1b[2J",
        "             [x]",
        "[/y] :heart:\\x07",
        "               z",
    ]


def test_a_description_shows_titles_columns_and_levels_as_they_are(tmp_path: Path, capsys: Capture) -> None:
    levels = ["[red]low[/red]", ":smile:", "\x1b[31mhigh"]
    frame = pd.DataFrame(
        {
            "id": [f"[{k}]" for k in range(60)],
            "time": range(1, 61),
            "event": [k % 2 for k in range(60)],
            "[bold]age[/bold] :heart:": [50 + k for k in range(60)],
            "grade [/]": [levels[k % 3] for k in range(60)],
        }
    )
    frame.to_csv(tmp_path / "table.csv", index=False)
    (tmp_path / "cohort.toml").write_text(
        'name = "own"\ntitle = "Ward [/7] [bold]north[/] :heart: \\u001b[2J"\nendpoint = "death [any]"\n'
        'time_unit = "days"\n[table]\nfile = "table.csv"\npatient = "id"\ntime = "time"\nevent = "event"\n'
    )
    with pytest.raises(SystemExit) as exit_:
        main(["data", "describe", str(tmp_path / "cohort.toml")])
    assert exit_.value.code == 0
    text = capsys.readouterr().out
    assert "own  Ward [/7] [bold]north[/] :heart: \\x1b[2J" in text
    assert "death [any]" in text
    assert "[bold]age[/bold] :heart:  numeric            0  50 to 109, median 79.5" in text
    assert "grade [/]                 categorical        0  \\x1b[31mhigh 20, :smile: 20, [red]low[/red] 20" in text


def test_an_error_shows_what_it_is_of_as_it_is(tmp_path: Path, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["data", "describe", str(tmp_path / "[bold]\x1b[2J.toml")])
    assert exit_.value.code == 2
    assert "/[bold]\\x1b[2J.toml; `python -m benchmarks data init" in capsys.readouterr().err


def test_an_output_that_lacks_characters_gets_them_written_out(
    command_line: Callable[..., CompletedProcess[str]],
) -> None:
    done = command_line("data", "describe", "whas500", environment={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert "\\u2588\\u2588" in done.stdout


def test_the_end_of_the_input_at_a_question_is_an_error_on_a_line_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,days,status\na,1,0\nb,2,1\nc,3,1\n")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "data", "init", str(tmp_path / "p.csv")],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "error: no answer came; give what was asked for as an option"
