"""Tuning within a fold: on which patients, with what at the end, and that the test part has no say."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.contract.cohort import poisoned
from benchmarks.execution.tuned_fold import choose, inner_folds
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.protocol.splits import make_splits
from benchmarks.scoring.evaluation import evaluate
from benchmarks.tuning.objective import ObjectiveError, objective_values
from benchmarks.tuning.study_files import read_trials
from benchmarks.tuning.trials import TRIALS
from benchmarks.types import Cohort, Context, Outcome, Patients, Prediction, Split, Tuning
from methods.cox_ph.method import Config, CoxPH


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    import pandas as pd

    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.normal(size=(240, 4)), columns=list("abcd"))
    time = rng.exponential(100 * np.exp(-frame["a"] - 0.5 * frame["b"]))
    censored = rng.exponential(200, size=240)
    return Cohort.from_table(frame, time=np.minimum(time, censored), event=time <= censored, time_unit="days")


@pytest.fixture(scope="module")
def split(cohort: Cohort) -> Split:
    return make_splits(cohort, folds=5, repeats=1, seed=0)[0]


def protocol(cohort: Cohort) -> EvaluationProtocol:
    return EvaluationProtocol.of("drawn", cohort, 120.0)


def ids(cohort: Cohort) -> set[str]:
    return set(cohort.patients.ids.tolist())


@pytest.mark.parametrize("folds", [1, 2, 4])
def test_inner_folds_are_of_train_and_validation_alone(cohort: Cohort, split: Split, folds: int) -> None:
    parts = inner_folds(cohort, split, folds, 3)
    test = ids(cohort[split.test])
    assert len(parts) == folds
    for part in parts:
        assert not (ids(part.train) | ids(part.validation) | ids(part.held_out)) & test
        assert not ids(part.train) & ids(part.validation)
        assert not ids(part.train) & ids(part.held_out)
        if folds > 1:
            assert not ids(part.validation) & ids(part.held_out)
    if folds > 1:
        judged = [patient for part in parts for patient in ids(part.held_out)]
        assert sorted(judged) == sorted(ids(cohort) - test)


@pytest.mark.parametrize("folds", [1, 3])
def test_poisoned_test_rows_leave_the_study_bit_identical(
    cohort: Cohort, split: Split, tmp_path: Path, folds: int
) -> None:
    tuning = Tuning(trials=4, folds=folds)
    for name, patients in (("clean", cohort), ("poisoned", poisoned(cohort, split.test))):
        (tmp_path / name).mkdir()
        context = Context(seed=1, workdir=tmp_path / name)
        choose(CoxPH, Config(), patients, split, protocol(cohort), tuning, tmp_path / name / "study", context)
    clean, dirty = ((tmp_path / name / "study" / TRIALS).read_bytes() for name in ("clean", "poisoned"))
    assert clean == dirty
    assert clean.count(b"\n") == 4


def test_the_objective_is_the_protocols_measure(cohort: Cohort, split: Split) -> None:
    train, held_out = cohort[split.train], cohort[split.validation]
    found = protocol(cohort)
    rng = np.random.default_rng(1)
    curves = np.exp(-np.outer(rng.uniform(0.002, 0.02, len(held_out)), found.times))
    prediction = Prediction.from_curves(found.times, curves)
    scores = evaluate(found, train.outcome, held_out.outcome, prediction)
    names = ("c_td", "ibs", "harrell_c")
    values = objective_values(names, found, train.outcome, held_out, prediction)
    assert values == tuple(scores[name].value for name in names)


def test_an_objective_without_a_value_says_why(cohort: Cohort, split: Split) -> None:
    train, held_out = cohort[split.train], cohort[split.validation]
    risks = Prediction(np.arange(len(held_out), dtype=float), protocol(cohort).times)
    with pytest.raises(ObjectiveError, match=r"has no curves .* --tune-objective harrell_c"):
        objective_values(("c_td",), protocol(cohort), train.outcome, held_out, risks)
    nobody = replace(held_out, outcome=Outcome(held_out.outcome.time, np.zeros(len(held_out), dtype=bool)))
    with pytest.raises(ObjectiveError, match="harrell_c is undefined on the patients that it is judged on"):
        objective_values(("harrell_c",), protocol(cohort), train.outcome, nobody, risks)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a method was fitted with."""

    seeds: list[int]
    folders: list[list[str]]


