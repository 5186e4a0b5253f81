"""Small networks on drawn patients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from benchmarks.datasets.simulated.adapter import load
from drawn_gene_bags import with_sets

from benchmarks.types import Bags, Cohort, Context, Patients
from methods.kemm import KEMM, Config

SMALL: dict[str, Any] = {
    "epochs": 2,
    "members": 2,
    "width": 8,
    "heads": 2,
    "attention_width": 4,
    "components": 4,
    "text_components": 8,
    "rank": 3,
}
TRAIN, VALIDATION, TEST = np.arange(100), np.arange(100, 120), np.arange(120, 140)

Fitted = Callable[..., KEMM]


@pytest.fixture(scope="session")
def cohort() -> Cohort:
    """Return 140 patients with BLCA's code, of whom about a third each lack report, genes and bag."""
    drawn = load("missing", n=140, seed=0, effect=1.0, missing_share=0.3).only("clinical", "text", "rna", "wsi")
    bags = drawn.patients.bags("wsi")
    modalities = {
        **drawn.patients.modalities,
        "rna": with_sets(drawn.patients.matrix("rna")),
        "wsi": Bags(bags.source, bags.width, present=np.random.default_rng(0).random(140) < 0.7),
    }
    return Cohort(Patients(drawn.patients.ids, modalities), drawn.outcome, "months", disease="BLCA")


@pytest.fixture
def fitted(cohort: Cohort, context: Context) -> Fitted:
    """Return a function that fits a small network on the first 100 patients; the next 20 are the validation part."""

    def fit(shown: Cohort = cohort, **changes: Any) -> KEMM:
        method = KEMM(Config(**{**SMALL, **changes}))
        method.fit(shown[TRAIN], shown[VALIDATION], context)
        return method

    return fit
