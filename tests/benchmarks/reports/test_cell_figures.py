"""The figures of a cell are drawn from its stored predictions, or say why they cannot be."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.protocol.protocol import EvaluationProtocol, grid_by_rule
from benchmarks.reports.cell_figures import draw_cell
from benchmarks.types import Outcome, PredictedPart, Prediction, StoredPredictions


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    rng = np.random.default_rng(0)
    time, censoring = rng.exponential(300, 120), rng.uniform(100, 1500, 120)
    return Outcome(np.minimum(time, censoring), time <= censoring)


def stored(outcome: Outcome, prediction: Prediction) -> StoredPredictions:
    ids = np.array([str(i) for i in range(len(outcome))])
    part = PredictedPart(ids, outcome, None, {"": prediction, **prediction.variants})
    return StoredPredictions(ids, outcome, {"test": part})


def test_there_is_a_page_a_variant(outcome: Outcome, tmp_path: Path) -> None:
    protocol = EvaluationProtocol("drawn", grid_by_rule(outcome, 800.0))
    risk = -outcome.time + np.random.default_rng(1).normal(0, 100, len(outcome))
    curves = np.exp(-np.exp(risk / 300)[:, None] * protocol.times / 300)
    other = Prediction(risk, protocol.times, curves)
    prediction = Prediction(risk, protocol.times, curves, variants={"expected": other})
    paths = draw_cell(stored(outcome, prediction), protocol, "a method", "days", tmp_path)
    assert [path.name for path in paths] == ["figures.png", "figures-expected.png"]
    assert all(path.stat().st_size > 20_000 for path in paths)


@pytest.mark.parametrize("curves", [True, False])
def test_a_method_without_curves_or_with_equal_risks_is_drawn_too(
    outcome: Outcome, tmp_path: Path, curves: bool
) -> None:
    protocol = EvaluationProtocol("drawn", grid_by_rule(outcome, 800.0))
    survival = np.tile(np.exp(-protocol.times / 300), (len(outcome), 1)) if curves else None
    prediction = Prediction(np.zeros(len(outcome)), protocol.times, survival)
    (path,) = draw_cell(stored(outcome, prediction), protocol, "a method", "days", tmp_path)
    assert path.is_file()
