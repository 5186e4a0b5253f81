"""Names and causes that would like to be markup, never end, or run from right to left are shown as text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsed import go_to
from made_boards import board, board_row

from leaderboards.boards.overall import make_overall
from leaderboards.pages.formats import Boards
from leaderboards.pages.html.page import as_html

VIEWS = ("table", "gains", "ranks", "cost", "calibration", "failures", "datasets", "dataset/two", "reading")

SCRIPT = "<b></script><script>window.ran = true</script><img src=x onerror='window.ran = true'>"
LONG = "x" * 10_000
ARABIC = "\u202eطريقة البقاء"
CAUSE = f"ValueError: {SCRIPT} in /home/ada/cohort/table.csv \x1b[2J {'y ' * 5000}end of the cause"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    boards = [
        board(
            dataset,
            board_row(SCRIPT, 0.7, rank=1, gain=(0.1, 0.05, 0.15), flags=(SCRIPT,)),
            board_row(LONG, 0.6, rank=2, gain=(0.0, -0.1, 0.1)),
            board_row(ARABIC, 0.5, rank=3, gain=(-0.1, -0.2, 0.0), letters="b"),
            board_row("{{ 7 * 7 }} &amp; <!--", None, state="failed", problem=CAUSE, labels={SCRIPT: SCRIPT}),
        )
        for dataset in ("<b>one</b>", "two")
    ]
    file = tmp_path_factory.mktemp("page") / "boards.html"
    facts = {"two": {"title": SCRIPT, "traps": [LONG], "missing": SCRIPT}}
    file.write_text(as_html(Boards(tuple(boards), make_overall(boards)), facts, SCRIPT), encoding="utf-8")
    return file


@pytest.mark.parametrize("width", [1280, 375])
def test_nothing_runs_and_nothing_breaks_the_layout(page_file: Path, open_page: Callable[..., Any], width: int) -> None:
    page = open_page(page_file, width=width, height=6000)
    widths = {}
    for view in VIEWS:
        go_to(page, view)
        widths[view] = page.evaluate("document.documentElement.scrollWidth")
    assert widths == dict.fromkeys(VIEWS, width)
    assert page.evaluate("window.ran") is None
    assert page.locator("img, b").count() == 0


def test_a_hostile_name_is_text_and_a_long_one_is_whole_below(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file)
    cells = page.locator("#results tbody tr th")
    assert cells.nth(0).inner_text() == f"{SCRIPT[:79]}…"
    assert cells.nth(1).inner_text() == f"{'x' * 79}…"
    assert cells.nth(2).inner_text() == ARABIC.replace("\u202e", "\\u202e")
    heading = page.locator("#row-details h3")
    cells.nth(0).get_by_role("button").click()
    assert heading.inner_text() == SCRIPT
    cells.nth(1).get_by_role("button").click()
    assert len(heading.inner_text()) < 500
    heading.locator("summary").click()
    assert heading.text_content() == LONG


def test_a_cause_is_whole_less_paths_and_control_characters(page_file: Path, open_page: Callable[..., Any]) -> None:
    page = open_page(page_file, "failures")
    cause = page.locator("#failures tbody tr", has_text="{{ 7 * 7 }} &amp; <!--").first.locator("td").last
    assert len(cause.inner_text()) < 500
    cause.locator("summary").click()
    text = cause.text_content()
    assert SCRIPT in text
    assert text.endswith("end of the cause")
    assert "…/table.csv" in text
    assert "/home" not in text
    assert "\\x1b[2J" in text
