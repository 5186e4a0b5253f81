"""A results folder of several kinds is read one kind at a time; cells are found by name as well as by key."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.commandline.app import main

Verb = Callable[..., str]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold Kaplan-Meier and Cox with two penalties, two folds, the seeds 0 and 1."""
    folder = tmp_path_factory.mktemp("results") / "r"
    run = ["run", "--dataset", "gbsg2", "--folds", "2", "--results", str(folder), "--method"]
    for arguments in (
        ["kaplan_meier,cox_ph"],
        ["cox_ph", "--set", "penalty=2"],
        ["kaplan_meier,cox_ph", "--seed", "1"],
    ):
        with pytest.raises(SystemExit) as exit_:
            main([*run, *arguments])
        assert exit_.value.code == 0
    return folder


@pytest.fixture
def verb(results: Path, capsys: pytest.CaptureFixture[str]) -> Verb:
    def run(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as exit_:
            main([*arguments, "--results", str(results)])
        captured = capsys.readouterr()
        assert exit_.value.code == code, captured.err
        if code == 2:
            assert captured.err.startswith("error: ")
            assert captured.err.count("\n") == 1
        return captured.err if code == 2 else captured.out

    return run


def cells(verb: Verb, *arguments: str) -> list[str]:
    return [line.split()[0] for line in verb("status", "--cells", *arguments).splitlines()]


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ([], 10),
        (["--method", "cox_ph"], 6),
        (["--method", "baselines"], 10),
        (["--seed", "1"], 4),
        (["--split", "stratified"], 10),
        (["--set", "penalty=2"], 6),
        (["--set", "cox_ph.penalty=2.0", "--method", "cox_ph"], 2),
        (["--dataset", "gbsg2", "--seed", "0", "--method", "kaplan_meier"], 2),
    ],
)
def test_filters_leave_the_cells_they_name(verb: Verb, arguments: list[str], count: int) -> None:
    keys = cells(verb, *arguments)
    assert len(keys) == len(set(keys)) == count


def test_status_says_key_end_and_label_of_every_cell(verb: Verb, results: Path) -> None:
    lines = verb("status", "--cells", "--seed", "1", "--method", "cox_ph").splitlines()
    assert sorted(line.split(maxsplit=1)[1] for line in lines) == [
        "ok         cox_ph on gbsg2, repeat 0, fold 0",
        "ok         cox_ph on gbsg2, repeat 0, fold 1",
    ]
    assert all((results / "cells" / line.split()[0]).is_dir() for line in lines)
    listed = json.loads(verb("status", "--cells", "--json"))["by_key"]
    assert {row["key"] for row in listed} == {path.name for path in (results / "cells").iterdir()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--dataset", "whas500"], "--dataset whas500: no cell has it; there are: gbsg2"),
        (["--method", "coxnet"], "--method coxnet: no cell has it; there are: "),
        (["--seed", "7"], "--seed 7: no cell has it; there are: 0, 1"),
        (["--split", "published"], "--split published: no cell has it; there are: stratified"),
        (["--set", "penalty=3"], "--set penalty=3: no cell has the value; there are: 2.0, chosen"),
        (["--set", "penalti=2"], "no cell has the setting 'penalti'; did you mean penalty?"),
        (["--set", "penalty"], "--set penalty: expected key=value"),
    ],
)
def test_a_filter_that_leaves_nothing_says_what_there_is(verb: Verb, arguments: list[str], message: str) -> None:
    said = verb("status", *arguments, code=2)
    assert all(part in said for part in message.split("; "))


def test_a_cell_is_shown_by_method_and_dataset(verb: Verb) -> None:
    shown = json.loads(verb("show", "kaplan_meier", "gbsg2", "--seed", "1", "--json"))
    assert (shown["cell"]["method"], shown["cell"]["seed"], shown["cell"]["fold"]) == ("kaplan_meier", 1, 0)
    shown = json.loads(verb("show", "cox_ph", "gbsg2", "--set", "penalty=2", "--fold", "1", "--json", "--seed", "0"))
    assert (shown["cell"]["config"]["penalty"], shown["cell"]["fold"]) == (2.0, 1)
    assert "--fold 5: not stored of cox_ph on gbsg2; there are: 0, 1" in verb(
        "show", "cox_ph", "gbsg2", "--fold", "5", code=2
    )


def test_several_cells_are_named_by_their_keys_and_what_sets_them_apart(verb: Verb) -> None:
    said = verb("show", "cox_ph", "gbsg2", "--seed", "0", code=2)
    assert said.startswith("error: 2 cells are cox_ph on gbsg2, repeat 0, fold 0: ")
    assert "(penalty=chosen)" in said
    assert "(penalty=2.0)" in said
    assert sum(key in said for key in cells(verb)) == 2


def test_two_seeds_in_a_folder_are_refused_with_the_filter_that_helps(verb: Verb) -> None:
    assert "read one kind with --seed" in verb("leaderboard", code=2)
    boards = json.loads(verb("leaderboard", "--seed", "1", "--json"))
    assert {row["name"] for row in boards["boards"][0]["rows"]} == {"kaplan_meier", "cox_ph"}
    assert "read one kind with --seed" in verb("compare", "cox_ph", "kaplan_meier", code=2)
    compared = json.loads(verb("compare", "cox_ph", "kaplan_meier", "--seed", "1", "--json"))
    assert list(compared["datasets"]) == ["gbsg2"]


def test_of_two_folds_nothing_is_said_of_methods_fitted_anew(verb: Verb) -> None:
    compared = json.loads(verb("compare", "cox_ph", "kaplan_meier", "--seed", "1", "--json"))["datasets"]["gbsg2"]
    assert {row["measure"]: (row["methods"], row["to_decide"]) for row in compared}["harrell_c"] == (None, None)
    assert all(row["fitted"] is not None for row in compared)
    # Of the models fitted here something can be said: their intervals are of patients, not of folds.
    board = json.loads(verb("leaderboard", "--seed", "1", "--json"))["boards"][0]
    average = board["rows"][0]["row"]["averages"]["harrell_c"]
    assert average["low"] < average["mean"] < average["high"]


@pytest.mark.parametrize("columns", [70, 80])
def test_a_comparison_fits_the_width_and_names_what_is_left_out(verb: Verb, monkeypatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    compare = ("compare", "cox_ph", "kaplan_meier", "--seed", "1")
    lines = verb(*compare).splitlines()
    (heading,) = (place for place, line in enumerate(lines) if "difference" in line and "models" in line)
    rows = lines[heading : heading + 6]
    assert [row.split()[0] for row in rows[1:]] == ["C", "Uno", "C-td", "IBS", "scaled"]
    assert max(map(len, rows)) <= columns
    assert lines[heading + 6].startswith("--wide shows also: ")
    assert "repeats to decide" in verb(*compare, "--wide")


def test_scoring_a_selection_keeps_the_scores_of_the_rest(verb: Verb, results: Path) -> None:
    import pandas as pd

    verb("score")
    before = len(pd.read_parquet(results / "scores.parquet"))
    assert json.loads(verb("score", "--seed", "1", "--json"))["cells"] == 4
    assert len(pd.read_parquet(results / "scores.parquet")) == before
