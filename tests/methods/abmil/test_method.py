"""ABMIL as a method: with and without other modalities, absent bags, what it keeps, planted instances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.datasets.simulated.adapter import load
from sklearn.metrics import roc_auc_score

import metrics
from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Bags, Cell, Cohort, Context, FloatArray, Outcome, Patients, PredictedPart
from methods.abmil import ABMIL, Config
from methods.abmil.figures import draw

TIMES = np.linspace(0.0, 40.0, 81)
CELL = Cell(
    method="abmil",
    entry="methods.abmil.method:ABMIL",
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
SMALL: dict[str, Any] = {"epochs": 2, "members": 2, "width": 8, "attention_width": 4, "components": 4}


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    """Return 160 patients, of whom about a third have no bag."""
    drawn = load("missing", n=160, seed=0, effect=1.0, missing_share=0.3).only("clinical", "rna", "wsi")
    bags = drawn.patients.bags("wsi")
    there = np.random.default_rng(0).random(160) < 0.7
    modalities = {**drawn.patients.modalities, "wsi": Bags(bags.source, bags.width, present=there)}
    return Cohort(Patients(drawn.patients.ids, modalities), drawn.outcome, "months")


def fitted(cohort: Cohort, context: Context, **changes: Any) -> ABMIL:
    method = ABMIL(Config(**{**SMALL, **changes}))
    method.fit(cohort[np.arange(120)], cohort[np.arange(120, 140)], context)
    return method


@pytest.mark.parametrize("pool", ["gated", "plain", "mean", "max"])
@pytest.mark.parametrize("names", [("wsi",), ("clinical", "wsi"), ("clinical", "rna", "wsi")])
def test_whatever_stands_beside_the_bag_curves_are_valid(
    cohort: Cohort, context: Context, pool: str, names: tuple[str, ...]
) -> None:
    shown = cohort.only(*names)
    prediction = fitted(shown, context, pool=pool).predict(shown[np.arange(140, 160)].patients, TIMES)
    assert prediction.survival is not None
    assert (prediction.survival[:, 0] == 1).all()


def test_a_patient_without_a_bag_has_no_instance_and_a_risk(cohort: Cohort, context: Context) -> None:
    patients = cohort[np.arange(140, 160)].patients
    prediction = fitted(cohort, context).predict(patients, TIMES)
    absent = ~patients.modalities["wsi"].present
    assert absent.any()
    assert not prediction.states["instances"][absent].any()
    assert (prediction.states["top_instances"][absent] == -1).all()
    sizes = [len(patients.bags("wsi")[row]) for row in np.flatnonzero(~absent)]
    assert prediction.states["instances"][~absent, 0].tolist() == sizes
    assert 0 < prediction.diagnostics["attention_evenness"] <= 1


def test_a_batch_without_an_event_is_skipped_and_counted(cohort: Cohort, context: Context) -> None:
    event = np.isin(np.arange(160), [3, 40, 80, 110])
    method = fitted(Cohort(cohort.patients, Outcome(cohort.outcome.time, event), "months"), context, batch_size=8)
    assert all(record.skipped > 0 for record in method.network.records)


def test_hidden_modalities_and_a_cap_leave_the_fit_reproducible(
    cohort: Cohort, make_context: Callable[..., Context]
) -> None:
    patients = cohort[np.arange(140, 160)].patients
    first, second = (
        fitted(cohort, make_context(), modality_dropout=0.3, cap=5).predict(patients, TIMES).risk for _ in range(2)
    )
    assert np.array_equal(first, second)


def test_the_figure_is_drawn_and_without_a_bag_there_is_none(cohort: Cohort, context: Context, tmp_path: Path) -> None:
    test = cohort[np.arange(140, 160)]
    prediction = fitted(cohort, context).predict(test.patients, TIMES)
    part = PredictedPart(test.patients.ids, test.outcome, None, {MAIN: prediction})
    assert [path.stat().st_size > 0 for path in draw(CELL, part, tmp_path)] == [True]
    without = replace(part, predictions={MAIN: replace(prediction, states={})})
    with pytest.raises(UsageError, match="no test patient has a bag"):
        draw(CELL, without, tmp_path)


def planted(n: int, instances: int, share: float, seed: int) -> tuple[Cohort, FloatArray, list[FloatArray]]:
    """Return patients whose hazard hangs on a few marked instances, the true score, and who is marked.

    Column 0 is 4 higher in marked instances; the mean of their column 1 is the score.
    """
    generator = np.random.default_rng(seed)
    score = generator.normal(size=n)
    marked = max(1, round(share * instances))
    bags, marks = [], []
    for value in score:
        bag = generator.normal(size=(instances, 16)).astype(np.float32)
        chosen = generator.choice(instances, marked, replace=False)
        bag[chosen, 0] += 4
        bag[chosen, 1] += value - bag[chosen, 1].mean()
        bags.append(bag)
        marks.append(np.isin(np.arange(instances), chosen).astype(np.float64))
    event_time = generator.exponential(size=n) * 20 * np.exp(-1.5 * score)
    censoring = generator.uniform(5, 100, n)
    outcome = Outcome(np.minimum(event_time, censoring) + 0.01, event_time <= censoring)
    patients = Patients(np.array([f"p{row}" for row in range(n)]), {"wsi": Bags(bags, 16)})
    return Cohort(patients, outcome, "months"), score, marks


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_attention_finds_one_prognostic_instance_in_a_hundred_and_the_risk_comes_near_the_truth(
    context: Context,
) -> None:
    cohort, score, marks = planted(1400, 1000, 0.01, seed=0)
    method = ABMIL(Config(members=1, learning_rate=1e-3, epochs=30, patience=6, width=32, attention_width=16))
    method.fit(cohort[np.arange(1000)], cohort[np.arange(1000, 1200)], context)
    test = cohort[np.arange(1200, 1400)]
    prediction = method.predict(test.patients, TIMES)
    time, event = test.outcome.time, test.outcome.event
    truth = metrics.concordance_index(time, event, score[1200:])
    found = metrics.concordance_index(time, event, prediction.risk)
    error = metrics.Influence(found.influence.scored - truth.influence.scored).standard_error()
    attention = method.network.attention(test.patients)
    areas = [roc_auc_score(mark, weights) for mark, weights in zip(marks[1200:], attention, strict=True)]
    print(f"C {float(found):.3f}, of the truth {float(truth):.3f}, standard error of the difference {error:.3f};")
    print(f"mean AUC of the attention {np.mean(areas):.3f} (standard error {np.std(areas) / np.sqrt(len(areas)):.4f})")
    assert float(found) > float(truth) - 0.04
    assert np.mean(areas) >= 0.9
