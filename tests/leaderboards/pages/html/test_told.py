"""What is passed on in a page names no path of a machine and no patient."""

import pytest

from leaderboards.pages.html.told import without_details, without_paths


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("cannot read /home/ada/cohort/table.csv: no such file", "cannot read …/table.csv: no such file"),
        ("File '/srv/x/method.py', line 3", "File '…/method.py', line 3"),
        (r"C:\Users\ada\table.csv is open", "…/table.csv is open"),
        ("file:///srv/data/slides/ is empty", "…/slides is empty"),
        ("No such file: '/home/ada/my data/x.csv'", "No such file: '…/x.csv'"),
        ("see https://example.org/a/b", "see https://example.org/a/b"),
        ("a rate of 3/4 and/or 1/2", "a rate of 3/4 and/or 1/2"),
        ("cox_ph on clinical+rna", "cox_ph on clinical+rna"),
        ("see methods/cox_ph/method.py:31", "see methods/cox_ph/method.py:31"),
        ("N / A", "N / A"),
        ("two\x1b[2J", "two\\x1b[2J"),
    ],
)
def test_an_absolute_path_is_the_name_of_its_file(text: str, left: str) -> None:
    assert without_paths(text) == left


def test_why_a_measure_is_undefined_is_told_without_the_patient() -> None:
    problem = "no nll: undefined in 5 of 5 folds: the curve of patient 3 gives probability 0 to the event at time 298.0"
    assert without_details(problem) == "no nll: undefined in 5 of 5 folds"
    assert without_details("not applicable in 5 of 5 folds: the dataset has no strata").endswith("no strata")
