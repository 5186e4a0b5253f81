"""Patients whose hazard hangs on a word of their note and on a measurement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.types import BoolArray, Cohort, Context, Matrix, Outcome, Patients, Table, Texts
from methods.bertsurv import BertSurv, Config

FILLERS = (
    "Specimen received in formalin.",
    "Sections show tumour.",
    "The margins are free.",
    "Lymph nodes were examined.",
    "Immunostains were done.",
)
SMALL: dict[str, Any] = {
    "encoder": "tfidf",
    "epochs": 6,
    "members": 2,
    "width": 16,
    "note_width": 8,
    "latent_width": 4,
    "components": 4,
    "text_components": 8,
}

Fitted = Callable[..., BertSurv]


def drawn(n: int, seed: int, *, share_with_note: float = 1.0) -> Cohort:
    """Return n patients: the word "necrosis" and the measurement each multiply the hazard; a third are censored."""
    generator = np.random.default_rng(seed)
    word, marker = generator.random(n) < 0.5, generator.normal(size=n)
    texts = []
    for has in word:
        sentences = [*generator.permutation(np.array(FILLERS))[:4], "There is necrosis." if has else "There is mucin."]
        texts.append(" ".join(generator.permutation(np.array(sentences)).tolist()))
    there: BoolArray = generator.random(n) < share_with_note
    event_time = generator.exponential(20 * np.exp(-1.2 * (2.0 * word - 1) - 1.2 * marker))
    censoring = generator.uniform(2, 80, n)
    outcome = Outcome(np.ceil(np.minimum(event_time, censoring)), event_time <= censoring)
    clinical = pd.DataFrame({"marker": marker, "sex": generator.choice(["female", "male"], n)})
    genes = generator.normal(size=(n, 12)).astype(np.float32)
    modalities = {
        "clinical": Table(clinical),
        "rna": Matrix(genes, tuple(f"g{k}" for k in range(12))),
        "text": Texts(tuple(texts), there),
    }
    return Cohort(Patients(np.array([f"p{row}" for row in range(n)]), modalities), outcome, "months")


@pytest.fixture
def make_cohort() -> Callable[..., Cohort]:
    return drawn


@pytest.fixture(scope="session")
def cohort() -> Cohort:
    """Return 160 patients, of whom about a quarter have no note."""
    return drawn(160, seed=0, share_with_note=0.75)


@pytest.fixture
def fitted(cohort: Cohort, context: Context) -> Fitted:
    """Return a function that fits a small network on the first 110 patients, stopped on the next 20."""

    def fit(shown: Cohort = cohort, **changes: Any) -> BertSurv:
        method = BertSurv(Config(**{**SMALL, **changes}))
        method.fit(shown[np.arange(110)], shown[np.arange(110, 130)], context)
        return method

    return fit


@pytest.fixture
def held_out(cohort: Cohort) -> Cohort:
    return cohort[np.arange(130, 160)]
