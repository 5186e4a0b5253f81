"""Results of an embargoed dataset are marked, and the challenge's score stands beside the protocol's."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.catalog.embargo import EMBARGO_MARK, embargo_of
from benchmarks.types import Outcome

Verb = Callable[..., subprocess.CompletedProcess[str]]

RUN = ["run", "--method", "kaplan_meier", "--dataset", "chimera-prostate", "--folds", "2", "--skip-invalid"]

score = importlib.import_module("benchmarks.datasets.chimera.score")

needs_data = pytest.mark.skipif(
    not Path(os.environ.get("BENCHMARKS_DATA", ""), "chimera", "task1").is_dir() or "BENCHMARKS_DATA" not in os.environ,
    reason="BENCHMARKS_DATA names no folder with chimera/task1",
)


def test_embargoed_datasets_are_told_from_the_others() -> None:
    assert "forbids to publish" in embargo_of("chimera-prostate")
    assert "forbids to publish" in embargo_of("chimera-bladder")
    assert embargo_of("gbsg2") == ""
    assert embargo_of("a dataset of another installation") == ""


def test_the_challenge_counts_pairs_over_all_of_follow_up() -> None:
    # Comparable pairs (i has the event first): (1,2), (1,3), (1,4), (3,4); the prediction orders all but (3,4).
    outcome = Outcome(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, False, True, False]))
    assert score.challenge_concordance(outcome, np.array([1.0, 2.0, 9.0, 5.0])) == 3 / 4


def test_a_longer_predicted_time_is_a_lower_risk() -> None:
    outcome = Outcome(np.array([1.0, 2.0, 3.0]), np.array([True, True, True]))
    assert score.challenge_concordance(outcome, np.array([10.0, 20.0, 30.0])) == 1


@pytest.fixture(scope="module")
def verb(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Verb:
    """Return a call of a verb on a results folder that holds one method on the prostate cohort."""
    results = str(tmp_path_factory.mktemp("embargo") / "results")

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "benchmarks", *arguments, "--results", results]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=240)

    call(*RUN)
    return call


@needs_data
def test_a_run_marks_the_embargo_and_counts_who_was_left_out(verb: Verb) -> None:
    again = verb(*RUN)
    assert again.returncode == 0, again.stderr
    assert EMBARGO_MARK in again.stdout
    assert "0 of 95 patients left out as invalid" in again.stdout


@needs_data
def test_show_marks_the_embargo_and_tells_the_challenge_score(verb: Verb) -> None:
    key = next(line.split()[0] for line in verb(*RUN, "--dry-run").stdout.splitlines())
    shown = verb("show", key).stdout
    assert EMBARGO_MARK in shown
    # Every patient has the same curve: nothing but ties.
    assert "challenge score on test\n  0.5000" in shown


@needs_data
def test_a_board_leaves_embargoed_results_out_unless_asked(verb: Verb) -> None:
    board = verb("leaderboard")
    assert board.returncode == 2
    assert "--include-embargoed" in board.stderr
    assert board.stdout == ""
    assert "chimera-prostate" in verb("leaderboard", "--include-embargoed").stdout


def test_skip_invalid_is_refused_where_no_dataset_can(command_line: Verb, tmp_path: Path) -> None:
    run = command_line("run", "--method", "kaplan_meier", "--dataset", "gbsg2", "--skip-invalid", "--results", "x")
    assert run.returncode == 2
    assert run.stderr.splitlines() == ["error: --skip-invalid: none of gbsg2 reads patients one by one"]


def test_a_malformed_patient_ends_a_run_in_one_line(command_line: Verb, tmp_path: Path) -> None:
    clinical = tmp_path / "chimera" / "task1" / "clinical_data"
    clinical.mkdir(parents=True)
    (clinical / "9003.json").write_text(json.dumps({"age_at_prostatectomy": 66}))
    given = ["--method", "kaplan_meier", "--dataset", "chimera-prostate", "--data-root", str(tmp_path)]
    run = command_line("run", *given, "--results", str(tmp_path / "results"))
    assert run.returncode == 2
    (line,) = run.stderr.splitlines()
    assert "9003.json: patient 9003: the key 'primary_gleason' is missing" in line
