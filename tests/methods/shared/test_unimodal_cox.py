"""Cross-fitted risks of single modalities, and the Cox model that stacks them."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
from benchmarks.datasets.simulated.adapter import load
from scipy.optimize import minimize

from benchmarks.types import Cohort, Context, Outcome
from methods.cox_late import Config as LateConfig
from methods.cox_late import CoxLate
from methods.fusion_average import Config as AverageConfig
from methods.fusion_average import FusionAverage
from methods.residual_net import Config as ResidualConfig
from methods.residual_net import ResidualNet
from methods.shared.heads.efron import EfronLikelihood
from methods.shared.heads.non_negative_cox import NonNegativeCox
from methods.shared.heads.unimodal_cox import UnimodalCox

TIMES = np.linspace(0.0, 40.0, 81)


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return load("missing", n=300, seed=0, effect=1.2, missing_share=0.3).only("clinical", "rna", "text")


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(seed=0, workdir=tmp_path, logger=logging.getLogger("test"))


def drawn(coefficients: list[float], n: int = 300) -> tuple[np.ndarray, Outcome]:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(n, len(coefficients)))
    time = np.ceil(10 * generator.exponential(np.exp(-x @ coefficients)) + 0.01)
    return x, Outcome(time, generator.random(n) < 0.7)


def test_a_risk_that_contradicts_the_outcome_has_weight_zero() -> None:
    x, outcome = drawn([1.0, -0.8, 0.5])
    model = NonNegativeCox().fit(x, outcome)
    assert model.coefficients[1] == 0
    assert (model.coefficients[[0, 2]] > 0).all()


def test_the_optimum_is_that_of_another_solver() -> None:
    x, outcome = drawn([1.0, -0.8, 0.5])
    found = NonNegativeCox().fit(x, outcome).coefficients
    likelihood = EfronLikelihood(x - x.mean(axis=0), outcome)
    other = minimize(likelihood.value, np.full(3, 0.1), method="SLSQP", bounds=[(0, None)] * 3, tol=1e-12)
    np.testing.assert_allclose(found, other.x, atol=1e-4)
    assert likelihood.value(found) <= likelihood.value(other.x) + 1e-8


def test_cross_fitted_risks_are_those_of_models_that_have_not_seen_the_patient(cohort: Cohort) -> None:
    model = UnimodalCox(20.0, 5, seed=0).fit(cohort)
    time = cohort.outcome.time.copy()
    time[0] = 0.01
    changed_outcome = Outcome(time, cohort.outcome.event)
    # The folds hang on the events alone, so they are the same ones.
    changed = Cohort(cohort.patients, changed_outcome, cohort.time_unit)
    again = UnimodalCox(20.0, 5, seed=0).fit(changed)
    assert np.array_equal(model.cross_fitted[0], again.cross_fitted[0])
    assert not np.array_equal(model.cross_fitted, again.cross_fitted)


def test_the_risk_of_a_missing_modality_is_zero(cohort: Cohort) -> None:
    model = UnimodalCox(20.0, 5, seed=0).fit(cohort)
    risks, present = model.risks(cohort.patients), model.present(cohort.patients)
    assert not risks[~present].any()
    assert (risks[present] != 0).mean() > 0.99


def test_fewer_events_than_inner_folds_is_an_error(cohort: Cohort) -> None:
    events = np.flatnonzero(cohort.outcome.event)[:3]
    others = np.flatnonzero(~cohort.outcome.event)
    few = cohort[np.sort(np.concatenate([events, others]))]
    with pytest.raises(ValueError, match="3 events in the training part are too few for 5 inner folds"):
        UnimodalCox(20.0, 5, seed=0).fit(few)


def test_the_shares_of_late_fusion_sum_to_its_risk(cohort: Cohort, context: Context) -> None:
    method = CoxLate(LateConfig())
    method.fit(cohort, cohort, context)
    prediction = method.predict(cohort.patients, TIMES)
    np.testing.assert_allclose(prediction.states["risk_by_modality"].sum(axis=1), prediction.risk, atol=1e-5)
    assert all(value >= 0 for value in prediction.diagnostics.values())


def test_the_mean_of_one_modality_ranks_as_its_cox_model(cohort: Cohort, context: Context) -> None:
    alone = cohort.only("clinical")
    method = FusionAverage(AverageConfig())
    method.fit(alone, alone, context)
    unimodal = UnimodalCox(20.0, 20, context.derived_seed("unimodal")).fit(alone)
    risk = method.predict(alone.patients, TIMES).risk
    order = np.argsort(unimodal.risks(alone.patients)[:, 0], kind="stable")
    assert (np.diff(risk[order]) >= -1e-12).all()


def test_without_another_modality_the_residual_network_is_clinical_cox(cohort: Cohort, context: Context) -> None:
    alone = cohort.only("clinical")
    method = ResidualNet(ResidualConfig())
    method.fit(alone, alone, context)
    parts = method.predict(alone.patients, TIMES).states["clinical_and_correction"]
    assert not parts[:, 1].any()
    assert parts[:, 0].any()


def test_a_correction_that_helps_nobody_stays_zero(cohort: Cohort, context: Context) -> None:
    # A step so long that no epoch is better than the start.
    method = ResidualNet(ResidualConfig(learning_rate=100.0, epochs=2, members=2))
    method.fit(cohort, cohort, context)
    parts = method.predict(cohort.patients, TIMES).states["clinical_and_correction"]
    np.testing.assert_allclose(parts[:, 1], 0, atol=1e-6)
