"""A small cohort of which some patients lack expression or the bag."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.datasets.simulated.adapter import load

from benchmarks.types import Bags, Cohort, Patients


@pytest.fixture(scope="session")
def cohort() -> Cohort:
    """Return 160 patients, of whom about a third have no expression and about a third no bag."""
    drawn = load("missing", n=160, seed=0, effect=1.0, missing_share=0.3).only("clinical", "rna", "wsi")
    bags = drawn.patients.bags("wsi")
    there = np.random.default_rng(0).random(160) < 0.7
    modalities = {**drawn.patients.modalities, "wsi": Bags(bags.source, bags.width, present=there)}
    return Cohort(Patients(drawn.patients.ids, modalities), drawn.outcome, "months")
