"""Cells are spread over the GPUs of a machine: one each, unless the user says that they share."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.errors import UsageError
from benchmarks.execution.engine import Limits, Result
from benchmarks.execution.engines.gpus import VISIBLE, Gpus, gpus_for, visible_gpus
from benchmarks.execution.engines.local import LocalEngine
from benchmarks.execution.plan import Request, make_plan
from benchmarks.storage.store import Store


def test_each_cell_takes_the_gpu_with_the_fewest_cells() -> None:
    gpus = Gpus(["2", "GPU-5f"], cells_per_gpu=2)
    assert gpus.room == 4
    with ExitStack() as stack:
        assert [stack.enter_context(gpus.taken())[VISIBLE] for _ in range(4)] == ["2", "GPU-5f", "2", "GPU-5f"]
        with pytest.raises(RuntimeError, match="each of 2 GPUs has 2 cells already"), gpus.taken():
            pass
    with gpus.taken() as first, gpus.taken() as second:
        assert (first, second) == ({VISIBLE: "2"}, {VISIBLE: "GPU-5f"})


def test_one_that_is_given_back_is_taken_next() -> None:
    gpus = Gpus(["0", "1", "2"])
    with gpus.taken(), gpus.taken() as second:
        pass
    with gpus.taken() as first, ExitStack() as stack:
        assert first == {VISIBLE: "0"}
        assert stack.enter_context(gpus.taken()) == second


def test_more_cells_than_gpus_are_refused_with_what_to_say_instead() -> None:
    with pytest.raises(UsageError) as refused:
        gpus_for("cuda", 5, 1, ["0", "1"])
    assert str(refused.value) == (
        "--jobs 5 --device cuda: the 2 GPUs here take 1 cell each; give --jobs 2, or --cells-per-gpu 3 to have them "
        "share"
    )
    shared = gpus_for("cuda", 5, 3, ["0", "1"])
    assert shared is not None
    assert shared.room == 6


def test_a_gpu_that_is_named_takes_one_cell_and_is_left_to_the_cell() -> None:
    assert gpus_for("cuda:1", 1, 1, []) is None
    assert gpus_for("cuda:1", 2, 2, []) is None
    with pytest.raises(UsageError, match="the one GPU takes 1 cell each; give --jobs 1, or --cells-per-gpu 2"):
        gpus_for("cuda:1", 2, 1, [])


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_other_devices_are_not_counted(device: str) -> None:
    assert gpus_for(device, 50, 1, []) is None


@pytest.mark.parametrize(
    ("named", "count", "found"),
    [(None, 2, ["0", "1"]), ("3,GPU-7", 2, ["3", "GPU-7"]), ("3,9,1", 1, ["3"]), ("", 0, []), (None, 0, [])],
)
def test_gpus_are_those_that_pytorch_sees(
    monkeypatch: pytest.MonkeyPatch, named: str | None, count: int, found: list[str]
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: count > 0)
    monkeypatch.setattr("torch.cuda.device_count", lambda: count)
    if named is None:
        monkeypatch.delenv(VISIBLE, raising=False)
    else:
        monkeypatch.setenv(VISIBLE, named)
    assert visible_gpus() == found


def test_cells_side_by_side_see_one_gpu_each_and_never_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The variable is all that CUDA looks at, so no GPU is needed to see who would compute where."""
    monkeypatch.setenv("DIARY", str(tmp_path / "diary"))
    monkeypatch.syspath_prepend(Path(__file__).parent)
    plan = make_plan(Request(methods="tells_its_gpu.method:TellsItsGpu", datasets="gbsg2", folds=6))
    store = Store.create(tmp_path / "results")
    engine = LocalEngine(2, Limits(120, 2**32), store.work_folder, gpus=Gpus(["4", "7"]))
    results = [event for event in engine.map([planned.cell for planned in plan.cells]) if isinstance(event, Result)]
    assert [result.record.status for result in results] == ["ok"] * 6, results
    events = [line.split() for line in (tmp_path / "diary").read_text().splitlines()]
    taken: set[str] = set()
    for what, gpu in events:
        assert (gpu in taken) == (what == "ends")
        taken ^= {gpu}
    assert {gpu for _, gpu in events} == {"4", "7"}
    assert VISIBLE not in os.environ
