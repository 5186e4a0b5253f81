"""SurvPath as a method: any modalities beside bag and genes, what is kept, figures, planted instances."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cell_of_genes import cell_of
from drawn_gene_bags import incomplete_cohort, planted

import metrics
from benchmarks.types import MAIN, Cohort, Context, PredictedPart
from methods.shared.training.token_attention_record import attention_of_tokens
from methods.survpath import Config, SurvPath
from methods.survpath.figures import draw

TIMES = np.linspace(0.0, 40.0, 81)
SMALL: dict[str, Any] = {"epochs": 2, "members": 2, "width": 8, "components": 4, "component_groups": 2}


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return incomplete_cohort()


def fitted(cohort: Cohort, context: Context, **changes: Any) -> SurvPath:
    method = SurvPath(Config(**{**SMALL, **changes}))
    method.fit(cohort[np.arange(120)], cohort[np.arange(120, 140)], context)
    return method


@pytest.mark.parametrize("names", [("rna", "wsi"), ("clinical", "rna", "wsi")])
@pytest.mark.parametrize("changes", [{}, {"gene_sets": "components"}])
def test_whatever_stands_beside_curves_are_valid(
    cohort: Cohort, context: Context, names: tuple[str, ...], changes: dict[str, Any]
) -> None:
    shown = cohort.only(*names)
    prediction = fitted(shown, context, **changes).predict(shown[np.arange(140, 160)].patients, TIMES)
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()
    assert (np.diff(prediction.survival, axis=1) <= 0).all()


def test_what_is_kept_tells_who_looks_at_whom(cohort: Cohort, context: Context) -> None:
    patients = cohort[np.arange(140, 160)].patients
    states = fitted(cohort, context).predict(patients, TIMES).states
    both = patients.modalities["rna"].present & patients.modalities["wsi"].present
    np.testing.assert_allclose(states["to_pathways"].sum(axis=1), both.astype(float), atol=1e-6)
    for token in attention_of_tokens(states).values():
        assert (token.share[both] > 0).all()
        assert (token.share[both] < 1).all()
        assert not token.share[~both].any()


def test_figures_are_drawn(cohort: Cohort, context: Context, tmp_path: Path) -> None:
    test = cohort[np.arange(140, 160)]
    prediction = fitted(cohort, context).predict(test.patients, TIMES)
    part = PredictedPart(test.patients.ids, test.outcome, None, {MAIN: prediction})
    paths = draw(cell_of("survpath", "methods.survpath.method:SurvPath"), part, tmp_path)
    assert [path.name for path in paths] == ["attention.png", "tokens.png", "chosen_instances.png"]
    assert all(path.stat().st_size for path in paths)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_pathways_find_the_instances_on_which_the_hazard_hangs(context: Context) -> None:
    cohort, score, _ = planted(900, 60, 3, seed=0)
    method = SurvPath(Config(members=1, learning_rate=1e-3, epochs=40, patience=10, width=32, dropout=0.1))
    method.fit(cohort[np.arange(600)], cohort[np.arange(600, 700)], context)
    test = cohort[np.arange(700, 900)]
    prediction = method.predict(test.patients, TIMES)
    time, event = test.outcome.time, test.outcome.event
    found, truth = (float(metrics.concordance_index(time, event, risk)) for risk in (prediction.risk, score[700:]))
    print(f"C {found:.3f}, truth {truth:.3f}")
    assert found > truth - 0.06
