"""Small slices of the real data sets, and students that train in seconds."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.catalog.loading import load_dataset
from benchmarks.protocol.splits import make_splits
from benchmarks.types import Cohort, Context, Table
from methods.cox_text_generation import Config, CoxTextGeneration
from methods.cox_text_generation.language_model import ModelSize
from methods.cox_text_generation.number_text import NumberFormat
from methods.cox_text_generation.prompts import Style, make_prompts
from methods.cox_text_generation.student import Student

# What an unparseable answer stands for.
MEDIAN = 50.0
TINY = ModelSize(hidden=16, layers=2, heads=2, key_value_heads=1, feed_forward_ratio=2, dropout=0.0)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@cache
def cohort_of(dataset: str) -> Cohort:
    return load_dataset(dataset).cohort.only("clinical")


@cache
def parts_of(dataset: str, fold: int = 0) -> tuple[Cohort, Cohort, Cohort]:
    loaded = load_dataset(dataset)
    # Folds 5, 6, ... are those of the second repeat, and so on.
    splits = make_splits(loaded.cohort, folds=5, repeats=1 + fold // 5, seed=0)
    split = splits[fold]
    return loaded.cohort[split.train], loaded.cohort[split.validation], loaded.cohort[split.test]


@pytest.fixture(scope="session")
def gbsg2() -> Cohort:
    return cohort_of("gbsg2")


@pytest.fixture(scope="session")
def parts() -> Callable[..., tuple[Cohort, Cohort, Cohort]]:
    """Return train, validation and test part of a data set's fold."""
    return parts_of


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(seed=3, workdir=tmp_path)


@pytest.fixture
def times() -> np.ndarray:
    return np.linspace(0.0, 3000.0, 121)


@pytest.fixture
def tiny_student(gbsg2: Cohort, context: Context) -> Callable[..., Student]:
    """Return an untrained student of 40 real patients whose weights are large enough for it to have opinions."""

    def make(number_format: NumberFormat, style: Style = "coded", table: Table | None = None) -> Student:
        table = gbsg2[np.arange(40)].patients.table() if table is None else table
        student = Student(make_prompts(style).fit(table), number_format, MEDIAN, TINY, table, context)
        with torch.no_grad():
            for parameter in student.model.parameters():
                parameter.mul_(8)
        return student

    return make


@pytest.fixture
def fitted(context: Context) -> Callable[..., CoxTextGeneration]:
    """Fit the method on a train and a validation cohort with the given settings."""

    def fit(train: Cohort, validation: Cohort, *, seed: int | None = None, **settings: object) -> CoxTextGeneration:
        method = CoxTextGeneration(Config(**settings))  # type: ignore[arg-type]  # 2026-11-22: settings as a test gives them
        method.fit(train, validation, context if seed is None else replace(context, seed=seed))
        return method

    return fit
