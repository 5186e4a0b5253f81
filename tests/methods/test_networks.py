"""The methods on neural networks: what is particular to each, and what must hold for all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from pycox.models.data import pair_rank_mat

import metrics
from benchmarks.catalog.registry import load_entry, method_card
from benchmarks.errors import UsageError
from methods.deepsurv import Config as DeepSurvConfig
from methods.deepsurv import DeepSurv
from methods.mtlr import Config as MTLRConfig
from methods.shared.heads.deephit_loss import ranked_pairs
from methods.shared.heads.discrete_time import TimeCuts
from methods.shared.layers.perceptron import PerceptronConfig, perceptron

NETWORKS = pytest.mark.parametrize("name", ["deepsurv", "deephit", "logistic_hazard", "mtlr", "cox_time"])
STARTS = ("deepsurv", "deephit", "logistic_hazard")
DISCRETE = pytest.mark.parametrize("name", ["deephit", "logistic_hazard", "mtlr"])


def make(name: str, **settings: Any) -> Any:
    method_class: Any = load_entry(method_card(name))
    return method_class(method_class.config_type(**settings))


@NETWORKS
def test_each_discriminates_and_is_better_than_the_curve_of_all(name: str, gbsg2, context) -> None:
    method = make(name)
    method.fit(gbsg2.train, gbsg2.validation, context)
    prediction = method.predict(gbsg2.test.patients, gbsg2.times)
    train, test = gbsg2.train.outcome, gbsg2.test.outcome
    prepared = metrics.PreparedOutcome(train.time, train.event, test.time, test.event, gbsg2.times[-1])
    assert float(metrics.concordance_index(prepared, prediction.risk)) > 0.6
    brier = metrics.integrated_brier_score(prepared, gbsg2.times, prediction.survival, grid=gbsg2.times)
    assert float(brier.scaled) > 0


@NETWORKS
def test_a_last_batch_of_one_patient_does_not_break_batch_normalisation(name: str, gbsg2, context) -> None:
    events = np.flatnonzero(gbsg2.train.outcome.event)
    others = np.flatnonzero(~gbsg2.train.outcome.event)
    # Nine patients, all but two with an event: both patients and events leave one over in batches of two.
    few = gbsg2.train[np.sort(np.concatenate([events[:7], others[:2]]))]
    one = {"starts": 1} if name in STARTS else {}
    method = make(name, batch_size=2, epochs=3, layers=1, **one)
    method.fit(few, gbsg2.validation, context)
    assert np.isfinite(method.predict(gbsg2.test.patients, gbsg2.times).survival).all()


@NETWORKS
def test_far_outliers_are_predicted_without_overflow(name: str, gbsg2, context) -> None:
    method = make(name, epochs=3)
    method.fit(gbsg2.train, gbsg2.validation, context)
    frame = gbsg2.test.patients.table().frame.copy()
    frame.loc[:, "pnodes"] = np.where(np.arange(len(frame)) % 2, 1e9, -1e9)
    table = type(gbsg2.test.patients.table())(frame)
    patients = type(gbsg2.test.patients)(gbsg2.test.patients.ids, {"clinical": table})
    survival = method.predict(patients, gbsg2.times).survival
    assert (survival[:, 0] == 1).all()


@pytest.mark.parametrize("name", STARTS)
def test_several_starts_are_networks_of_their_own_whose_outputs_are_averaged(name: str, gbsg2, context) -> None:
    patients = gbsg2.test.patients
    method = make(name, epochs=3, starts=3)
    method.fit(gbsg2.train, gbsg2.validation, context)
    of_each = [network.outputs(patients) for network in method._perceptrons]
    assert all((of_each[0] != other).any() for other in of_each[1:])
    expected = method.head.predict(np.mean(of_each, axis=0), gbsg2.times)
    np.testing.assert_array_equal(method.predict(patients, gbsg2.times).survival, expected.survival)


@pytest.mark.parametrize("name", STARTS)
def test_each_start_is_stopped_by_training_patients_that_it_does_not_train_on(name: str, gbsg2, context) -> None:
    method = make(name, starts=3)
    parts = method._parts(gbsg2.train, gbsg2.validation, context)
    stopping = np.concatenate([held_out.patients.ids for _, held_out in parts])
    assert sorted(stopping) == sorted(gbsg2.train.patients.ids)
    for fitted, held_out in parts:
        assert not set(fitted.patients.ids) & set(held_out.patients.ids)
        assert len(fitted) + len(held_out) == len(gbsg2.train)
        assert held_out.outcome.n_events == pytest.approx(gbsg2.train.outcome.n_events / 3, abs=1)


@pytest.mark.parametrize("name", STARTS)
def test_one_start_is_stopped_by_the_validation_part_and_needs_it(name: str, gbsg2, context) -> None:
    method = make(name, starts=1, epochs=3)
    [(fitted, stopping)] = method._parts(gbsg2.train, gbsg2.validation, context)
    assert fitted is gbsg2.train
    assert stopping is gbsg2.validation
    with pytest.raises(UsageError, match="starts=1 is stopped by the validation part, which is merged"):
        method.fit(gbsg2.train, gbsg2.validation[np.array([], dtype=int)], context)


@DISCRETE
def test_an_untrained_network_predicts_the_curve_of_all(name: str, gbsg2, context) -> None:
    method = make(name, learning_rate=1e-12, epochs=1)
    method.fit(gbsg2.train, gbsg2.validation, context)
    survival = method.predict(gbsg2.test.patients, gbsg2.times).survival
    assert np.ptp(survival, axis=0).max() < 1e-6
    train = gbsg2.train.outcome
    expected = metrics.kaplan_meier(train.time, train.event).at(gbsg2.times)
    np.testing.assert_allclose(survival[0], expected, atol=0.03)


@DISCRETE
def test_the_interpolation_changes_curves_only_between_the_cuts(name: str, gbsg2, make_context) -> None:
    method_class: Any = load_entry(method_card(name))
    config = method_class.config_type()
    rule = config.intervals, config.spacing, config.censoring
    cuts = TimeCuts.fit(gbsg2.train.outcome, *rule, make_context()).cuts
    curves = []
    for interpolation in ("constant_density", "constant_hazard"):
        method = make(name, interpolation=interpolation, epochs=3)
        method.fit(gbsg2.train, gbsg2.validation, make_context())
        middles = (cuts[:-1] + cuts[1:]) / 2
        predict = method.predict
        curves.append([predict(gbsg2.test.patients, times).survival for times in (cuts, middles)])
    (at_cuts, between), (at_cuts_too, between_too) = curves
    np.testing.assert_allclose(at_cuts, at_cuts_too, atol=1e-12)
    assert (between > between_too).any()


def test_without_hidden_layers_mtlr_is_linear() -> None:
    network = perceptron(MTLRConfig(layers=0), 4, 3)
    assert [type(layer).__name__ for layer in network.net] == ["Linear"]


def test_deepsurv_learns_from_batches_of_which_some_have_no_event(gbsg2, context) -> None:
    outcome = gbsg2.train.outcome
    rare = np.concatenate([np.flatnonzero(outcome.event)[:5], np.flatnonzero(~outcome.event)[:60]])
    method = DeepSurv(DeepSurvConfig(batch_size=4, epochs=5))
    method.fit(gbsg2.train[rare], gbsg2.validation, context)
    assert np.isfinite(method.predict(gbsg2.test.patients, gbsg2.times).risk).all()


def test_ranked_pairs_are_those_of_pycox() -> None:
    rng = np.random.default_rng(0)
    index, event = rng.integers(0, 5, 40), rng.integers(0, 2, 40).astype(np.float32)
    ours = ranked_pairs(torch.from_numpy(index), torch.from_numpy(event))
    np.testing.assert_array_equal(ours.numpy(), pair_rank_mat(index, event))


def test_a_start_is_what_the_untrained_network_says_of_everybody() -> None:
    start = np.array([0.5, -1.0, 2.0])
    network = perceptron(PerceptronConfig(), 4, 3, start=start).eval()
    said = network(torch.randn(6, 4)).detach().numpy()
    np.testing.assert_allclose(said, np.tile(start, (6, 1)), rtol=1e-6)
