"""What the suite costs beside fit and predict."""

import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
import pytest

from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.registry import dataset_card, missing_data
from benchmarks.execution.engine import Limits, Started
from benchmarks.execution.engines.forkserver import cells_forkserver
from benchmarks.execution.engines.local import LocalEngine, execute
from benchmarks.execution.plan import Plan, Request, make_plan
from benchmarks.execution.runner import Finished, run
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.evaluation import evaluate
from benchmarks.scoring.scorer import Scorer
from benchmarks.storage.store import Store
from benchmarks.types import Outcome, Prediction, Record

METHODS = str(Path(__file__).parents[1] / "faults" / "methods")
LIMIT_SECONDS = 0.5
LIMIT_OF_A_CELL_THAT_READS_FILES = 0.3
LIMITS = Limits(60, 2**33)


def overhead(benchmark, plan: Plan, folder: Path) -> float:
    """Return the median seconds, all but fit and predict, that it takes to run, store and score a cell."""
    store = Store.create(folder)
    scorer = Scorer(store)
    cell = plan.cells[0].cell
    records: list[Record] = []

    def run_store_and_score() -> None:
        with store.work_folder(cell.key) as work:
            result = execute(cell, work, LIMITS)
            records.append(store.write(result.record, result.files))
        scorer.scores(records[-1])

    with cells_forkserver([cell]):
        benchmark.pedantic(run_store_and_score, rounds=15, warmup_rounds=2)
    assert {record.status for record in records} == {"ok"}
    own = max(record.seconds["fit"] + record.seconds["predict"] for record in records)
    benchmark.extra_info["fit and predict, at most"] = own
    benchmark.extra_info["overhead"] = benchmark.stats.stats.median - own
    return benchmark.extra_info["overhead"]


@pytest.mark.benchmark(group="overhead of a cell")
def test_a_cell_costs_less_than_half_a_second_beside_fit_and_predict(benchmark, tmp_path: Path) -> None:
    plan = make_plan(Request(methods="kaplan_meier", datasets="actg320", folds=2))
    assert overhead(benchmark, plan, tmp_path) < LIMIT_SECONDS


@pytest.mark.benchmark(group="overhead of a cell")
def test_a_cell_of_read_files_costs_less_than_three_tenths_of_a_second(benchmark, tmp_path: Path) -> None:
    require_data("tcga-blca")
    plan = make_plan(Request("cox_concat", "tcga-blca", modalities=("clinical", "rna")))
    assert overhead(benchmark, plan, tmp_path) < LIMIT_OF_A_CELL_THAT_READS_FILES


@pytest.mark.benchmark(group="memory of cells side by side")
def test_two_cells_hold_one_copy_of_their_dataset(benchmark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a cell holds for itself is the rows that its method is shown, not the dataset of which they are taken."""
    if sys.platform != "linux":
        pytest.skip("the kernel tells on Linux only which pages are shared")
    require_data("tcga-brca")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([METHODS, os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("DIARY", str(tmp_path / "diary"))
    monkeypatch.syspath_prepend(METHODS)
    sleeps = ["seconds=2"]
    small = make_plan(Request("misbehaving:Sleeps", "gbsg2", sleeps, folds=2, modalities=("clinical",)))
    large = make_plan(Request("misbehaving:Sleeps", "tcga-brca", sleeps, folds=2, modalities=("clinical",)))
    rna = load_dataset("tcga-brca").cohort.patients.matrix("rna").values.nbytes

    def measure() -> tuple[list[int], list[int]]:
        return private_bytes(small, tmp_path / "small"), private_bytes(large, tmp_path / "large")

    of_small, of_large = benchmark.pedantic(measure, rounds=1)
    benchmark.extra_info |= {"rna": rna, "private on gbsg2": of_small, "private on tcga-brca": of_large}
    assert len(of_small) == len(of_large) == 2
    assert max(of_large) - min(of_small) < rna / 3


def private_bytes(plan: Plan, folder: Path) -> list[int]:
    """Run the cells of a plan side by side; return the private bytes of each one's process while it fits."""
    diary = folder.parent / "diary"
    diary.unlink(missing_ok=True)
    store = Store.create(folder)
    found: list[int] = []
    with closing(run(plan, store, LocalEngine(2, LIMITS, store.work_folder))) as events:
        for event in events:
            if isinstance(event, Started):
                started = len(found) + 1
                deadline = time.monotonic() + 60
                while len(lines := diary.read_text().splitlines() if diary.exists() else []) < started:
                    assert time.monotonic() < deadline, "the cell never came to its fit"
                    time.sleep(0.01)
                found.append(psutil.Process(int(lines[-1].split()[0])).memory_full_info().uss)
            elif isinstance(event, Finished):
                assert event.record.status == "ok", event.record.cause
    return found


def require_data(dataset: str) -> None:
    """Skip without the dataset's files."""
    missing = missing_data(dataset_card(dataset))
    if missing:
        pytest.skip(f"{dataset}: {missing}")


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
