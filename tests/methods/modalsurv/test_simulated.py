"""ModalSurv with its defaults where the truth is known: 2,000 patients, three seeds; printed with standard errors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.datasets.simulated.adapter import load, oracle

import metrics
from benchmarks.protocol.splits import make_splits
from benchmarks.types import Cohort, Context, FloatArray
from methods.cox_concat import Config as ConcatConfig
from methods.cox_concat import CoxConcat
from methods.modalsurv import Config, ModalSurv

pytestmark = [pytest.mark.long, pytest.mark.timeout(3000)]

SEEDS = (0, 1, 2)
TIMES = np.linspace(0.0, 60.0, 121)


@dataclass(frozen=True)
class Difference:
    """Concordance of one risk less that of another on three test parts, and its standard error over patients."""

    first: FloatArray
    second: FloatArray
    standard_error: float

    @property
    def mean(self) -> float:
        return float(np.mean(self.first - self.second))


def settings_of(design: str, seed: int) -> dict[str, Any]:
    effect = {"null": 0.0, "additive": 1.2}.get(design, 1.0)
    share = {"missing_share": 0.3} if design == "missing" else {}
    return {"n": 2000, "seed": seed, "effect": effect, **share}


def risk_of(method: Any, train: Cohort, validation: Cohort, test: Cohort, seed: int, folder: Path) -> FloatArray:
    method.fit(train, validation, Context(seed=seed, workdir=folder, logger=logging.getLogger("test")))
    risk: FloatArray = method.predict(test.patients, TIMES).risk
    return risk


def compared(design: str, folder: Path, others: Callable[..., tuple[FloatArray, FloatArray, Cohort]]) -> Difference:
    """Return the difference of two risks on the first test part of each seed's cohort."""
    first, second, variances = [], [], []
    for seed in SEEDS:
        cohort = load(design, **settings_of(design, seed))
        split = make_splits(cohort, folds=5, repeats=1, seed=seed)[0]
        parts = [cohort[rows] for rows in (split.train, split.validation, split.test)]
        one, other, scored = others(design, seed, *parts, folder)
        c = [metrics.concordance_index(scored.outcome.time, scored.outcome.event, risk) for risk in (one, other)]
        influence = c[0].influence.scored - c[1].influence.scored
        first.append(c[0].value)
        second.append(c[1].value)
        variances.append(influence.var() / len(influence))
    return Difference(np.array(first), np.array(second), float(np.sqrt(np.sum(variances)) / len(SEEDS)))


def modalsurv_and_truth(
    design: str, seed: int, train: Cohort, validation: Cohort, test: Cohort, folder: Path
) -> tuple[FloatArray, FloatArray, Cohort]:
    found = risk_of(ModalSurv(Config()), train, validation, test, seed, folder)
    return found, truth(design, seed, test), test


def concat_and_truth(
    design: str, seed: int, train: Cohort, validation: Cohort, test: Cohort, folder: Path
) -> tuple[FloatArray, FloatArray, Cohort]:
    found = risk_of(CoxConcat(ConcatConfig()), train, validation, test, seed, folder)
    return found, truth(design, seed, test), test


def truth(design: str, seed: int, test: Cohort) -> FloatArray:
    everybody = load(design, **settings_of(design, seed)).patients.ids
    known = oracle(design, **settings_of(design, seed)).risk
    rows = {name: row for row, name in enumerate(everybody.tolist())}
    return known[[rows[name] for name in test.patients.ids.tolist()]]


def modalsurv_and_concat(
    design: str, seed: int, train: Cohort, validation: Cohort, test: Cohort, folder: Path
) -> tuple[FloatArray, FloatArray, Cohort]:
    found = risk_of(ModalSurv(Config()), train, validation, test, seed, folder)
    return found, risk_of(CoxConcat(ConcatConfig()), train, validation, test, seed, folder), test


def masked_and_complete(
    design: str, seed: int, train: Cohort, validation: Cohort, test: Cohort, folder: Path
) -> tuple[FloatArray, FloatArray, Cohort]:
    names = list(test.patients.modalities)
    scored = test.complete(*names)
    masked = risk_of(ModalSurv(Config()), train, validation, scored, seed, folder)
    complete = (train.complete(*names), validation.complete(*names))
    return masked, risk_of(ModalSurv(Config()), *complete, scored, seed, folder), scored


@pytest.mark.parametrize("design", ["interaction", "additive", "unimodal", "missing", "null"])
def test_what_it_finds_where_the_truth_is_known(
    design: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bounds are met within two standard errors."""
    others = {"interaction": modalsurv_and_truth, "missing": masked_and_complete}.get(design, modalsurv_and_concat)
    found = compared(design, tmp_path, others)
    with capsys.disabled():
        print(
            f"\n{design}: C {found.first.mean():.3f} against {found.second.mean():.3f} ({others.__name__}), difference "
            f"{found.mean:+.3f} (standard error {found.standard_error:.3f}); seeds {found.first.round(3).tolist()}, "
            f"{found.second.round(3).tolist()}"
        )
    margin = 2 * found.standard_error
    if design == "null":
        assert abs(found.first.mean() - 0.5) <= 0.03
        return
    if design == "interaction":
        above = compared(design, tmp_path, concat_and_truth)
        assert found.first.mean() > above.first.mean() + 0.05
    lowest = {"interaction": -0.03, "additive": -0.02, "unimodal": -0.02, "missing": 0.0}[design]
    assert found.mean >= lowest - margin
