"""Each method on pycox's parts against pycox's own training: same network, same initial weights, same data.

Exactly: without dropout and with all patients in one batch nothing is random, and both go the same way step by step.
In distribution: with dropout and small batches, the concordance of both over five seeds, paired.
"""

from __future__ import annotations

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

import metrics
from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.types import Context, FloatArray, IntArray
from methods.mtlr.method import CUMULATED_DENSITY
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.discrete_outputs import DENSITY, HAZARDS
from methods.shared.heads.discrete_time import TimeCuts
from methods.shared.layers.perceptron import perceptron
from methods.shared.training.reproducible import reproducible

SEEDS = range(5)

# The settings of pycox's examples.
NETWORK = {"layers": 2, "width": 32, "dropout": 0.1, "batch_norm": True}
TRAINING = {"learning_rate": 0.01, "weight_decay": 0.0, "batch_size": 256, "epochs": 200, "patience": 10}
TIME_AXIS = {"intervals": 10, "spacing": "equidistant", "censoring": "earlier", "start": "random"}
SETTINGS: dict[str, dict[str, Any]] = {
    "deepsurv": {**NETWORK, **TRAINING, "starts": 1},
    "deephit": {**NETWORK, **TRAINING, **TIME_AXIS, "starts": 1, "likelihood_weight": 0.2, "ranking_scale": 0.1},
    "logistic_hazard": {**NETWORK, **TRAINING, **TIME_AXIS, "starts": 1},
    "mtlr": {**NETWORK, **TRAINING, **TIME_AXIS},
    "cox_time": {**NETWORK, **TRAINING, "controls": 1, "validation_controls": 10},
}

# S = exp(-exp(z)) moves by at most 1/e of what its output z moves by: below 2e-3 / e.
SURVIVAL_TOLERANCE = 5e-4
PARAMETRISATIONS = {"deephit": DENSITY, "logistic_hazard": HAZARDS, "mtlr": CUMULATED_DENSITY}


def ours(name: str, fold: Any, context: Context, **changes: Any) -> Any:
    """Return the method, fitted."""
    method_class: Any = load_entry(method_card(name))
    method = method_class(method_class.config_type(**SETTINGS[name] | changes))
    method.fit(fold.train, fold.validation, context)
    return method


class Pycox:
    """What a user of pycox would write: its models, data sets, optimiser, callbacks and prediction."""

    def __init__(self, name: str, fold: Any, context: Context, **changes: Any) -> None:
        config_type: Any = load_entry(method_card(name)).config_type
        self.config = config_type(**SETTINGS[name] | changes)
        self.context = context
        self.train, self.validation = fold.train.outcome, fold.validation.outcome
        features = TabularPreprocessor().fit(fold.train.patients.table())
        self.x, self.x_validation, self.x_test = (
            features.transform(part.patients.table()).astype(np.float32)
            for part in (fold.train, fold.validation, fold.test)
        )
        make: Callable[[], tuple[Any, Any, Any]] = getattr(self, f"_{name}")
        self.model, labels, held_out = make()
        self._fit(labels, held_out)

    def _fit(self, labels: Any, held_out: Any) -> None:
        config, weights = self.config, str(Path(self.context.workdir) / "weights.pt")
        stop = torchtuples.callbacks.EarlyStopping(patience=config.patience, file_path=weights)
        self.model.optimizer = torchtuples.optim.Adam(config.learning_rate, params=self.model.net.parameters())
        torch.manual_seed(self.context.seed)
        np.random.seed(self.context.seed)  # noqa: NPY002  # 2026-11-22: pycox draws its controls from it
        self.model.fit(self.x, labels, config.batch_size, config.epochs, [stop], False, val_data=held_out)

    def risk(self, times: FloatArray) -> FloatArray:
        """Return the risk of the test patients: the linear predictor, or minus the restricted mean of pycox's curve."""
        if isinstance(self.model, models.CoxPH):
            return np.asarray(self.model.predict(self.x_test)[:, 0], dtype=np.float64)
        if isinstance(self.model, models.CoxTime):
            self.model.compute_baseline_hazards()
            curves = self.model.predict_surv_df(self.x_test)
            at_times = metrics.interpolate_steps(curves.index, curves.to_numpy().T, times)
        else:
            curves = self.model.interpolate(50).predict_surv_df(self.x_test)
            at_times = np.array([np.interp(times, curves.index, curves[patient]) for patient in curves])
        return -at_times[:, :-1] @ np.diff(times)

    def _network(self, outputs: int, *, output_bias: bool = True) -> torch.nn.Module:
        with reproducible(self.context, "weights"):
            return perceptron(self.config, self.x.shape[1], outputs, output_bias=output_bias)

    def _deepsurv(self) -> tuple[Any, Any, Any]:
        labels, held_out = (
            (outcome.time.astype(np.float32), outcome.event.astype(np.float32))
            for outcome in (self.train, self.validation)
        )
        return models.CoxPH(self._network(1, output_bias=False)), labels, (self.x_validation, held_out)

    def _discrete(self, model_class: Any, **settings: float) -> tuple[Any, Any, Any]:
        config = self.config
        cuts = TimeCuts.fit(self.train, config.intervals, config.spacing, config.censoring, self.context)
        labels, held_out = (
            tuple(label.numpy() for label in cuts.labels(outcome)) for outcome in (self.train, self.validation)
        )
        model = model_class(self._network(len(cuts.cuts)), duration_index=cuts.cuts, **settings)
        return model, labels, (self.x_validation, held_out)

    def _logistic_hazard(self) -> tuple[Any, Any, Any]:
        return self._discrete(models.LogisticHazard)

    def _mtlr(self) -> tuple[Any, Any, Any]:
        return self._discrete(models.MTLR)

    def _deephit(self) -> tuple[Any, Any, Any]:
        config = self.config
        return self._discrete(models.DeepHitSingle, alpha=config.likelihood_weight, sigma=config.ranking_scale)

    def _cox_time(self) -> tuple[Any, Any, Any]:
        config, transform = self.config, LabTransCoxTime()
        labels = transform.fit_transform(self.train.time, self.train.event)
        held_out = transform.transform(self.validation.time, self.validation.event)
        with reproducible(self.context, "weights"):
            network = MLPVanillaCoxTime(self.x.shape[1], config.nodes, config.batch_norm, config.dropout or None)
        repeated = torchtuples.tuplefy(self.x_validation, held_out).repeat(config.validation_controls).cat()
        return models.CoxTime(network, labtrans=transform), labels, repeated


