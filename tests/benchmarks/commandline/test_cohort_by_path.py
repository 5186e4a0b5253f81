"""Verbs that read results know a cohort of the user's own by its file, and say whom it leaves out."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

CommandLine = Callable[..., CompletedProcess[str]]
EXCLUDED = "3 patients without outcome left out"


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ward")
    rng = np.random.default_rng(0)
    rows = [f"P{k},{rng.exponential(20) + 0.1:.3f},{k % 2},{rng.normal(60, 10):.1f}" for k in range(60)]
    rows += ["P60,,1,50", "P61,0,1,50", "P62,5,,50"]
    (folder / "ward.csv").write_text("\n".join(["id,months,dead,age", *rows]))
    (folder / "cohort.toml").write_text(
        'name = "ward"\ntitle = "Ward"\nendpoint = "death"\ntime_unit = "months"\n[table]\nfile = "ward.csv"\n'
        'patient = "id"\ntime = "months"\nevent = "dead"\nexclude_without_outcome = true\n'
    )
    return folder


@pytest.fixture(scope="module")
def run(ward: Path) -> str:
    """Run two cells; return what is printed."""
    arguments = ["run", "--method", "kaplan_meier", "--folds", "2", "--dataset", str(ward / "cohort.toml")]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments, "--results", str(ward / "results")],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    return done.stdout


def test_a_run_says_how_many_patients_are_left_out(run: str) -> None:
    assert f"2 stratified folds, 1 repeat, seed 0; {EXCLUDED}; horizon" in run
    assert "ward  Ward: 60 patients, 30 events, death" in run


@pytest.mark.parametrize("verb", [["describe"], ["verify"], ["splits", "--folds", "2"]])
def test_every_look_at_the_data_says_it(command_line: CommandLine, ward: Path, verb: list[str]) -> None:
    done = command_line("data", verb[0], str(ward / "cohort.toml"), *verb[1:])
    assert EXCLUDED in done.stdout


def test_the_board_says_it_without_the_data(command_line: CommandLine, ward: Path, run: str) -> None:
    done = command_line("leaderboard", "--results", str(ward / "results"))
    assert f"2 stratified folds, 1 repeat, seed 0; {EXCLUDED}; protocol" in done.stdout


@pytest.mark.parametrize("verb", ["status", "score", "leaderboard"])
def test_results_are_chosen_by_the_cohort_file(command_line: CommandLine, ward: Path, run: str, verb: str) -> None:
    results = ("--results", str(ward / "results"))
    by_path = command_line(verb, "--dataset", str(ward / "cohort.toml"), *results)
    assert by_path.returncode == 0, by_path.stderr
    assert by_path.stdout == command_line(verb, "--dataset", "ward", *results).stdout
    assert command_line(verb, "--dataset", str(ward / "none.toml"), *results).returncode == 2


def test_cohort_files_are_listed_beside_the_registered_datasets(command_line: CommandLine, ward: Path) -> None:
    done = command_line("list", "datasets", str(ward / "cohort.toml"), "--json")
    (own,) = [row for row in json.loads(done.stdout) if row["dataset"] == "ward"]
    assert own == {
        "dataset": "ward",
        "patients": None,
        "events": None,
        "modalities": "clinical",
        "endpoint": "death",
        "available": "yes",
        "title": "Ward",
    }
    refused = command_line("list", "methods", str(ward / "cohort.toml"))
    assert refused.returncode == 2
    assert "cohort files are listed with datasets" in refused.stderr


def test_a_cell_is_shown_and_drawn_with_the_cohort_file(command_line: CommandLine, ward: Path, run: str) -> None:
    file, results = str(ward / "cohort.toml"), ("--results", str(ward / "results"))
    shown = command_line("show", "kaplan_meier", file, "--json", *results)
    record = json.loads(shown.stdout)
    assert record["excluded"] == 3
    drawn = command_line("show", record["key"], file, "--plots", *results)
    assert drawn.returncode == 0, drawn.stderr
    assert (ward / "results" / "figures" / record["key"] / "figures.png").is_file()
    refused = command_line("show", record["key"], "--plots", *results)
    assert refused.returncode == 2
    assert f"ward is not registered: name its cohort file, show {record['key']} COHORT.toml --plots" in refused.stderr
