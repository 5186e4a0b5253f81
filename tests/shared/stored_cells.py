"""A results folder full of the finished cells of a plan, of which none was fitted."""

import os

import numpy as np

from benchmarks.catalog.loading import load_dataset
from benchmarks.execution.plan import Plan
from benchmarks.protocol.splits import split_of
from benchmarks.scoring.scorer import Scorer
from benchmarks.storage.predictions import PREDICTIONS, TEXTS, write_predictions
from benchmarks.storage.store import INFLUENCE, RECORD, SCORES, Store
from benchmarks.types import Cell, Prediction, Record
from benchmarks.types.canonical import canonical_json, sha256_of_json


def store_plan(store: Store, plan: Plan) -> None:
    """Store the cells of a plan of one dataset: those of a fold share predictions and scores, as hard links."""
    first: dict[str, Cell] = {}
    scorer = Scorer(store)
    cohort = load_dataset(plan.cells[0].cell.dataset).cohort.only("clinical")
    for planned in plan.cells:
        cell = planned.cell
        if cell.split_sha256 not in first:
            first[cell.split_sha256] = cell
            scorer.scores(_predicted(store, cell, cohort, plan.protocols[cell.dataset].times))
            continue
        source, folder = store.folder(first[cell.split_sha256].key), store.folder(cell.key)
        folder.mkdir()
        for name in (PREDICTIONS, SCORES, INFLUENCE):
            os.link(source / name, folder / name)
        record = _record(cell, store.read_record(source.name).files)
        envelope = {"content": record.as_json(), "sha256": sha256_of_json(record.as_json())}
        # Without the syncs of the store: thousands of them would be measured instead.
        (folder / RECORD).write_bytes(canonical_json(envelope))


def _predicted(store: Store, cell: Cell, cohort, times: np.ndarray) -> Record:
    split = split_of(cell, cohort)
    generator = np.random.default_rng(cell.repeat * 100 + cell.fold)
    predictions = {}
    for part in ("test", "validation"):
        risk = generator.normal(size=len(getattr(split, part)))
        curves = np.exp(-np.exp(risk)[:, None] * times / times[-1])
        predictions[part] = Prediction(risk, times, curves)
    with store.work_folder(cell.key) as folder:
        with (folder / PREDICTIONS).open("wb") as file, (folder / TEXTS).open("wb") as texts:
            write_predictions(file, texts, cohort, split, predictions)
        (folder / TEXTS).unlink()
        return store.write(_record(cell, {}), folder)


def _record(cell: Cell, files) -> Record:
    seconds = {"load": 0.1, "fit": 1.0, "predict": 0.01, "total": 1.5}
    environment = {"python": "3.11.7", "platform": "Linux", "processor": "a processor", "cores": 2, "memory": 2**34}
    return Record(cell, "ok", seconds=seconds, peak_memory=2**28, environment=environment, files=files)
