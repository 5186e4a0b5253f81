"""A table fits the width there is: no number is broken, columns go by need, names are cut in the middle."""

import pytest
from rich.console import Console

from benchmarks.commandline.fitted_table import ALWAYS, TableColumn, cut_in_the_middle, print_fitted

NUMBER = "0.674 ± 0.031"


def table(width: int, *, wide: bool = False) -> tuple[list[str], list[str]]:
    console = Console(width=width, no_color=True)
    columns = [
        TableColumn(heading="method", cells=["random_survival_forest", "cox_ph"], need=ALWAYS, is_name=True),
        TableColumn(heading="C", cells=[NUMBER, NUMBER], need=ALWAYS),
        TableColumn(heading="IBS", cells=[NUMBER, "-"], need=2),
        TableColumn(heading="ICI", cells=["-", NUMBER], need=1),
    ]
    with console.capture() as capture:
        left_out = print_fitted(console, columns, wide=wide)
    return capture.get().splitlines(), left_out


def test_what_fits_is_shown_whole() -> None:
    lines, left_out = table(22 + 3 * (2 + 13))
    assert left_out == []
    assert lines == [
        "method                              C            IBS            ICI",
        "random_survival_forest  0.674 ± 0.031  0.674 ± 0.031              -",
        "cox_ph                  0.674 ± 0.031              -  0.674 ± 0.031",
    ]


def test_names_are_cut_before_a_column_is_left_out() -> None:
    lines, left_out = table(61)
    assert left_out == []
    assert lines[1] == "random_s…_forest  0.674 ± 0.031  0.674 ± 0.031              -"


def test_the_least_needed_column_is_left_out_first_and_named() -> None:
    lines, left_out = table(60)
    assert left_out == ["ICI"]
    assert lines[1] == "random_survival_forest  0.674 ± 0.031  0.674 ± 0.031"
    assert table(40)[1] == ["IBS", "ICI"]


@pytest.mark.parametrize("width", range(24, 110, 3))
def test_no_line_is_wider_than_the_console_and_no_number_is_broken(width: int) -> None:
    lines, _ = table(width)
    assert len(lines) == 3
    assert max(map(len, lines)) <= width
    assert NUMBER in lines[1]


def test_a_wide_table_shows_all_however_narrow_the_console() -> None:
    lines, left_out = table(20, wide=True)
    assert left_out == []
    assert len(lines) == 3
    assert lines[1].startswith("random_survival_forest  ")


@pytest.mark.parametrize(("width", "cut"), [(9, "kapl…eier"), (12, "kaplan_meier"), (8, "kapl…ier"), (5, "ka…er")])
def test_a_name_keeps_its_beginning_and_its_end(width: int, cut: str) -> None:
    assert cut_in_the_middle("kaplan_meier", width) == cut
