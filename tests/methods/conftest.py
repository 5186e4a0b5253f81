"""A fold of real data, and contexts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks.catalog.loading import load_dataset
from benchmarks.protocol.splits import make_splits
from benchmarks.types import Cohort, Context, FloatArray


@dataclass(frozen=True)
class Fold:
    """Three parts of a cohort and a grid of times."""

    train: Cohort
    validation: Cohort
    test: Cohort
    times: FloatArray


@pytest.fixture(scope="session")
def gbsg2() -> Fold:
    """Return the first fold of the suite's default split of the breast cancer cohort: 439, 110 and 137 patients."""
    loaded = load_dataset("gbsg2")
    split = make_splits(loaded.cohort, folds=5, repeats=1, seed=0)[0]
    parts = (loaded.cohort[rows] for rows in (split.train, split.validation, split.test))
    return Fold(*parts, times=np.linspace(0.0, 2000.0, 201))


@pytest.fixture
def make_context(tmp_path: Path) -> Callable[..., Context]:
    def make(seed: int = 0, **settings: object) -> Context:
        return Context(seed=seed, workdir=tmp_path, **settings)

    return make


@pytest.fixture
def context(make_context: Callable[..., Context]) -> Context:
    return make_context()
