"""What the suite costs beside fit and predict."""

import multiprocessing
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from memory_of_cells import fit_and_tell

from benchmarks.catalog.registry import dataset_card, missing_data
from benchmarks.execution.engine import Limits
from benchmarks.execution.engines.forkserver import cells_forkserver, without_main
from benchmarks.execution.engines.local import execute
from benchmarks.execution.plan import Plan, Request, make_plan
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.scoring.evaluation import evaluate
from benchmarks.scoring.scorer import Scorer
from benchmarks.storage.store import Store
from benchmarks.types import Cell, Outcome, Prediction

LIMIT_SECONDS = 0.5
LIMIT_OF_A_CELL_THAT_READS_FILES = 0.3
LIMITS = Limits(60, 2**33)


def overhead(benchmark, plan: Plan, folder: Path) -> float:
    """Return the median seconds, all but fit and predict, that it takes to run, store and score a cell."""
    store = Store.create(folder)
    scorer = Scorer(store)
    cell = plan.cells[0].cell
    beside: list[float] = []

    def run_store_and_score() -> None:
        start = time.perf_counter()
        with store.work_folder(cell.key) as work:
            result = execute(cell, work, LIMITS)
            record = store.write(result.record, result.files)
        scorer.scores(record)
        assert record.status == "ok", record.cause
        beside.append(time.perf_counter() - start - record.seconds["fit"] - record.seconds["predict"])

    with cells_forkserver([cell]):
        benchmark.pedantic(run_store_and_score, rounds=15, warmup_rounds=2)
    benchmark.extra_info["overhead"] = statistics.median(beside[2:])
    return benchmark.extra_info["overhead"]


@pytest.mark.benchmark(group="overhead of a cell")
def test_a_cell_costs_less_than_half_a_second_beside_fit_and_predict(benchmark, tmp_path: Path) -> None:
    plan = make_plan(Request(methods="kaplan_meier", datasets="actg320", folds=2))
    assert overhead(benchmark, plan, tmp_path) < LIMIT_SECONDS


@pytest.mark.benchmark(group="overhead of a cell")
def test_a_cell_of_read_files_costs_less_than_three_tenths_of_a_second(benchmark, tmp_path: Path) -> None:
    require_data("tcga-blca")
    plan = make_plan(Request(methods="cox_ph", datasets="tcga-blca", modalities=("clinical", "rna")))
    assert overhead(benchmark, plan, tmp_path) < LIMIT_OF_A_CELL_THAT_READS_FILES


@pytest.mark.benchmark(group="memory of cells side by side")
def test_two_cells_side_by_side_hold_one_copy_of_their_dataset(benchmark) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells which pages are shared")
    require_data("tcga-blca")
    plan = make_plan(Request(methods="cox_ph", datasets="tcga-blca", modalities=("clinical", "rna")))
    cells = [planned.cell for planned in plan.cells[:2]]

    found = benchmark.pedantic(lambda: memory_side_by_side(cells), rounds=1)

    benchmark.extra_info["bytes of a process alone, shared with the others"] = found
    for alone, shared in found:
        assert shared > 64 * 2**20, "no dataset is held by the process that cells are forked from"
        assert alone < shared / 2


def memory_side_by_side(cells: list[Cell]) -> list[tuple[int, int]]:
    """Fit cells at the same time, each in a process forked as the cells of a run are, and ask each what it holds."""
    context = multiprocessing.get_context("forkserver")
    with cells_forkserver(cells), without_main():
        channels, processes = [], []
        for cell in cells:
            ours, theirs = context.Pipe()
            processes.append(context.Process(target=fit_and_tell, args=(cell, theirs)))
            processes[-1].start()
            channels.append(ours)
        for channel in channels:  # all have fitted before one is asked
            assert channel.poll(60)
            assert channel.recv() == 2
        for channel in channels:
            channel.send("what do you hold?")
        found = [channel.recv() for channel in channels]
        for process in processes:
            process.join(60)
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
    without_value = {name for name, score in scores.items() if score.status != "defined"}
    assert without_value == {"harrell_c_unstratified"}, "the patients have no strata"
    assert benchmark.stats.stats.median <= LIMIT_SECONDS
