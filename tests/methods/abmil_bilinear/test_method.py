"""The method: contributions and attention that are kept, absent modalities, figures, interactions it finds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

import metrics
from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Bags, Cell, Cohort, Context, FloatArray, Matrix, Outcome, Patients, PredictedPart
from methods.abmil_bilinear import ABMILBilinear, Config
from methods.abmil_bilinear.config import Fusion
from methods.abmil_bilinear.figures import draw
from methods.abmil_bilinear.figures.stored_cell import contributions
from methods.abmil_bilinear.nearest_curves import NearestCurves

TIMES = np.linspace(0.0, 40.0, 81)
CELL = Cell(
    method="abmil_bilinear",
    entry="methods.abmil_bilinear.method:ABMILBilinear",
    config={"bag": "wsi"},
    dataset="drawn",
    dataset_options={},
    data_sha256="",
    complete_cases=(),
    split="stratified",
    folds=5,
    repeat=0,
    fold=0,
    seed=0,
    split_sha256="",
    modalities=("clinical", "rna", "wsi"),
    grid_sha256="",
    threads=1,
    device="cpu",
    code_sha256="",
    libraries={},
)
SMALL: dict[str, Any] = {
    "epochs": 2,
    "members": 2,
    "components": 4,
    "rank": 4,
    "pair_width": 3,
    "patch_width": 8,
    "attention_width": 4,
    "encoder_hidden": 8,
    "encoder_width": 4,
}
FUSIONS = get_args(Fusion)


def fitted(cohort: Cohort, context: Context, **changes: Any) -> ABMILBilinear:
    method = ABMILBilinear(Config(**{**SMALL, **changes}))
    method.fit(cohort[np.arange(120)], cohort[np.arange(120, 140)], context)
    return method


@pytest.mark.parametrize("fusion", FUSIONS)
def test_the_stored_contributions_add_up_to_the_stored_risk(cohort: Cohort, context: Context, fusion: Fusion) -> None:
    prediction = fitted(cohort, context, fusion=fusion).predict(cohort[np.arange(140, 160)].patients, TIMES)
    parts = [state for name, state in prediction.states.items() if name in ("pairs", "singles", "together")]
    added = np.concatenate(parts, axis=1).astype(np.float64).sum(axis=1)
    np.testing.assert_allclose(added, prediction.risk, atol=1e-5)
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()


def test_pairs_of_an_absent_modality_contribute_nothing(cohort: Cohort, context: Context) -> None:
    patients = cohort[np.arange(140, 160)].patients
    states = fitted(cohort, context).predict(patients, TIMES).states
    # The bag first, then the others by name: wsi x clinical, wsi x rna, clinical x rna.
    wsi, rna = patients.modalities["wsi"].present, patients.modalities["rna"].present
    assert not states["pairs"][~wsi][:, [0, 1]].any()
    assert not states["pairs"][~rna][:, [1, 2]].any()
    assert states["pairs"][wsi & rna].all()
    assert states["units"].shape == (20, 3 * 4)


@pytest.mark.parametrize("names", [("wsi",), ("clinical", "wsi"), ("rna", "wsi"), ("clinical", "rna")])
def test_any_modalities_will_do(cohort: Cohort, context: Context, names: tuple[str, ...]) -> None:
    shown = cohort.only(*names)
    prediction = fitted(shown, context).predict(shown[np.arange(140, 160)].patients, TIMES)
    assert ("instances" in prediction.states) == ("wsi" in names)
    assert ("pairs" in prediction.states) == (len(names) > 1)


def test_a_bag_that_is_not_there_is_told_in_the_log(
    cohort: Cohort, context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    fitted(cohort, context, bag="patches", epochs=1)
    assert "no modality 'patches': nothing is read instance by instance" in caplog.text


def test_the_mapped_times_are_a_row_of_their_own(cohort: Cohort, context: Context) -> None:
    prediction = fitted(cohort, context).predict(cohort[np.arange(140, 160)].patients, TIMES)
    mapped = prediction.states["mapped_time"][:, 0]
    np.testing.assert_allclose(prediction.variants["rank_map"].risk, -mapped, rtol=1e-6)
    assert prediction.diagnostics["mapped_times"] == len(np.unique(mapped))
    same = mapped[:, None] == mapped[None, :]
    assert prediction.diagnostics["mapped_ties"] == pytest.approx((same.sum() - 20) / (20 * 19))
    train = cohort.outcome.take(np.arange(120))
    assert np.isin(mapped, train.time[train.event].astype(np.float32)).all()
    assert (np.diff(mapped[np.argsort(prediction.risk, kind="stable")]) <= 0).all()


def test_curves_of_the_nearest_risks_use_members_that_did_not_train_on_them(cohort: Cohort, context: Context) -> None:
    method = fitted(cohort, context, curve="km_nearest")
    prediction = method.predict(cohort[np.arange(140, 160)].patients, TIMES)
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()
    assert (np.diff(prediction.survival, axis=1) <= 0).all()
    train = cohort[np.arange(120)].patients
    every, _ = method.network.outputs(train)
    folds = method.network.out_of_fold(train)
    assert np.array_equal(np.sort(np.concatenate([rows for rows, _ in folds])), np.arange(120))
    for of_member, (rows, outputs) in zip(every, folds, strict=True):
        np.testing.assert_allclose(of_member[rows], outputs, atol=1e-6)


def test_the_curve_of_the_nearest_is_their_kaplan_meier_curve() -> None:
    time = np.arange(1.0, 101.0)
    outcome = Outcome(time, time % 2 == 0)
    curves = NearestCurves().fit(-time, outcome).survival(np.array([-1.0, -100.0]), time)
    for curve, rows in zip(curves, (np.arange(30), np.arange(70, 100)), strict=True):
        by_hand = metrics.kaplan_meier(outcome.time[rows], outcome.event[rows]).at(time)
        np.testing.assert_array_equal(curve, by_hand)


def test_one_member_has_no_out_of_fold_risk() -> None:
    with pytest.raises(UsageError, match="members=2 or more"):
        Config(curve="km_nearest", members=1)


def test_figures_are_drawn_with_and_without_a_bag(cohort: Cohort, context: Context, tmp_path: Path) -> None:
    for names, files in (
        (("clinical", "rna", "wsi"), ["contributions.png", "attention.png"]),
        (("clinical", "rna"), ["contributions.png"]),
    ):
        shown = cohort.only(*names)
        test = shown[np.arange(140, 160)]
        prediction = fitted(shown, context).predict(test.patients, TIMES)
        part = PredictedPart(test.patients.ids, test.outcome, None, {MAIN: prediction})
        paths = draw(replace(CELL, modalities=names), part, tmp_path)
        assert [path.name for path in paths] == files
        assert all(path.stat().st_size for path in paths)


def test_contributions_are_named_in_the_order_of_the_network(cohort: Cohort, context: Context) -> None:
    prediction = fitted(cohort, context).predict(cohort[np.arange(140, 160)].patients, TIMES)
    named = contributions(prediction, ["wsi", "clinical", "rna"])
    assert list(named)[:3] == ["wsi x clinical", "wsi x rna", "clinical x rna"]
    np.testing.assert_allclose(sum(named.values()), prediction.risk, atol=1e-5)


def drawn(n: int, *, product: bool, seed: int = 0) -> Cohort:
    """Return patients whose hazard hangs on the product, or the sum, of a score in the bag and one in expression."""
    generator = np.random.default_rng(seed)
    of_bag, of_genes = generator.normal(size=(2, n))
    bags = []
    for value in of_bag:
        bag = generator.normal(size=(20, 8)).astype(np.float32)
        bag[:5, 0] += 3
        bag[:5, 1] += value - bag[:5, 1].mean()
        bags.append(bag)
    genes = generator.normal(size=(n, 6)).astype(np.float32)
    genes[:, 0] = of_genes
    score = of_bag * of_genes if product else (of_bag + of_genes) / np.sqrt(2)
    event_time = generator.exponential(size=n) * 20 * np.exp(-1.5 * score)
    censoring = generator.uniform(5, 100, n)
    outcome = Outcome(np.minimum(event_time, censoring) + 0.01, event_time <= censoring)
    modalities = {"wsi": Bags(bags, 8), "rna": Matrix(genes, tuple(f"g{k}" for k in range(6)))}
    return Cohort(Patients(np.array([f"p{row}" for row in range(n)]), modalities), outcome, "months")


def gain_of_pairs(cohort: Cohort, context: Context) -> tuple[float, float]:
    """Return C of pairwise less that of concat on the last 400 patients, and the standard error of the difference."""
    part = [np.arange(0, 1000), np.arange(1000, 1200), np.arange(1200, 1600)]
    train, validation, test = (cohort[rows] for rows in part)
    found: dict[str, Any] = {}
    influence: dict[str, FloatArray] = {}
    for fusion in ("pairwise", "concat"):
        config = Config(fusion=fusion, members=1, learning_rate=1e-3, dropout=0.1, components=0)  # type: ignore[arg-type]  # 2026-11-26: one of the names above
        method = ABMILBilinear(config)
        method.fit(train, validation, context)
        risk = method.predict(test.patients, TIMES).risk
        found[fusion] = metrics.concordance_index(test.outcome.time, test.outcome.event, risk)
        influence[fusion] = found[fusion].influence.scored
    error = float(metrics.Influence(influence["pairwise"] - influence["concat"]).standard_error())
    print(
        {name: round(float(value), 3) for name, value in found.items()}, f"standard error of the difference {error:.3f}"
    )
    return float(found["pairwise"]) - float(found["concat"]), error


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_pairs_find_an_interaction_of_bag_and_expression_that_concatenation_cannot(context: Context) -> None:
    gain, error = gain_of_pairs(drawn(1600, product=True), context)
    assert gain - 1.96 * error > 0.05
    # With a purely additive hazard there is nothing to gain.
    additive, error = gain_of_pairs(drawn(1600, product=False), context)
    assert abs(additive) < 0.03
