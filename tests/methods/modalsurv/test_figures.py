"""Gate weights and attention of a stored cell are drawn; a fusion without weights says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Outcome, PredictedPart, Prediction
from methods.modalsurv.figures import draw


class Stored:
    """The part of a cell that the figure reads."""

    label = "modalsurv on somewhere, repeat 0, fold 0"
    modalities = ("clinical", "rna", "wsi")
    config = {"fusion": "concat"}  # noqa: RUF012  # 2026-11-26: stands for a cell's mapping


def part(states: dict[str, np.ndarray]) -> PredictedPart:
    n = 20
    outcome = Outcome(np.arange(1.0, n + 1), np.arange(n) % 2 == 0)
    prediction = Prediction(np.zeros(n), np.array([0.0, 1.0]), states=states)
    ids = np.array([f"p{row}" for row in range(n)])
    return PredictedPart(ids=ids, outcome=outcome, strata=None, predictions={MAIN: prediction})


def test_the_weights_are_drawn_with_and_without_attention(tmp_path: Path) -> None:
    gate = np.random.default_rng(0).dirichlet(np.ones(3), 20)
    gate[:5, 2] = 0
    attention = np.full((20, 9), 0.5)
    for states in ({"gate": gate}, {"gate": gate, "attention": attention}):
        (path,) = draw(Stored(), part(states), tmp_path)  # type: ignore[arg-type]  # 2026-11-26: a stand-in for a cell
        assert path.stat().st_size > 10_000


def test_a_fusion_without_weights_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="fusion=concat has no weights"):
        draw(Stored(), part({}), tmp_path)  # type: ignore[arg-type]  # 2026-11-26: a stand-in for a cell
