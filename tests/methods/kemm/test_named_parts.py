"""Drawn patients whose report names what their hazard hangs on: KECM finds it, and what has no such text does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from drawn_knowledge import named_genes, named_regions

import metrics
from benchmarks.protocol.shuffling import shuffle_modalities
from benchmarks.types import Cohort, Context
from methods.abmil import ABMIL
from methods.abmil import Config as AbmilConfig
from methods.kemm import KEMM, Config

TRAINING: dict[str, Any] = {
    "members": 1,
    "learning_rate": 2e-3,
    "weight_decay": 0.01,
    "epochs": 40,
    "patience": 12,
    "width": 32,
    "dropout": 0.1,
}
TEXT: dict[str, Any] = {"report": "raw", "pbk": "off", "text_components": 16, "select_by": "loss"}


def kemm(**changes: Any) -> KEMM:
    return KEMM(Config(**{**TRAINING, **TEXT, **changes}))


def c_of(method: KEMM | ABMIL, cohort: Cohort, context: Context) -> float:
    """Return C of the last fifth of the patients, by a model of the first 65 % that the next 15 % stop."""
    first, second = int(0.65 * len(cohort)), int(0.8 * len(cohort))
    method.fit(cohort[np.arange(first)], cohort[np.arange(first, second)], context)
    test = cohort[np.arange(second, len(cohort))]
    risk = method.predict(test.patients, np.linspace(0.0, 60.0, 61)).risk
    return float(metrics.concordance_index(test.outcome.time, test.outcome.event, risk))


def permuted(cohort: Cohort) -> Cohort:
    return shuffle_modalities(cohort, ["text"], 0)


def test_a_report_that_names_the_regions_is_understood_and_a_permuted_one_is_not(context: Context) -> None:
    cohort, _ = named_regions(500, 12, seed=0)
    assert c_of(kemm(), cohort, context) > 0.7
    assert c_of(kemm(), permuted(cohort), context) < 0.65


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_among_500_regions_the_named_ones_are_found_where_the_mean_is_blind(context: Context) -> None:
    cohort, _ = named_regions(900, 500, seed=0)
    full, blind = c_of(kemm(), cohort, context), c_of(kemm(), permuted(cohort), context)
    mean = c_of(ABMIL(AbmilConfig(pool="mean", **TRAINING)), cohort.only("wsi"), context)
    print(f"named {full:.3f}, permuted {blind:.3f}, mean pooling {mean:.3f}")
    assert full > mean + 0.08
    assert blind < mean + 0.03


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_the_interacting_group_of_genes_is_found_by_texts_that_ask_alone(context: Context) -> None:
    cohort, _ = named_genes(1800, seed=0)
    full, control = (c_of(kemm(kecm=kecm), cohort, context) for kecm in ("on", "off"))
    blind = c_of(kemm(), permuted(cohort), context)
    print(f"named {full:.3f}, learned queries {control:.3f}, permuted {blind:.3f}")
    assert full > control + 0.05
    assert blind < control + 0.05
