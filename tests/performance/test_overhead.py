"""What the suite costs beside fit and predict."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from benchmarks.execution.guard import Limits
from benchmarks.execution.isolation import IsolatedCell, start_forkserver

from benchmarks.execution.plan import Plan, Request, make_plan
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.evaluation import evaluate
from benchmarks.scoring.scorer import Scorer
from benchmarks.storage.store import Store
from benchmarks.types import Outcome, Prediction, Record

LIMIT_SECONDS = 0.5


@pytest.fixture(scope="module")
def plan() -> Plan:
    plan = make_plan(Request(methods="kaplan_meier", datasets="actg320", folds=2))
    start_forkserver(1, plan.preload)
    return plan


@pytest.mark.benchmark(group="overhead of a cell")
def test_a_cell_costs_less_than_half_a_second_beside_fit_and_predict(benchmark, plan: Plan, tmp_path: Path) -> None:
    store = Store.create(tmp_path)
    scorer = Scorer(store)
    cell = plan.cells[0].cell
    records: list[Record] = []

    def run_store_and_score() -> None:
        with store.work_folder(cell.key) as folder:
            isolated = IsolatedCell(cell, folder, Limits(60, 2**33))
            isolated._process.join()
            records.append(store.write(isolated.record(), folder))
        scorer.scores(records[-1])

    benchmark.pedantic(run_store_and_score, rounds=15, warmup_rounds=2)
    assert {record.status for record in records} == {"ok"}
    own = max(record.seconds["fit"] + record.seconds["predict"] for record in records)
    benchmark.extra_info["fit and predict, at most"] = own
    assert benchmark.stats.stats.median - own < LIMIT_SECONDS


@pytest.mark.benchmark(group="list")
@pytest.mark.parametrize("what", ["methods", "datasets", "metrics"])
def test_list_answers_within_half_a_second(benchmark, root: Path, what: str) -> None:
    command = [sys.executable, "-m", "benchmarks", "list", what]
    benchmark.pedantic(
        lambda: subprocess.run(command, cwd=root, check=True, capture_output=True), rounds=7, warmup_rounds=1
    )
    assert benchmark.stats.stats.median < LIMIT_SECONDS


@pytest.mark.benchmark(group="evaluate, 10,000 patients and 100 times")
def test_all_measures_of_a_fold_of_10_000_take_at_most_half_a_second(benchmark) -> None:
    rng = np.random.default_rng(0)
    lp = rng.normal(size=20_000)
    event_time, censoring = rng.exponential(300 * np.exp(-lp)), rng.uniform(100, 1500, 20_000)
    outcome = Outcome(np.minimum(event_time, censoring), event_time <= censoring)
    half = np.arange(10_000)
    train, test = outcome.take(half), outcome.take(half + 10_000)
    protocol = EvaluationProtocol("drawn", np.linspace(0.0, 1000.0, 100))
    curves = np.exp(-np.exp(lp[10_000:])[:, None] * protocol.times / 300)
    prediction = Prediction(lp[10_000:], protocol.times, curves)
    scores = benchmark.pedantic(lambda: evaluate(protocol, train, test, prediction), rounds=7, warmup_rounds=2)
    assert {score.status for score in scores.values()} == {"defined"}
    assert benchmark.stats.stats.median <= LIMIT_SECONDS
