"""A cohort with few events is described, and run as far as it goes; what goes wrong is one line with a way out."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pandas as pd
import pytest

from benchmarks.storage.store import Store

Command = Callable[..., CompletedProcess[str]]

CARD = """
name = "few"
title = "Few events"
endpoint = "death from any cause"
time_unit = "days"

[table]
file = "few.csv"
patient = "id"
time = "days"
event = "died"
"""


@pytest.fixture
def cohort_file(tmp_path: Path) -> Callable[..., str]:
    """Return what draws a cohort with so many events in 1,000 days, and its file."""

    def draw(patients: int, events: int, folds: list[int] | None = None) -> str:
        rng = np.random.default_rng(events)
        frame = pd.DataFrame({"days": np.sort(rng.integers(100, 1000, patients)), "died": 0})
        # Before the last fifth of the patients: no event is the end of follow-up.
        died = rng.choice(int(0.8 * patients), events, replace=False)
        frame.loc[died, "died"] = 1
        frame["age"] = rng.normal(65, 8, patients).round(1)
        frame.insert(0, "id", [f"P{row:03}" for row in range(patients)])
        if folds is not None:
            frame["fold"] = folds
        frame.to_csv(tmp_path / "few.csv", index=False)
        path = tmp_path / "few.toml"
        path.write_text(CARD + ('folds = "fold"\n' if folds else "") + "[clinical]\n")
        return str(path)

    return draw


@pytest.fixture
def run(command_line: Command, tmp_path: Path) -> Command:
    def run_(path: str, *arguments: str) -> CompletedProcess[str]:
        results = ("--results", str(tmp_path / "results"))
        return command_line("run", "--method", "cox_ph", "--dataset", path, *arguments, *results)

    return run_


def error_of(done: CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


@pytest.mark.parametrize("events", [1, 3, 6, 20])
def test_few_events_are_described_with_the_horizon_of_the_rule(
    command_line: Command, cohort_file: Callable[..., str], events: int
) -> None:
    done = command_line("data", "describe", cohort_file(150, events), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["events"] == events
    assert 100 < told["horizon"] < 1000
    assert told["no_horizon"] == ""


def test_without_an_event_a_cohort_is_described_and_drawn_but_not_run(
    command_line: Command, run: Command, cohort_file: Callable[..., str], tmp_path: Path
) -> None:
    path = cohort_file(60, 0)
    done = command_line("data", "describe", path, "--plot", str(tmp_path / "drawn"))
    assert done.returncode == 0, done.stderr
    assert "horizon          none: no patient has the event: check event_values" in done.stdout
    assert (tmp_path / "drawn" / "few-survival.png").stat().st_size > 10_000
    told = json.loads(command_line("data", "describe", path, "--json").stdout)
    assert (told["horizon"], told["protocol"], told["survival"][-1]["survival"]) == (None, "", 1.0)
    said = "error: few: no patient has the event: check event_values in the cohort file"
    assert error_of(run(path)) == error_of(run(path, "--set", "few.horizon=300")) == said


def test_three_events_are_too_few_for_any_split(run: Command, cohort_file: Callable[..., str]) -> None:
    path = cohort_file(40, 3)
    said = "3 events are too few for any split into train, validation and test: at least 6 are needed"
    assert error_of(run(path)) == f"error: few: --folds 5: more folds than events (3); {said}"
    assert said in error_of(run(path, "--folds", "3"))


def test_six_events_are_run_in_six_folds_and_told_to_be_unscored(run: Command, cohort_file: Callable[..., str]) -> None:
    path = cohort_file(150, 6)
    assert "has no event; with 6 events, --folds 6 leaves some in every part" in error_of(run(path, "--folds", "2"))
    done = run(path, "--folds", "6")
    assert done.returncode == 0, done.stderr
    assert "no split does with fewer than 10, and there are 6 in all" in done.stderr
    assert "undefined in 6 of 6 folds" in done.stdout


def test_fewer_folds_are_named_where_they_help(run: Command, cohort_file: Callable[..., str]) -> None:
    path = cohort_file(150, 12)
    done = run(path, "--set", "few.horizon=900")
    assert "12 events up to the horizon: 5 folds leave 2 in a test part" in done.stderr
    assert "--folds 2 leaves enough" in done.stderr
    helped = run(path, "--set", "few.horizon=900", "--folds", "2")
    assert helped.returncode == 0, helped.stderr
    assert "leaves enough" not in helped.stderr
    assert "undefined" not in helped.stdout


def test_a_horizon_of_ones_own_is_another_protocol_that_no_table_mixes(
    command_line: Command, run: Command, cohort_file: Callable[..., str], tmp_path: Path
) -> None:
    path = cohort_file(150, 40)
    for horizon in ((), ("--set", "few.horizon=500")):
        done = run(path, "--folds", "2", *horizon)
        assert done.returncode == 0, done.stderr
    assert "horizon 500 days" in done.stdout
    records = [Store.open(tmp_path / "results").read(key) for key in Store.open(tmp_path / "results")]
    assert sorted(len(record.cell.dataset_options) for record in records) == [0, 0, 1, 1]
    assert len({record.cell.grid_sha256 for record in records}) == 2
    board = ("leaderboard", "--results", str(tmp_path / "results"), "--json")
    assert "the cells differ in the options of the dataset" in error_of(command_line(*board))
    protocols = set()
    for value in ("500", "default"):
        done = command_line(*board, "--set", f"few.horizon={value}")
        assert done.returncode == 0, done.stderr
        (made,) = json.loads(done.stdout)["boards"]
        assert made["rows"][0]["row"]["cells"] == 2
        protocols.add(made["protocol"])
    assert len(protocols) == 2


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1500", "few: horizon 1500 days: follow-up ends at"),
        ("1", "few: horizon 1 days: the first event is at"),
        ("-3", "few: horizon: input should be greater than 0, got '-3'"),
        ("nan", "few: horizon: "),
        ("soon", "few: horizon: input should be a valid number"),
    ],
)
def test_a_horizon_that_cannot_be_is_refused(
    run: Command, cohort_file: Callable[..., str], value: str, said: str
) -> None:
    assert said in error_of(run(cohort_file(150, 40), "--set", f"few.horizon={value}"))


def test_published_folds_too_small_to_be_run_on_hold_up_nobody_who_draws_folds(
    run: Command, cohort_file: Callable[..., str]
) -> None:
    path = cohort_file(60, 29, folds=[0] * 57 + [1] * 3)
    assert run(path, "--folds", "2").returncode == 0
    said = error_of(run(path, "--split", "published"))
    assert said.endswith(
        "has no event; the published folds are too small to be run on; --split stratified draws others"
    )


def test_four_patients_are_a_message(run: Command, command_line: Command, cohort_file: Callable[..., str]) -> None:
    path = cohort_file(4, 3)
    assert "few: 4 patients are too few to fix a horizon by rule; give one of your own: --set" in error_of(run(path))
    assert "are too few for any split" in error_of(run(path, "--folds", "2", "--set", "few.horizon=800"))
    assert "horizon          none: 4 patients are too few" in command_line("data", "describe", path).stdout
