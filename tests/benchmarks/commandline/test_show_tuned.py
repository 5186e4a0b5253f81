"""``show`` finds a tuned cell by the name that a board gives its row, and the untuned one by the method's name."""

import json
from pathlib import Path

import pytest

from benchmarks.commandline.app import main


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hold one fold of Cox, by default and tuned, and of Weibull, tuned in two ways."""
    folder = tmp_path_factory.mktemp("results") / "r"
    run = ["run", "--dataset", "gbsg2", "--folds", "2", "--fold", "0", "--results", str(folder), "--method"]
    for arguments in (
        ["cox_ph"],
        ["cox_ph,weibull_aft", "--tune", "2"],
        ["weibull_aft", "--tune", "2", "--tune-objective", "ibs"],
    ):
        with pytest.raises(SystemExit) as exit_:
            main([*run, *arguments])
        assert exit_.value.code == 0
    return folder


def show(results: Path, capsys: pytest.CaptureFixture[str], row: str, *options: str) -> tuple[int, str, str]:
    capsys.readouterr()
    with pytest.raises(SystemExit) as exit_:
        main(["show", row, "gbsg2", *options, "--json", "--results", str(results)])
    captured = capsys.readouterr()
    assert isinstance(exit_.value.code, int)
    return exit_.value.code, captured.out, captured.err


@pytest.mark.parametrize(
    ("row", "trials", "objective"),
    [
        ("cox_ph", None, None),
        ("cox_ph, tuned (2 trials)", 2, "c_td"),
        ("weibull_aft, tuned (2 trials)", 2, "c_td"),
        ("weibull_aft, tuned (2 trials, ibs)", 2, "ibs"),
    ],
)
def test_a_row_is_found_by_its_name(
    results: Path, capsys: pytest.CaptureFixture[str], row: str, trials: int | None, objective: str | None
) -> None:
    code, out, err = show(results, capsys, row)
    assert code == 0, err
    cell = json.loads(out)["cell"]
    assert cell["method"] == row.partition(",")[0]
    assert (cell["tuning"].get("trials"), cell["tuning"].get("objective")) == (trials, objective)


def test_a_name_that_no_row_has_is_refused_with_those_there_are(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(results, capsys, "cox_ph, tuned (3 trials)") == (
        2,
        "",
        "error: cox_ph, tuned (3 trials): no cell is called so; there are: cox_ph; cox_ph, tuned (2 trials)\n",
    )


def test_a_fold_that_the_row_has_not_is_refused_by_the_name_of_the_row(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert show(results, capsys, "cox_ph, tuned (2 trials)", "--fold", "1") == (
        2,
        "",
        "error: --fold 1: not stored of cox_ph, tuned (2 trials) on gbsg2; there are: 0\n",
    )


def test_two_tunings_without_a_default_are_both_named(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = show(results, capsys, "weibull_aft")
    where = "on gbsg2, repeat 0, fold 0"
    assert code == 2
    assert err.startswith("error: 2 cells are weibull_aft, tuned (2 trials")
    assert f"weibull_aft, tuned (2 trials) {where}" in err
    assert f"weibull_aft, tuned (2 trials, ibs) {where}" in err
    assert err.endswith("show one by its key\n")
