"""Small patients with reports, and students that train in seconds."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.contract.cohort import contract_cohort
from benchmarks.types import Cohort, Context
from methods.llm_distillation.config import Config
from methods.llm_distillation.method import LLMDistillation

TINY: dict[str, Any] = {
    "width": 16,
    "layers": 2,
    "heads": 2,
    "feed_forward": 32,
    "vocabulary": 320,
    "epochs": 1,
    "answer_tokens": 16,
    "max_tokens": 160,
    "components": 4,
    "intervals": 4,
    "precision": "float32",
}


@pytest.fixture(scope="session")
def drawn() -> Cohort:
    """Return drawn patients with a table, expression and reports made of the table."""
    return contract_cohort().only("clinical", "rna", "text")


@pytest.fixture
def fitted(drawn: Cohort, make_context: Callable[..., Context]) -> Callable[..., LLMDistillation]:
    """Fit on 60 drawn patients, or on others, with settings on top of tiny ones."""

    def fit(train: Cohort | None = None, validation: Cohort | None = None, **settings: Any) -> LLMDistillation:
        method = LLMDistillation(Config(**{**TINY, **settings}))
        train = drawn[np.arange(60)] if train is None else train
        method.fit(train, drawn[np.arange(60, 90)] if validation is None else validation, make_context())
        return method

    return fit


@pytest.fixture(scope="session")
def usual(drawn: Cohort, tmp_path_factory: pytest.TempPathFactory) -> LLMDistillation:
    """Return a fit with tiny settings, for tests that change nothing of it for good."""
    method = LLMDistillation(Config(**TINY, long_reports="chunks"))
    context = Context(seed=0, workdir=tmp_path_factory.mktemp("usual"))
    method.fit(drawn[np.arange(60)], drawn[np.arange(60, 90)], context)
    return method
