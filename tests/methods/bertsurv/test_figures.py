"""Figures of stored cells: attention by places, probabilities at a horizon."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.errors import UsageError
from benchmarks.types import MAIN, Cell, Outcome, PredictedPart, Prediction
from methods.bertsurv.figures import draw
from methods.bertsurv.figures.stored_cell import _extremes, _scores

CELL = Cell(
    method="bertsurv",
    entry="methods.bertsurv.method:BertSurv",
    config={},
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
    modalities=("clinical", "text"),
    grid_sha256="",
    threads=1,
    device="cpu",
    code_sha256="",
    libraries={},
)
TIMES = np.array([0.0, 10.0])


@pytest.fixture
def outcome() -> Outcome:
    generator = np.random.default_rng(0)
    return Outcome(generator.uniform(1, 20, 40), generator.random(40) < 0.6)


def part(prediction: Prediction, outcome: Outcome) -> PredictedPart:
    return PredictedPart(np.array([f"p{k}" for k in range(40)]), outcome, None, {MAIN: prediction})


def test_attention_and_probabilities_are_drawn_where_there_are_any(outcome: Outcome, tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    risk = generator.normal(size=40)
    starts = np.where(np.arange(16) < 10, np.arange(16) * 7, -1)[None].repeat(40, axis=0)
    starts[0] = -1
    prediction = Prediction(
        risk,
        TIMES,
        states={
            "word_starts": starts,
            "word_ends": np.where(starts < 0, -1, starts + 5),
            "word_weights": generator.random((40, 32)),
            "own_tokens_weight": generator.random((40, 2)),
            "event_probability": 1 / (1 + np.exp(-risk[:, None])),
        },
        diagnostics={"horizon": 9.0},
    )
    files = draw(CELL, part(prediction, outcome), tmp_path)
    assert [file.name for file in files] == ["attention.png", "horizon.png"]
    assert all(file.stat().st_size > 0 for file in files)


def test_a_cell_without_either_says_what_to_set(outcome: Outcome, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="attention=true or loss=bce"):
        draw(CELL, part(Prediction(np.zeros(40), TIMES), outcome), tmp_path)


def test_the_patients_drawn_are_those_of_lowest_and_highest_risk_with_a_note() -> None:
    there = np.array([True, True, False, True, True, True])
    assert _extremes(np.array([3.0, 1.0, 0.0, 2.0, 5.0, 4.0]), there) == [1, 3, 5, 4]
    assert _extremes(np.array([3.0, 1.0, 0.0]), np.array([False, True, False])) == [1]


def test_scores_at_the_horizon_by_hand() -> None:
    # Nobody is censored: shares of pairs, precision where an event is found (1 and 2 / 3), squares of differences.
    outcome = Outcome(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True] * 4))
    probability = np.array([0.9, 0.4, 0.5, 0.2])
    assert _scores(probability, probability, outcome, 2.5) == "AUC 0.750, precision-recall 0.833, Brier 0.165"
