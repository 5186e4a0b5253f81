"""The suite's training loop against pycox's: the same network, data, batches and number of epochs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torchtuples
from pycox import models
from pycox.models.cox_time import MLPVanillaCoxTime
from pycox.preprocessing.label_transforms import LabTransCoxTime

from benchmarks.catalog.loading import load_dataset
from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.protocol.splits import make_splits
from benchmarks.types import Cohort, Context
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.discrete_time import TimeCuts
from methods.shared.layers.perceptron import perceptron

SLOWEST_RATIO = 1.2
ROUNDS = 7

# No early stopping: both take the same steps.
SETTINGS: dict[str, Any] = {
    "layers": 2,
    "width": 32,
    "dropout": 0.1,
    "learning_rate": 1e-3,
    "weight_decay": 0.0,
    "batch_size": 64,
    "epochs": 15,
    "patience": 15,
}
OF_PYCOX: dict[str, Any] = {
    "deepsurv": models.CoxPH,
    "deephit": models.DeepHitSingle,
    "logistic_hazard": models.LogisticHazard,
    "mtlr": models.MTLR,
    "cox_time": models.CoxTime,
}


@pytest.fixture(scope="module")
def parts() -> tuple[Cohort, Cohort]:
    loaded = load_dataset("gbsg2")
    split = make_splits(loaded.cohort, folds=5, repeats=1, seed=0)[0]
    return loaded.cohort[split.train], loaded.cohort[split.validation]


def ours(name: str, parts: tuple[Cohort, Cohort], folder: Path) -> Callable[[], Any]:
    """Return what the suite does in ``fit``: preprocessing, labels, network, training, baseline hazard."""
    method_class: Any = load_entry(method_card(name))

    def fit() -> None:
        method_class(method_class.config_type(**SETTINGS)).fit(*parts, Context(seed=0, workdir=folder))

    return fit


def pycoxs(name: str, parts: tuple[Cohort, Cohort], folder: Path) -> Callable[[], Any]:
    """Return the same as a user of pycox would write it; curves by its own baseline hazard."""
    method_class: Any = load_entry(method_card(name))
    config = method_class.config_type(**SETTINGS)
    train, validation = parts

    def fit() -> None:
        features = TabularPreprocessor().fit(train.patients.table())
        x, x_validation = (features.transform(part.patients.table()).astype(np.float32) for part in parts)
        if name in ("deepsurv", "cox_time"):
            transform = LabTransCoxTime(with_mean=name == "cox_time", with_std=name == "cox_time")
            y = transform.fit_transform(train.outcome.time, train.outcome.event)
            y_validation = transform.transform(validation.outcome.time, validation.outcome.event)
        else:
            cuts = TimeCuts.fit(train.outcome, config.intervals, config.spacing, config.censoring, _quiet(folder))
            y, y_validation = (tuple(label.numpy() for label in cuts.labels(part.outcome)) for part in parts)
        held_out = (x_validation, y_validation)
        if name == "cox_time":
            network: Any = MLPVanillaCoxTime(x.shape[1], config.nodes, config.batch_norm, config.dropout)
            held_out = torchtuples.tuplefy(*held_out).repeat(config.validation_controls).cat()
        else:
            network = perceptron(config, x.shape[1], 1 if name == "deepsurv" else len(cuts.cuts))
        model = OF_PYCOX[name](network, torchtuples.optim.Adam(config.learning_rate))
        stop = torchtuples.callbacks.EarlyStopping(patience=config.patience, file_path=str(folder / "weights.pt"))
        model.fit(x, y, config.batch_size, config.epochs, [stop], False, val_data=held_out)
        if name in ("deepsurv", "cox_time"):
            model.compute_baseline_hazards()

    return fit


def _quiet(folder: Path) -> Context:
    return Context(seed=0, workdir=folder)


@pytest.mark.benchmark(group="training")
@pytest.mark.parametrize("name", OF_PYCOX)
def test_training_is_not_slower_than_pycoxs(benchmark, name: str, parts, tmp_path: Path) -> None:
    """Rounds of both alternate, so that a busy machine slows both; medians are compared."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    mine, theirs = ours(name, parts, tmp_path), pycoxs(name, parts, tmp_path)
    of_pycox: list[float] = []

    def run_theirs() -> None:
        start = time.perf_counter()
        theirs()
        of_pycox.append(time.perf_counter() - start)

    benchmark.pedantic(mine, setup=run_theirs, rounds=ROUNDS, warmup_rounds=1)
    torch.set_num_threads(threads)
    ratio = benchmark.stats.stats.median / float(np.median(of_pycox[1:]))
    benchmark.extra_info["seconds of pycox"] = float(np.median(of_pycox[1:]))
    benchmark.extra_info["ratio"] = ratio
    print(f"\n{name}: {benchmark.stats.stats.median:.3f} s, pycox {np.median(of_pycox[1:]):.3f} s, ratio {ratio:.2f}")
    assert ratio <= SLOWEST_RATIO
