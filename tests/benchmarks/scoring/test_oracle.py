"""The truth of a simulated dataset is scored like a method, and is shown, never stored."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.registry import dataset_card
from benchmarks.errors import UsageError
from benchmarks.execution.plan import Request, make_plan
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.protocol.splits import make_splits
from benchmarks.scoring.evaluation import evaluate
from benchmarks.scoring.oracle import has_oracle, oracle_row, oracle_scores, true_prediction
from benchmarks.types import Prediction

OPTIONS = {"n": 200, "seed": 0, "effect": 1.0, "missing_share": 0.3}


def test_only_simulated_datasets_have_an_oracle() -> None:
    assert has_oracle(dataset_card("simulated-null"))
    assert not has_oracle(dataset_card("gbsg2"))
    with pytest.raises(UsageError, match="gbsg2 has no oracle: the truth is known of simulated datasets only"):
        true_prediction(load_dataset("gbsg2"), {}, np.linspace(0, 10, 11))


def test_the_truth_is_scored_on_the_test_folds_by_the_protocol() -> None:
    loaded = load_dataset("simulated-missing", OPTIONS)
    outcome = loaded.cohort.outcome
    protocol = EvaluationProtocol.of(loaded.card.name, loaded.cohort, loaded.card.horizon)
    (first, *rest) = make_splits(loaded.cohort, folds=4, repeats=1, seed=0)
    truth = true_prediction(loaded, OPTIONS, protocol.times)
    assert truth.survival is not None
    test = Prediction(truth.risk[first.test], protocol.times, truth.survival[first.test])
    expected = evaluate(protocol, outcome.take(first.train), outcome.take(first.test), test)
    found = oracle_scores(loaded, OPTIONS, protocol, [first, *rest])
    assert found.scores[0]["ibs"] == expected["ibs"]
    assert len(found.scores) == 4
    assert found.means()["harrell_c"] == pytest.approx(np.mean([s["harrell_c"].value for s in found.scores]))
    assert "d_calibration_p" not in found.means()


def test_among_complete_cases_the_truth_is_that_of_the_same_patients() -> None:
    everyone = load_dataset("simulated-missing", OPTIONS)
    complete = load_dataset("simulated-missing", OPTIONS, complete_cases=("text", "rna"))
    assert len(complete.cohort) < len(everyone.cohort)
    times = np.linspace(0, 60, 7)
    of_all = dict(zip(everyone.cohort.patients.ids, true_prediction(everyone, OPTIONS, times).risk, strict=True))
    of_some = true_prediction(complete, OPTIONS, times).risk
    assert of_some.tolist() == [of_all[patient] for patient in complete.cohort.patients.ids]


def test_its_row_stands_for_the_folds_of_the_run() -> None:
    plan = make_plan(
        Request(methods="kaplan_meier", datasets="simulated-null", settings=["simulated-null.n=200"], folds=3)
    )
    row = oracle_row([planned.cell for planned in plan.cells], plan.protocols["simulated-null"])
    assert (row.method, row.cells, row.ok, row.fit_seconds) == ("oracle", 3, 3, None)
    assert row.averages["harrell_c"].mean == 0.5


def test_run_shows_the_oracle_and_stores_nothing_of_it(
    command_line: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    arguments = ["run", "--method", "kaplan_meier", "--dataset", "simulated-interaction", "--folds", "2"]
    arguments += ["--set", "simulated-interaction.n=150", "--results", str(tmp_path)]
    done = command_line(*arguments)
    assert done.returncode == 0, done.stderr
    assert "150 patients" in done.stdout
    assert "\noracle" in done.stdout
    again = json.loads(command_line(*arguments, "--json").stdout)
    assert again["oracles"]["simulated-interaction"]["averages"]["harrell_c"]["mean"] > 0.6
    assert [row["method"] for row in again["rows"]] == ["kaplan_meier"]
    assert len(list((tmp_path / "cells").iterdir())) == 2
