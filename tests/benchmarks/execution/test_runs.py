"""Whole runs on real data: resumed, repeated, damaged."""

import json
from pathlib import Path

RUN = ("run", "--method", "cox_ph,random_survival_forest", "--dataset", "gbsg2", "--folds", "2")


def test_two_results_folders_hold_the_same_bytes(command_line, tmp_path: Path) -> None:
    for name, jobs in (("a", "1"), ("b", "2")):
        done = command_line(*RUN, "--results", str(tmp_path / name), "--jobs", jobs)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "a/scores.parquet").read_bytes() == (tmp_path / "b/scores.parquet").read_bytes()
    cells = sorted(path.name for path in (tmp_path / "a/cells").iterdir())
    assert cells == sorted(path.name for path in (tmp_path / "b/cells").iterdir())
    for cell in cells:
        for name in ("predictions.npz", "scores.json"):
            assert (tmp_path / "a/cells" / cell / name).read_bytes() == (
                tmp_path / "b/cells" / cell / name
            ).read_bytes()


def test_a_damaged_cell_is_reported_and_computed_again(command_line, tmp_path: Path) -> None:
    results = ("--results", str(tmp_path), "--json")
    first = command_line(*RUN, *results)
    whole = {path: path.read_bytes() for path in tmp_path.glob("cells/*/predictions.npz")}
    victim = sorted(whole)[0]
    victim.write_bytes(victim.read_bytes()[:-100])
    second = command_line(*RUN, *results)
    assert second.returncode == 0
    assert f"{victim} differs from what was written" in second.stderr
    assert "computing" in second.stderr
    assert {path: path.read_bytes() for path in whole} == whole
    assert json.loads(second.stdout)["rows"][0]["averages"] == json.loads(first.stdout)["rows"][0]["averages"]


def test_force_runs_stored_cells_again(command_line, tmp_path: Path) -> None:
    run = ("run", "--method", "kaplan_meier", "--dataset", "whas500", "--folds", "2", "--results", str(tmp_path))
    command_line(*run)
    again = command_line(*run, "--force")
    assert "[2/2] ok kaplan_meier" in again.stderr


def test_mean_concordance_of_cox_is_the_published_one(command_line, tmp_path: Path) -> None:
    """Mean and standard deviation of 30 stratified 80/20 splits, from the specification of the text method."""
    done = command_line(
        "run",
        "--method",
        "cox_ph",
        "--dataset",
        "gbsg2,actg320,whas500",
        "--repeats",
        "5",
        "--jobs",
        "2",
        "--results",
        str(tmp_path),
        "--json",
    )
    assert done.returncode == 0, done.stderr
    mean = {row["dataset"]: row["averages"]["harrell_c"]["mean"] for row in json.loads(done.stdout)["rows"]}
    assert abs(mean["gbsg2"] - 0.667) < 0.032
    assert abs(mean["actg320"] - 0.734) < 0.041
    assert abs(mean["whas500"] - 0.767) < 0.028


def test_stored_predictions_are_scored_again_without_fitting(command_line, tmp_path: Path) -> None:
    results = ("--results", str(tmp_path))
    run = ("run", "--method", "kaplan_meier", "--folds", "2", *results)
    assert command_line(*run, "--dataset", "whas500").returncode == 0
    assert command_line(*run, "--dataset", "gbsg2").returncode == 0
    whole = (tmp_path / "scores.parquet").read_bytes()
    victim = sorted(tmp_path.glob("cells/*/scores.json"))[0]
    before = victim.read_bytes()
    victim.write_text("{}")
    (tmp_path / "scores.parquet").unlink()
    done = command_line("score", *results)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("4 cells, 1 scored now, 0 damaged")
    assert victim.read_bytes() == before
    assert (tmp_path / "scores.parquet").read_bytes() == whole