@pytest.fixture
def one_patient_for_each_time(gbsg2) -> Any:
    """Return the fold without tied training times, which pycox's partial likelihood orders by chance."""
    _, rows = np.unique(gbsg2.train.outcome.time, return_index=True)
    return type(gbsg2)(gbsg2.train[np.sort(rows)], gbsg2.validation, gbsg2.test, gbsg2.times)


@pytest.mark.parametrize("name", ["deepsurv", "deephit", "logistic_hazard", "mtlr"])
def test_without_randomness_both_trainings_go_the_same_way(name: str, one_patient_for_each_time, make_context) -> None:
    fold = one_patient_for_each_time
    changes = {"dropout": 0.0, "batch_size": len(fold.train), "epochs": 20}
    method = ours(name, fold, make_context(), **changes)
    theirs = Pycox(name, fold, make_context(), **changes)
    if name == "deepsurv":
        difference = method.predict(fold.test.patients, fold.times).risk - theirs.model.predict(theirs.x_test)[:, 0]
        difference -= difference.mean()  # a constant cancels in the loss, and drifts
        np.testing.assert_allclose(difference, 0, atol=2e-3)
    else:
        # At the cuts nothing is interpolated; pycox's own curves give some of the probability to time 0.
        at_cuts = method.predict(fold.test.patients, np.asarray(theirs.model.duration_index)).survival
        outputs = theirs.model.predict(theirs.x_test).astype(np.float64)
        np.testing.assert_allclose(at_cuts, PARAMETRISATIONS[name].survival(outputs), atol=SURVIVAL_TOLERANCE)


class DrawsTheLast:
    """A generator whose every draw is the largest number."""

    def integers(self, low: IntArray, high: int, size: tuple[int, int]) -> IntArray:
        assert (low < high).all()
        return np.full(size, high - 1)


def test_with_the_same_controls_both_trainings_of_cox_time_go_the_same_way(
    one_patient_for_each_time, make_context, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The control of every case is who is followed longest.
    monkeypatch.setattr(
        models.data,
        "sample_alive_from_dates",
        lambda dates, at_risk, count: np.array([[at_risk[t][-1]] for t in dates]),
    )
    drawn = Context.generator
    monkeypatch.setattr(
        Context, "generator", lambda self, name: DrawsTheLast() if "controls" in name else drawn(self, name)
    )
    fold = one_patient_for_each_time
    changes = {"dropout": 0.0, "batch_size": len(fold.train), "epochs": 20, "validation_controls": 1}
    method = ours("cox_time", fold, make_context(), **changes)
    theirs = Pycox("cox_time", fold, make_context(), **changes)
    theirs.model.compute_baseline_hazards()
    curves = theirs.model.predict_surv_df(theirs.x_test)
    expected = metrics.interpolate_steps(curves.index, curves.to_numpy().T, fold.times)
    survival = method.predict(fold.test.patients, fold.times).survival
    np.testing.assert_allclose(survival, expected, atol=SURVIVAL_TOLERANCE)


@pytest.mark.long
@pytest.mark.parametrize("name", SETTINGS)
def test_concordance_is_pycoxs_within_the_noise_of_the_seeds(name: str, gbsg2, make_context, capsys) -> None:
    """The mean of the paired differences is not larger than what five seeds leave open, nor than 0.02."""
    pairs = np.array([concordances(name, gbsg2, make_context, seed) for seed in SEEDS])
    differences = pairs[:, 0] - pairs[:, 1]
    noise = 2.776 * differences.std(ddof=1) / np.sqrt(len(differences))  # t with 4 degrees of freedom
    with capsys.disabled():
        print(
            f"\n{name}: C ours {pairs[:, 0].mean():.4f}, pycox {pairs[:, 1].mean():.4f} (sd over seeds "
            f"{pairs[:, 1].std(ddof=1):.4f}), paired difference {differences.mean():+.4f} +- {noise:.4f}"
        )
    assert abs(differences.mean()) <= noise
    assert abs(differences.mean()) <= 0.02


def concordances(name: str, fold: Any, make_context: Callable[..., Context], seed: int) -> tuple[float, float]:
    """Return C on the test part, ours and pycox's."""
    prediction = ours(name, fold, make_context(seed)).predict(fold.test.patients, fold.times)
    risks = (prediction.risk, Pycox(name, fold, make_context(seed)).risk(fold.times))
    outcome = fold.test.outcome
    mine, theirs = (float(metrics.concordance_index(outcome.time, outcome.event, risk)) for risk in risks)
    return mine, theirs
