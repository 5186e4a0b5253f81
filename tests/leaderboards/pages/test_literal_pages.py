"""Names and reasons that users and their methods gave stand on a page as they are, whatever its form makes of them."""

import pytest

from benchmarks.scoring.summary import Row
from leaderboards.boards.board import Board, BoardRow
from leaderboards.pages.formats import Boards, as_latex, as_markdown


def page_of(problem: str) -> Boards:
    row = Row(
        dataset="own",
        method="m|n",
        variant="",
        modalities=("clinical",),
        state="failed",
        cells=2,
        ok=0,
        averages={},
        fit_seconds=None,
        peak_memory=0,
        problem=problem,
    )
    board = Board(
        dataset="own",
        measure="harrell_c",
        protocol="p",
        data_sha256="0" * 64,
        split="2 folds",
        events=3,
        rows=(BoardRow(name="m|n", row=row, config={}, labels={}),),
    )
    return Boards((board,), None)


@pytest.mark.parametrize(
    ("problem", "written"),
    [
        ("no column [age] in x_y: 3 < 4", "no column [age] in x_y: 3 < 4"),
        ("<script>", r"\<script>"),
        ("*a* _b_ `c` $d$", r"\*a\* \_b\_ \`c\` \$d\$"),
        ("[see](http://x) &lt;", r"\[see](http://x) \&lt;"),
        ("two\nlines \x1b[2J", r"two lines \\x1b[2J"),
    ],
)
def test_markdown_shows_a_reason_as_it_is(problem: str, written: str) -> None:
    text = as_markdown(page_of(problem))
    assert f"- m\\|n: {written}\n" in text
    assert "| - | m\\|n | clinical |" in text


def test_latex_shows_a_reason_as_it_is() -> None:
    text = as_latex(page_of("100 % of\n{a_b} \x07"))
    assert r"m|n: 100 \% of \{a\_b\} \textbackslash{}x07." in text
