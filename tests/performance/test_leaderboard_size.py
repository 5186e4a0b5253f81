"""A board of very many cells is made in bounded time and memory."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.protocol.measures import MEASURES, POOLED
from benchmarks.protocol.protocol import protocol_id
from benchmarks.scoring.influence import CellInfluence, FoldEstimate, influence_as_bytes
from benchmarks.storage.predictions import PREDICTIONS
from benchmarks.storage.store import INFLUENCE, RECORD, SCORES, Store
from benchmarks.types import MAIN, Cell, Record
from benchmarks.types.canonical import sha256_of_json
from benchmarks.types.score import CellScores, Score

FOLDS = 5
TRAINED, TESTED = 128, 40

# Runs the verb and reports what it cost, from a process of its own.
MEASURED = """
import json, resource, sys, time
start = time.perf_counter()
from benchmarks.commandline.app import main
try:
    main(["leaderboard", "--results", sys.argv[1], "--format", "json", "--output", sys.argv[2]])
except SystemExit as exit_:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"code": exit_.code, "seconds": time.perf_counter() - start, "bytes": peak}))
"""


def write_checked(path: Path, content: dict) -> None:
    """Write as the store does, but for the syncs: thousands of them would be measured here instead."""
    path.write_text(json.dumps({"content": content, "sha256": sha256_of_json(content)}, sort_keys=True, indent=1))


def fill(root: Path, *, methods: int, datasets: int, repeats: int) -> None:
    """Fill a results folder with finished cells of methods whose quality grows with their number."""
    store = Store.create(root)
    random = np.random.default_rng(0)
    for dataset in range(datasets):
        for repeat in range(repeats):
            order = random.permutation(FOLDS * TESTED)
            for fold in range(FOLDS):
                tested = order[fold * TESTED : (fold + 1) * TESTED]
                trained = np.setdiff1d(order, tested)[:TRAINED]
                # The boards read who was tested from one cell of a fold; all methods share one file here.
                shared = root / "work" / f"{dataset}-{repeat}-{fold}.npz"
                np.savez(shared, **{"test.ids": tested.astype(str), "train.ids": trained.astype(str)})
                for method in range(methods):
                    write_cell(store, f"m{method:02}", method / methods, f"d{dataset:02}", repeat, fold, shared, random)


def write_cell(
    store: Store,
    method: str,
    quality: float,
    dataset: str,
    repeat: int,
    fold: int,
    predictions: Path,
    random: np.random.Generator,
) -> None:
    cell = Cell(
        method=method,
        entry=f"somewhere.{method}:Method",
        config={"penalty": 0.1, "layers": 2, "name": "plain"},
        dataset=dataset,
        dataset_options={},
        data_sha256=sha256_of_json(dataset),
        complete_cases=(),
        split="stratified",
        folds=FOLDS,
        repeat=repeat,
        fold=fold,
        seed=0,
        split_sha256=sha256_of_json([dataset, repeat, fold]),
        modalities=("clinical",),
        grid_sha256=sha256_of_json("grid"),
        threads=1,
        device="cpu",
        code_sha256=sha256_of_json(method),
        libraries={"python": "3.11.7", "numpy": "2.0.0", "scikit-survival": "0.28.0", "torch": "2.13.0"},
    )
    folder = store.folder(cell.key)
    folder.mkdir()
    os.link(predictions, folder / PREDICTIONS)
    sha256 = hashlib.sha256(predictions.read_bytes()).hexdigest()
    seconds = {"load": 0.1, "fit": 1.0, "predict": 0.01, "total": 1.5}
    environment = {"python": "3.11.7", "platform": "Linux", "processor": "a processor", "cores": 2, "memory": 2**34}
    record = Record(
        cell, "ok", seconds=seconds, peak_memory=2**28, environment=environment, files={PREDICTIONS: sha256}
    )
    write_checked(folder / RECORD, record.as_json())

    value = 0.6 + 0.1 * quality + random.normal(0, 0.03)
    found = {}
    for measure in POOLED:
        scored = random.normal(0, 0.3, TESTED)
        trained = random.normal(0, 0.01, TRAINED) if measure.weighs_by_train else None
        found[MAIN, measure.name] = FoldEstimate(value, 500.0, scored - scored.mean(), trained)
    content = influence_as_bytes(CellInfluence(TESTED, 20, 18, found))
    (folder / INFLUENCE).write_bytes(content)
    score = Score.of(value, 0.05, (0.5, 0.7))
    parts = {part: {measure.name: score for measure in MEASURES} for part in ("test", "validation")}
    scores = CellScores(
        protocol=protocol_id(dataset, cell.grid_sha256),
        predictions=sha256,
        influence=hashlib.sha256(content).hexdigest(),
        variants={MAIN: parts},
    )
    write_checked(folder / SCORES, scores.as_json())


def measured(root: Path, tmp_path: Path) -> tuple[dict, dict]:
    """Return what the verb cost in a fresh process, and the boards it wrote."""
    board = tmp_path / "boards.json"
    command = [sys.executable, "-c", MEASURED, str(root), str(board)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    return json.loads(done.stdout), json.loads(board.read_text())


def test_the_best_of_200_synthetic_cells_stands_first(tmp_path: Path) -> None:
    fill(tmp_path / "results", methods=4, datasets=5, repeats=2)
    cost, boards = measured(tmp_path / "results", tmp_path)
    assert cost["code"] == 0
    assert len(boards["boards"]) == 5
    assert boards["overall"]["rows"][0]["name"] == "m03"
    assert boards["overall"]["p_value"] < 0.05


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_board_of_50_000_cells_takes_a_minute_and_a_gigabyte_and_a_half_at_most(tmp_path: Path) -> None:
    fill(tmp_path / "results", methods=50, datasets=40, repeats=5)
    cost, boards = measured(tmp_path / "results", tmp_path)
    print(cost)
    assert cost["code"] == 0
    assert len(boards["boards"]) == 40
    assert all(len(board["rows"]) == 50 for board in boards["boards"])
    assert cost["seconds"] < 60
    assert cost["bytes"] < 1.5 * 2**30
