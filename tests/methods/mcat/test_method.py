"""MCAT as a method: any modalities beside bag and genes, what is kept, figures, planted instances."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cell_of_genes import cell_of
from drawn_gene_bags import incomplete_cohort, planted
from sklearn.metrics import roc_auc_score

import metrics
from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Cohort, Context, PredictedPart
from methods.mcat import MCAT, Config
from methods.mcat.figures import draw
from methods.shared.training.token_attention_record import attention_of_tokens

TIMES = np.linspace(0.0, 40.0, 81)
SMALL: dict[str, Any] = {
    "epochs": 2,
    "members": 2,
    "width": 8,
    "heads": 2,
    "layers": 1,
    "attention_width": 4,
    "components": 4,
    "component_groups": 2,
    "rank": 3,
}


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return incomplete_cohort()


def fitted(cohort: Cohort, context: Context, **changes: Any) -> MCAT:
    method = MCAT(Config(**{**SMALL, **changes}))
    method.fit(cohort[np.arange(120)], cohort[np.arange(120, 140)], context)
    return method


@pytest.mark.parametrize("names", [("rna", "wsi"), ("clinical", "rna", "wsi")])
@pytest.mark.parametrize(
    "changes", [{}, {"fusion": "bilinear"}, {"gene_sets": "components"}, {"censoring": "later", "select_by": "loss"}]
)
def test_whatever_stands_beside_curves_are_valid(
    cohort: Cohort, context: Context, names: tuple[str, ...], changes: dict[str, Any]
) -> None:
    shown = cohort.only(*names)
    prediction = fitted(shown, context, **changes).predict(shown[np.arange(140, 160)].patients, TIMES)
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()
    assert (np.diff(prediction.survival, axis=1) <= 0).all()


def test_families_without_expression_or_bag_are_kept_as_such(cohort: Cohort, context: Context) -> None:
    patients = cohort[np.arange(140, 160)].patients
    states = fitted(cohort, context).predict(patients, TIMES).states
    rna, wsi = patients.modalities["rna"].present, patients.modalities["wsi"].present
    assert not states["gene_pool"][~rna].any()
    assert not states["slide_pool"][~wsi].any()
    tokens = attention_of_tokens(states)
    assert list(tokens) == ["P1", "P2", "P3", "P4"]
    for token in tokens.values():
        np.testing.assert_allclose(token.share, wsi.astype(float), atol=1e-6)
        assert (token.instances[~wsi] == -1).all()


def test_without_gene_sets_an_error_says_what_to_do(cohort: Cohort, context: Context) -> None:
    with pytest.raises(UsageError, match="set gene_sets=components"):
        fitted(cohort, context, gene_sets="reactome")


def test_a_bag_is_needed(cohort: Cohort, context: Context) -> None:
    with pytest.raises(ValueError, match="no modality 'wsi' for the tokens of genes to attend to"):
        fitted(cohort.only("clinical", "rna"), context)


def test_figures_are_drawn_and_refused_without_a_bag(cohort: Cohort, context: Context, tmp_path: Path) -> None:
    test = cohort[np.arange(140, 160)]
    prediction = fitted(cohort, context).predict(test.patients, TIMES)
    part = PredictedPart(test.patients.ids, test.outcome, None, {MAIN: prediction})
    cell = cell_of("mcat", "methods.mcat.method:MCAT")
    paths = draw(cell, part, tmp_path)
    assert [path.name for path in paths] == ["attention.png", "tokens.png", "chosen_instances.png"]
    assert all(path.stat().st_size for path in paths)
    with pytest.raises(UsageError, match="no test patient has a bag"):
        draw(cell, replace(part, predictions={MAIN: replace(prediction, states={})}), tmp_path)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_co_attention_finds_the_instances_on_which_the_hazard_hangs(context: Context) -> None:
    cohort, score, marks = planted(900, 60, 3, seed=0)
    method = MCAT(Config(members=1, learning_rate=1e-3, epochs=40, patience=10, width=32, layers=1, dropout=0.1))
    method.fit(cohort[np.arange(600)], cohort[np.arange(600, 700)], context)
    test = cohort[np.arange(700, 900)]
    prediction = method.predict(test.patients, TIMES)
    time, event = test.outcome.time, test.outcome.event
    found, truth = (float(metrics.concordance_index(time, event, risk)) for risk in (prediction.risk, score[700:]))
    assert found > truth - 0.06
    ((_, _, states),) = method.network.said(test.patients)
    attention = states["token_attention"].mean(axis=1).reshape(200, 60)
    areas = [roc_auc_score(mark, weights) for mark, weights in zip(marks[700:], attention, strict=True)]
    print(f"C {found:.3f}, truth {truth:.3f}, area {np.mean(areas):.3f}")
    assert np.mean(areas) > 0.9
