"""Cells on a real Dask cluster of this machine: the same bytes as at home, and workers that differ are named."""

import shutil
import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from loopback_cluster import LoopbackCluster, loopback_cluster, wait_for

from benchmarks.execution.engines.cluster_host import _difference
from benchmarks.execution.plan import Request, make_plan

RUN = ("run", "--method", "kaplan_meier,cox_ph", "--dataset", "whas500", "--folds", "2")

Command = Callable[..., CompletedProcess[str]]


@pytest.fixture
def cluster(tmp_path: Path, root: Path) -> Iterator[LoopbackCluster]:
    with loopback_cluster(tmp_path, {"PYTHONPATH": str(root)}, uuid.uuid4().hex) as started:
        yield started


def test_two_workers_give_the_bytes_of_a_local_run_and_one_that_differs_is_named(
    cluster: LoopbackCluster, command_line: Command, tmp_path: Path, root: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(root, other, ignore=shutil.ignore_patterns(".*", "tests", "docs", "leaderboards"))
    with (other / "methods/kaplan_meier/method.py").open("a") as file:
        file.write("\nADDED = 1\n")
    cluster.start_scheduler()
    cluster.start_worker("--name", "edited", PYTHONPATH=str(other))
    cluster.start_worker("--name", "daemon", nanny=True, DASK_DISTRIBUTED__WORKER__DAEMON="True")
    wait_for(lambda: cluster.log_lines("Registered to:") == 2)
    asked = ("--scheduler-file", str(cluster.scheduler_file), "--worker-wait", "60")
    refused = command_line(*RUN, "--method", "kaplan_meier", *asked, "--results", str(tmp_path / "far"))
    assert refused.returncode == 2
    *notices, error = refused.stderr.splitlines()
    assert len(notices) == 2, refused.stderr
    assert error.startswith("error: no worker computes the cells as planned: worker tcp://127.0.0.1:")
    for told in ("the code of kaplan_meier differs from the planned one", "set distributed.worker.daemon to false"):
        assert f"on {socket.gethostname()}: " in error
        assert told in error
        assert any(line.startswith("worker tcp://127.0.0.1:") and told in line for line in notices)

    cluster.start_worker()
    cluster.start_worker()
    wait_for(lambda: cluster.log_lines("Registered to:") == 4)
    assert cluster.addresses() == {"127.0.0.1"}
    far = command_line(*RUN, *asked, "--results", str(tmp_path / "far"))
    near = command_line(*RUN, "--results", str(tmp_path / "near"))

    assert (far.returncode, near.returncode) == (0, 0), far.stderr + near.stderr
    assert (tmp_path / "far/scores.parquet").read_bytes() == (tmp_path / "near/scores.parquet").read_bytes()
    for path in (tmp_path / "near/cells").glob("*/*"):
        if path.suffix in (".npz", ".jsonl", ".safetensors") or path.name == "scores.json":
            assert (tmp_path / "far/cells" / path.relative_to(tmp_path / "near/cells")).read_bytes() == (
                path.read_bytes()
            )
    assert list((tmp_path / "far/work").iterdir()) == []


def test_a_scheduler_that_is_not_there_is_told_in_one_line(command_line: Command, tmp_path: Path) -> None:
    results = ("--results", str(tmp_path / "results"))
    done = command_line(*RUN, "--scheduler-file", str(tmp_path / "none.json"), *results)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "there is no such file" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--scheduler", "tcp://127.0.0.1:1", "--scheduler-file", "x"), "give one of them"),
        (("--retries", "1"), "go with --scheduler"),
        (("--scheduler", ""), "the address of a scheduler is needed"),
        (("--scheduler", "tcp://127.0.0.1:1", "--retries", "-1"), "--retries -1: 0 to 1,000"),
        (("--cells-per-gpu", "0"), "--cells-per-gpu 0: 1 to 100"),
    ],
)
def test_options_that_say_nothing_are_refused_in_one_line(
    command_line: Command, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = command_line(*RUN, *arguments, "--results", str(tmp_path / "results"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert told in done.stderr


def test_what_differs_from_the_plan_is_found_by_checksum() -> None:
    cell = make_plan(Request(methods="kaplan_meier", datasets="whas500", folds=2)).cells[0].cell
    assert _difference(cell) == ""
    assert "the code of kaplan_meier differs" in _difference(replace(cell, code_sha256="0" * 64))
    older = {**cell.libraries, "numpy": "1.26.4"}
    assert _difference(replace(cell, libraries=older)).endswith("planned was 1.26.4")
    with pytest.raises(ValueError, match="whas500 changed since the plan was made"):
        _difference(replace(cell, data_sha256="0" * 64))
    with pytest.raises(ValueError, match="time grid differs"):
        _difference(replace(cell, grid_sha256="0" * 64))
    with pytest.raises(ValueError, match="split"):
        _difference(replace(cell, split_sha256="0" * 64, extra_data={}))
