"""Whatever of a cluster is killed, what was finished stays, nothing is left behind, the same command completes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from loopback_cluster import LoopbackCluster, loopback_cluster, wait_for

from benchmarks.storage.store import Store

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RUN = ("run", "--method", "misbehaving:Sleeps", "--dataset", "gbsg2", "--folds", "4", "--set", "seconds=2")


@pytest.fixture
def cluster(marked_run) -> Iterator[LoopbackCluster]:
    """A cluster whose processes carry the mark of the run, with scheduler and two workers."""
    environment = {"PYTHONPATH": f"{ROOT}:{HERE / 'methods'}", "DIARY": str(marked_run.diary)}
    with loopback_cluster(marked_run.folder, environment, marked_run.mark) as started:
        started.start_scheduler()
        started.start_worker()
        started.start_worker()
        yield started


def asked(cluster: LoopbackCluster) -> tuple[str, ...]:
    return (*RUN, "--scheduler-file", str(cluster.scheduler_file), "--worker-wait", "60")


def worker_of(marked_run, cluster: LoopbackCluster) -> psutil.Process:
    """Return the worker that computes the cell that was begun last."""
    workers = {process.pid for process in cluster.started}
    cell = psutil.Process(int(marked_run.diary_lines()[-1][0]))
    return next(parent for parent in cell.parents() if parent.pid in workers)


def stored(marked_run) -> set[str]:
    return set(Store.open(marked_run.results)) if (marked_run.results / "results.json").exists() else set()


def test_kill_9_of_a_worker_runs_its_cell_elsewhere(marked_run, cluster: LoopbackCluster) -> None:
    driver = marked_run.start(*asked(cluster), "--json")
    wait_for(lambda: marked_run.diary_lines())
    worker_of(marked_run, cluster).kill()
    out, err = driver.communicate(timeout=200)
    assert driver.returncode == 0, err
    assert len(json.loads(out)["cells"]) == 4
    assert err.count("was lost; misbehaving:Sleeps on gbsg2, repeat 0, fold") == 1
    assert "runs again, retry 1 of 2" in err
    assert len(marked_run.diary_lines()) == 5


def test_a_cell_that_takes_every_worker_along_is_a_failed_row(marked_run, cluster: LoopbackCluster) -> None:
    driver = marked_run.start(*asked(cluster), "--fold", "0", "--retries", "1", "--json")
    for number in (1, 2):
        wait_for(lambda number=number: len(marked_run.diary_lines()) >= number)
        worker_of(marked_run, cluster).kill()
    out, _ = driver.communicate(timeout=200)
    assert driver.returncode == 1
    (cell,) = json.loads(out)["cells"].values()
    assert cell["status"] == "failed"
    assert cell["cause"].startswith("its worker was lost, 2 times; the last one was tcp://127.0.0.1:")


def test_kill_9_of_the_driver_stops_its_cells_and_the_same_command_finishes(
    marked_run, cluster: LoopbackCluster
) -> None:
    driver = marked_run.start(*asked(cluster))
    wait_for(lambda: len(stored(marked_run)) >= 1)
    driver.kill()
    driver.communicate()
    finished = stored(marked_run)
    wait_for(lambda: not any("cell" in str(folder) for folder in (cluster.folder / "workers").glob("*/*/cell-*")))

    code, summary, err = marked_run.run(*asked(cluster))
    assert code == 0, err
    assert finished < stored(marked_run) == set(summary["cells"])
    assert len(summary["cells"]) == 4


def test_kill_9_of_the_scheduler_is_told_in_one_line(marked_run, cluster: LoopbackCluster) -> None:
    driver = marked_run.start(*asked(cluster))
    wait_for(lambda: len(stored(marked_run)) >= 1)
    cluster.started[0].kill()
    _, err = driver.communicate(timeout=100)
    assert driver.returncode == 2
    assert err.splitlines()[-1].startswith("error: the scheduler is gone; finished cells are kept")
    assert "Traceback" not in err, err
    cluster.started[0].wait()
    wait_for(lambda: not cluster.processes())

    cluster.start_scheduler()
    cluster.start_worker()
    code, summary, err = marked_run.run(*asked(cluster))
    assert code == 0, err
    assert len(summary["cells"]) == 4


def test_an_interrupt_stops_the_cells_of_the_workers(marked_run, cluster: LoopbackCluster) -> None:
    driver = marked_run.start(*asked(cluster), "--set", "seconds=60")
    wait_for(lambda: len(marked_run.diary_lines()) >= 2)
    cells = [int(line[0]) for line in marked_run.diary_lines()]
    driver.send_signal(signal.SIGINT)
    _, err = driver.communicate(timeout=100)
    assert driver.returncode == 130, err
    assert "finished cells are kept" in err
    wait_for(lambda: not any(psutil.pid_exists(cell) for cell in cells), 20)
    assert list((marked_run.results / "work").iterdir()) == []


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_ten_kills_at_random_moments_lose_and_double_nothing(marked_run, cluster: LoopbackCluster) -> None:
    """200 cells; what is killed is a worker, all workers, the scheduler or the driver, at a random moment."""
    run = ("run", "--method", "misbehaving:Sleeps", "--dataset", "gbsg2", "--folds", "5", "--repeats", "40")
    run = (*run, "--set", "seconds=0.05", "--scheduler-file", str(cluster.scheduler_file), "--worker-wait", "60")
    chance = random.Random(0)
    scheduler, workers = cluster.started[0], list(cluster.started[1:])
    kept: dict[str, bytes] = {}
    for kill in chance.sample(["a worker", "all workers", "the scheduler", "the driver"] * 3, 10):
        driver = marked_run.start(*run, "--retries", "10")
        before = len(stored(marked_run))
        wait_for(
            lambda before=before, driver=driver: len(stored(marked_run)) > before or driver.poll() is not None, 300
        )
        time.sleep(chance.uniform(0, 5))
        killed = {"a worker": workers[:1], "all workers": workers, "the scheduler": [scheduler], "the driver": [driver]}
        for process in killed[kill]:
            process.kill()
            process.wait()
        if kill == "the scheduler":
            scheduler = cluster.start_scheduler()
        workers = [worker for worker in workers if worker.poll() is None and kill != "the scheduler"]
        workers += [cluster.start_worker() for _ in range(2 - len(workers))]
        if kill in ("a worker", "all workers"):
            time.sleep(chance.uniform(0, 5))
            driver.send_signal(signal.SIGINT)
        _, err = driver.communicate(timeout=300)
        assert driver.returncode in {"the driver": (-9,), "the scheduler": (2,)}.get(kill, (0, 130)), err
        records = {path.parent.name: path.read_bytes() for path in marked_run.results.glob("cells/*/cell.json")}
        assert kept.items() <= records.items(), "what was finished is as it was"
        kept = records
    driver = marked_run.start(*run, "--json")
    out, err = driver.communicate(timeout=1800)
    assert driver.returncode == 0, err
    assert len(json.loads(out)["cells"]) == len(stored(marked_run)) == 200
    assert kept.items() <= {p.parent.name: p.read_bytes() for p in marked_run.results.glob("cells/*/cell.json")}.items()
    at_home = marked_run.folder / "home"
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks", *run[: run.index("--scheduler-file")], "--results", str(at_home)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(HERE / "methods"), "DIARY": str(marked_run.folder / "other diary")},
        check=False,
    )
    assert process.returncode == 0
    assert (at_home / "scores.parquet").read_bytes() == (marked_run.results / "scores.parquet").read_bytes()
    for worker in workers:
        worker.terminate()
    scheduler.terminate()
    wait_for(lambda: not cluster.processes())
