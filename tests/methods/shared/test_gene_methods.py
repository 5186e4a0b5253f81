"""Methods on genes and a bag: any modalities beside both, what is kept, figures, planted instances, the contract."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from drawn_gene_bags import incomplete_cohort, planted
from sklearn.metrics import roc_auc_score

import methods.mcat
import methods.survpath
import metrics
from benchmarks.catalog.registry import method_card
from benchmarks.contract.candidate import Candidate
from benchmarks.contract.method import CHECKS
from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Cell, Cohort, Context, PredictedPart
from methods.mcat import MCAT
from methods.mcat.figures import draw as draw_mcat
from methods.shared.training.token_attention_record import attention_of_tokens
from methods.survpath import SurvPath
from methods.survpath.figures import draw as draw_survpath

Either: TypeAlias = MCAT | SurvPath

TIMES = np.linspace(0.0, 40.0, 81)
SMALL: dict[str, Any] = {"epochs": 2, "members": 2, "width": 8, "components": 4, "component_groups": 2}
OF_MCAT: dict[str, Any] = {"heads": 2, "layers": 1, "attention_width": 4, "rank": 3}
METHODS = ["mcat", "survpath"]


def cell_of(method: str) -> Cell:
    """Return a cell of a drawn dataset, as figures are given one."""
    plain = {"config": {"bag": "wsi"}, "dataset_options": {}, "libraries": {}, "complete_cases": ()}
    hashes = dict.fromkeys(("data_sha256", "split_sha256", "grid_sha256", "code_sha256"), "")
    place = {"split": "stratified", "folds": 5, "repeat": 0, "fold": 0, "seed": 0, "threads": 1, "device": "cpu"}
    modalities = ("clinical", "rna", "wsi")
    entry = method_card(method).entry
    return Cell(method=method, entry=entry, dataset="drawn", modalities=modalities, **plain, **hashes, **place)  # type: ignore[arg-type]  # 2026-11-26: tables of several types


def made(method: str, settings: dict[str, Any]) -> Either:
    if method == "mcat":
        return MCAT(methods.mcat.Config(**settings))
    return SurvPath(methods.survpath.Config(**settings))


def fitted(method: str, cohort: Cohort, context: Context, **changes: Any) -> Either:
    small = SMALL | OF_MCAT if method == "mcat" else SMALL
    found = made(method, {**small, **changes})
    found.fit(cohort[np.arange(120)], cohort[np.arange(120, 140)], context)
    return found


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return incomplete_cohort()


@pytest.mark.parametrize("names", [("rna", "wsi"), ("clinical", "rna", "wsi")])
@pytest.mark.parametrize(
    ("method", "changes"),
    [
        *((method, {}) for method in METHODS),
        *((method, {"gene_sets": "components"}) for method in METHODS),
        ("mcat", {"fusion": "bilinear"}),
        ("mcat", {"censoring": "later", "select_by": "loss"}),
    ],
)
def test_whatever_stands_beside_curves_are_valid(
    cohort: Cohort, context: Context, names: tuple[str, ...], method: str, changes: dict[str, Any]
) -> None:
    shown = cohort.only(*names)
    prediction = fitted(method, shown, context, **changes).predict(shown[np.arange(140, 160)].patients, TIMES)
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()
    assert (np.diff(prediction.survival, axis=1) <= 0).all()


def test_families_without_expression_or_bag_are_kept_as_such(cohort: Cohort, context: Context) -> None:
    patients = cohort[np.arange(140, 160)].patients
    states = fitted("mcat", cohort, context).predict(patients, TIMES).states
    rna, wsi = patients.modalities["rna"].present, patients.modalities["wsi"].present
    assert not states["gene_pool"][~rna].any()
    assert not states["slide_pool"][~wsi].any()
    tokens = attention_of_tokens(states)
    assert list(tokens) == ["P1", "P2", "P3", "P4"]
    for token in tokens.values():
        np.testing.assert_allclose(token.share, wsi.astype(float), atol=1e-6)
        assert (token.instances[~wsi] == -1).all()


def test_what_is_kept_tells_which_pathways_look_at_the_slides(cohort: Cohort, context: Context) -> None:
    patients = cohort[np.arange(140, 160)].patients
    states = fitted("survpath", cohort, context).predict(patients, TIMES).states
    both = patients.modalities["rna"].present & patients.modalities["wsi"].present
    np.testing.assert_allclose(states["to_pathways"].sum(axis=1), both.astype(float), atol=1e-6)
    for token in attention_of_tokens(states).values():
        assert (token.share[both] > 0).all()
        assert (token.share[both] < 1).all()
        assert not token.share[~both].any()


@pytest.mark.parametrize("method", METHODS)
def test_without_gene_sets_an_error_says_what_to_do(cohort: Cohort, context: Context, method: str) -> None:
    with pytest.raises(UsageError, match="set gene_sets=components"):
        fitted(method, cohort, context, gene_sets="reactome")


@pytest.mark.parametrize("method", METHODS)
def test_a_bag_is_needed(cohort: Cohort, context: Context, method: str) -> None:
    with pytest.raises(ValueError, match="no modality 'wsi' for the tokens of genes to attend to"):
        fitted(method, cohort.only("clinical", "rna"), context)


@pytest.mark.parametrize("method", METHODS)
def test_figures_are_drawn_and_refused_without_a_bag(
    cohort: Cohort, context: Context, method: str, tmp_path: Path
) -> None:
    test = cohort[np.arange(140, 160)]
    prediction = fitted(method, cohort, context).predict(test.patients, TIMES)
    part = PredictedPart(test.patients.ids, test.outcome, None, {MAIN: prediction})
    draw = {"mcat": draw_mcat, "survpath": draw_survpath}[method]
    paths = draw(cell_of(method), part, tmp_path)
    assert [path.name for path in paths] == ["attention.png", "tokens.png", "chosen_instances.png"]
    assert all(path.stat().st_size for path in paths)
    with pytest.raises(UsageError, match="no test patient has a bag"):
        draw(cell_of(method), replace(part, predictions={MAIN: replace(prediction, states={})}), tmp_path)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "check",
    [
        "one patient alone is predicted as among others",
        "a column that is constant in training changes nothing",
        "what stands in the place of an absent modality changes nothing",
    ],
)
def test_the_contract_holds_with_components_too(method: str, check: str) -> None:
    card = method_card(method)
    kind = {"mcat": MCAT, "survpath": SurvPath}[method]
    CHECKS[check](Candidate(replace(card, contract={**card.contract, "gene_sets": "components"}), kind))


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("method", METHODS)
def test_genes_find_the_instances_on_which_the_hazard_hangs(context: Context, method: str) -> None:
    cohort, score, marks = planted(900, 60, 3, seed=0)
    settings = {"members": 1, "learning_rate": 1e-3, "epochs": 40, "patience": 10, "width": 32, "dropout": 0.1}
    found = made(method, {**settings, "select_by": "loss"})
    found.fit(cohort[np.arange(600)], cohort[np.arange(600, 700)], context)
    test = cohort[np.arange(700, 900)]
    prediction = found.predict(test.patients, TIMES)
    time, event = test.outcome.time, test.outcome.event
    c, truth = (float(metrics.concordance_index(time, event, risk)) for risk in (prediction.risk, score[700:]))
    ((_, _, states),) = found.network.said(test.patients)
    attention = states["token_attention"].mean(axis=1).reshape(200, 60)
    areas = [roc_auc_score(mark, weights) for mark, weights in zip(marks[700:], attention, strict=True)]
    print(f"{method}: C {c:.3f}, truth {truth:.3f}, area {np.mean(areas):.3f}")
    assert c > truth - 0.06
    assert np.mean(areas) > 0.9