def test_every_trial_has_the_seed_of_the_fit_and_an_empty_folder(cohort: Cohort, split: Split, tmp_path: Path) -> None:
    seen = Seen([], [])

    class Watched(CoxPH):
        def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
            seen.seeds.append(context.seed)
            seen.folders.append([path.name for path in context.workdir.iterdir()])
            (context.workdir / "left behind").write_text("x")
            super().fit(train, validation, context)

    context = Context(seed=11, workdir=tmp_path)
    choose(Watched, Config(), cohort, split, protocol(cohort), Tuning(trials=3), tmp_path / "study", context)
    assert seen == Seen([11, 11, 11], [[], [], []])
    assert context.seconds["tuning"] > 0
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


def run(command_line: Any, tmp_path: Path, *arguments: str) -> dict[str, Any]:
    found = command_line("run", "--dataset", "whas500", "--fold", "0", "--results", str(tmp_path), "--json", *arguments)
    assert found.returncode == 0, found.stderr
    summary: dict[str, Any] = json.loads(found.stdout)
    return summary


def test_a_tuned_row_stands_beside_the_untuned_one(command_line: Any, tmp_path: Path) -> None:
    method = ("--method", "cox_ph,kaplan_meier")
    run(command_line, tmp_path, *method)
    summary = run(command_line, tmp_path, *method, "--tune", "3", "--set", "cox_ph.components=5")
    summary = run(command_line, tmp_path, *method, "--tune", "3")
    endings = {(cell["status"], cell["cause"]) for cell in summary["cells"].values()}
    assert endings == {("ok", ""), ("skipped", "has no setting to tune")}
    (key,) = [key for key, cell in summary["cells"].items() if cell["status"] == "ok"]
    assert [trial.number for trial in read_trials(tmp_path / "cells" / key)] == [0, 1, 2]
    assert not list((tmp_path / "studies").iterdir())
    board = command_line("leaderboard", "--results", str(tmp_path), "--dataset", "whas500")
    assert board.returncode == 0, board.stderr
    assert "cox_ph [components=20], tuned (3 trials)" in board.stdout
    assert "cox_ph [components=5], tuned (3 trials)" in board.stdout
    assert "tune s" in board.stdout


def test_refitted_to_both_parts(command_line: Any, tmp_path: Path) -> None:
    summary = run(command_line, tmp_path, "--method", "cox_ph,pc_hazard", "--tune", "2", "--tune-refit")
    endings = sorted((cell["status"], cell["cause"]) for cell in summary["cells"].values())
    assert endings[0] == ("ok", "")
    assert endings[1][0] == "skipped"
    assert "--tune-refit" in endings[1][1]
    labels = [row["method"] + row["tuned"] for row in summary["rows"]]
    assert "cox_ph, tuned (2 trials, refitted)" in labels


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--tune", "0"], "--tune 0: 1 to 100,000 trials"),
        (["--tune", "9" * 30], "1 to 100,000 trials"),
        (["--tune", "²"], "expected a number of trials or a time such as 90s, 30m or 2h"),
        (["--tune", "soon"], "--tune soon: expected a number of trials or a time"),
        (["--tune", "0m"], "expected a number of trials or a time"),
        (["--tune", "5", "--tune-folds", "0"], "--tune-folds 0: 1 to 20 inner folds"),
        (["--tune", "5", "--tune-trial-timeout", "5"], "--tune-trial-timeout 5: expected a time such as 90s"),
        (["--tune", "5", "--tune-objective", "c_td+ibs", "--tune-pruner", "median"], "of one objective alone"),
        (["--tune", "5", "--validation", "merge"], "--tune chooses on the validation part"),
        (["--tune-folds", "3"], "these options go with --tune"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(command_line: Any, tmp_path: Path, arguments: list[str], told: str) -> None:
    found = command_line("run", "--method", "cox_ph", "--dataset", "whas500", "--results", str(tmp_path), *arguments)
    assert found.returncode == 2
    assert told in found.stderr
    assert len(found.stderr.strip().splitlines()) == 1


def test_patients_at_prediction_have_no_outcome(cohort: Cohort, split: Split, tmp_path: Path) -> None:
    class Asks(CoxPH):
        def predict(self, patients: Patients, times: Any) -> Prediction:
            assert not hasattr(patients, "outcome")
            return super().predict(patients, times)

    context = Context(seed=1, workdir=tmp_path)
    choose(Asks, Config(), cohort, split, protocol(cohort), Tuning(trials=1), tmp_path / "study", context)
