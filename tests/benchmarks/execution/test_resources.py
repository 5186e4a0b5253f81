"""Threads, device and seed that cannot be used are refused in one line, before anything is read or run."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.errors import UsageError
from benchmarks.execution.plan import Request, make_plan
from benchmarks.execution.resources import MAXIMUM_SEED, check_device, check_seed


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seed": 99999999999999999999999}, r"--seed 99999999999999999999999: it must lie in 0\.\.4294967295"),
        ({"seed": -1}, "--seed -1: it must lie in"),
        ({"device": "banana"}, "--device banana: not the name of a device"),
        ({"device": "cuda:x"}, "--device cuda:x: not the name of a device"),
        ({"device": "cuda:4096"}, "--device cuda:4096: (PyTorch finds no such device here|there are only cuda:0 to)"),
        ({"device": "meta"}, "--device meta: PyTorch finds no such device here"),
        ({"device": "cpu:0"}, "--device cpu:0: the processor is called cpu"),
        ({"threads": 0}, "--threads 0: at least 1 is needed"),
        ({"threads": 10**6}, r"--threads 1000000: this machine has \d+ logical cores"),
    ],
)
def test_what_cannot_be_used_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        make_plan(Request(methods="kaplan_meier", datasets="whas500", **changes))  # type: ignore[arg-type]  # 2026-11-25: values of a test


@pytest.mark.parametrize("seed", [0, 1, MAXIMUM_SEED])
def test_seeds_that_every_generator_takes_are_taken(seed: int) -> None:
    check_seed(seed)


def test_cuda_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match="--device cuda: PyTorch finds no such device here"):
        check_device("cuda")


def test_a_device_beyond_the_last_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    check_device("cuda")
    check_device("cuda:1")
    with pytest.raises(UsageError, match="--device cuda:2: there are only cuda:0 to cuda:1"):
        check_device("cuda:2")


def test_the_default_device_is_checked_without_pytorch(root: Path) -> None:
    code = (
        "import sys; from benchmarks.execution.resources import check_device; check_device('cpu'); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


@pytest.mark.parametrize("option", [("--seed", "99999999999999999999999"), ("--device", "banana")])
def test_the_command_line_says_so_in_one_line(command_line, tmp_path: Path, option: tuple[str, str]) -> None:
    run = ("run", "--method", "kaplan_meier", "--dataset", "whas500", "--results", str(tmp_path / "results"))
    done = command_line(*run, *option)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"{option[0]} {option[1]}: " in done.stderr
    assert not (tmp_path / "results").exists()
