"""Cells that share a GPU because the user said so: each in a process of its own, and the scores stay those of one."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from benchmarks.storage.store import Store

CELLS = ("run", "--method", "deepsurv", "--dataset", "gbsg2", "--folds", "4", "--device", "cuda")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU of NVIDIA"),
    pytest.mark.filterwarnings("default"),  # 2026-11-26: drivers and libraries of a GPU machine warn on their own
]


def run(folder: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], float]:
    start = time.monotonic()
    command = [sys.executable, "-m", "benchmarks", *CELLS, *arguments, "--results", str(folder), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done, time.monotonic() - start


def test_more_cells_than_gpus_are_refused_before_anything_runs(tmp_path: Path) -> None:
    jobs = torch.cuda.device_count() + 1
    done, _ = run(tmp_path / "results", "--jobs", str(jobs))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert f"give --jobs {jobs - 1}, or --cells-per-gpu 2" in done.stderr
    assert not (tmp_path / "results").exists()


def test_two_cells_on_a_gpu_give_what_one_at_a_time_gives(tmp_path: Path) -> None:
    alone, seconds_alone = run(tmp_path / "alone")
    shared, seconds_shared = run(
        tmp_path / "shared", "--jobs", str(2 * torch.cuda.device_count()), "--cells-per-gpu", "2"
    )
    assert (alone.returncode, shared.returncode) == (0, 0), alone.stderr + shared.stderr
    found = [json.loads(done.stdout)["rows"][0]["averages"]["harrell_c"]["mean"] for done in (alone, shared)]
    print(f"{torch.cuda.get_device_name()}: {seconds_alone:.1f} s one at a time, {seconds_shared:.1f} s two on a GPU")
    assert abs(found[0] - found[1]) < 1e-3
    for folder in ("alone", "shared"):
        store = Store.open(tmp_path / folder)
        assert {store.read(key).cell.device for key in store} == {"cuda"}
