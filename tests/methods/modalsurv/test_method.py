"""ModalSurv as a method: ensemble, curves, what it keeps, what it reports."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.datasets.simulated.adapter import load

from benchmarks.types import Cohort, Context
from methods.modalsurv import Config, ModalSurv
from methods.shared.heads.discrete_outputs import DENSITY

TIMES = np.linspace(0.0, 40.0, 81)
SMALL: dict[str, Any] = {"width": 16, "heads": 2, "epochs": 5, "members": 2, "components": 8, "intervals": 8}


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return load("missing", n=240, seed=0, effect=1.2, missing_share=0.3).only("clinical", "rna", "text")


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(seed=0, workdir=tmp_path, logger=logging.getLogger("test"))


def fitted(cohort: Cohort, context: Context, **changes: Any) -> ModalSurv:
    method = ModalSurv(Config(**{**SMALL, **changes}))
    method.fit(cohort[np.arange(160)], cohort[np.arange(160, 200)], context)
    return method


def test_the_ensemble_is_the_mean_of_the_distributions(cohort: Cohort, context: Context) -> None:
    method = fitted(cohort, context, members=3)
    patients = cohort[np.arange(200, 240)].patients
    outputs, _ = method.network.outputs(patients)
    assert len(outputs) == 3
    density = np.mean([-np.diff(DENSITY.survival(of_member), axis=1) for of_member in outputs], axis=0)
    prediction = method.predict(patients, method.head.cuts.cuts)
    assert prediction.survival is not None
    np.testing.assert_allclose(-np.diff(prediction.survival, axis=1), density, atol=1e-9)
    beyond = prediction.survival[:, -1]
    np.testing.assert_allclose(density.sum(axis=1) + beyond, 1, atol=1e-9)


@pytest.mark.parametrize("changes", [{}, {"head": "cox"}, {"members": 1}, {"faithful": True}])
def test_curves_start_at_one_and_never_rise(cohort: Cohort, context: Context, changes: dict[str, Any]) -> None:
    prediction = fitted(cohort, context, **changes).predict(cohort[np.arange(200, 240)].patients, TIMES)
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()
    assert (np.diff(prediction.survival, axis=1) <= 1e-9).all()


def test_gate_and_attention_are_kept_for_figures(cohort: Cohort, context: Context) -> None:
    patients = cohort[np.arange(200, 240)].patients
    states = fitted(cohort, context).predict(patients, TIMES).states
    present = np.stack([patients.modalities[name].present for name in sorted(patients.modalities)], axis=1)
    np.testing.assert_allclose(states["gate"].sum(axis=1), 1, atol=1e-5)
    assert not states["gate"][~present].any()
    attention = states["attention"].reshape(-1, 3, 3)
    assert not attention[:, [0, 1, 2], [0, 1, 2]].any()


def test_the_authors_recipe_reports_the_concordance_it_is_chosen_by(cohort: Cohort, context: Context) -> None:
    prediction = fitted(cohort, context, faithful=True).predict(cohort[np.arange(200, 240)].patients, TIMES)
    assert 0.4 < prediction.diagnostics["selected_by_c"] <= 1
