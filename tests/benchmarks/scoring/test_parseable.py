"""Scores of the patients whose answer is parseable."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.catalog.loading import load_dataset
from benchmarks.protocol.measures import PARSEABLE
from benchmarks.protocol.protocol import EvaluationProtocol, grid_by_rule
from benchmarks.protocol.splits import make_splits
from benchmarks.scoring.evaluation import evaluate, fidelity, prepare
from benchmarks.scoring.influence import influence_of
from benchmarks.scoring.parseable import on_parseable
from benchmarks.storage.predictions import PREDICTIONS, TEXTS, read_predictions, write_predictions
from benchmarks.types import Cohort, Outcome, PredictedPart, Prediction
from benchmarks.types.score import Score

NAMES = [measure.name for measure in PARSEABLE]


@pytest.fixture
def fold() -> tuple[EvaluationProtocol, Outcome, Outcome, Prediction]:
    """Draw a fold of 120 test patients, with curves, of whom the first 30 have no parseable answer."""
    rng = np.random.default_rng(0)
    lp = rng.normal(size=240)
    time = rng.exponential(300 * np.exp(-lp))
    censoring = rng.uniform(100, 1500, 240)
    outcome = Outcome(np.minimum(time, censoring), time <= censoring)
    protocol = EvaluationProtocol("drawn", grid_by_rule(outcome, 800.0))
    curves = np.exp(-np.exp(lp[120:])[:, None] * protocol.times / 300)
    prediction = Prediction(lp[120:], protocol.times, curves, parseable=np.arange(120) >= 30)
    return protocol, outcome.take(np.arange(120)), outcome.take(np.arange(120, 240)), prediction


def apart(
    fold: tuple[EvaluationProtocol, Outcome, Outcome, Prediction], **changes: object
) -> tuple[Mapping[str, Score], Mapping[str, Score]]:
    protocol, train, test, prediction = fold
    prediction = replace(prediction, **changes)  # type: ignore[arg-type]  # 2026-11-22: fields as a test gives them
    of_all = evaluate(protocol, train, test, prediction)
    return of_all, on_parseable(protocol, train, test, prediction, of_all)


def test_they_are_the_scores_of_the_parseable_patients_alone(fold) -> None:
    protocol, train, test, prediction = fold
    rows = np.flatnonzero(prediction.parseable)
    alone = Prediction(prediction.risk[rows], protocol.times, prediction.survival[rows])
    expected = evaluate(protocol, train, test.take(rows), alone)

    of_all, found = apart(fold)

    assert list(found) == NAMES == ["parseable_harrell_c", "parseable_uno_c", "parseable_c_td", "parseable_ibs"]
    for name, score in found.items():
        assert score == expected[name.removeprefix("parseable_")]
        assert score.value != of_all[name.removeprefix("parseable_")].value


def test_what_stands_in_for_an_answer_has_no_part_in_them(fold) -> None:
    _, _, _, prediction = fold
    risk, survival = prediction.risk.copy(), prediction.survival.copy()
    risk[:30], survival[:30] = -5.0, 1.0

    before, after = apart(fold), apart(fold, risk=risk, survival=survival)

    assert before[1] == after[1]
    assert before[0]["harrell_c"].value > after[0]["harrell_c"].value


def test_with_all_parseable_they_are_those_of_all(fold) -> None:
    of_all, found = apart(fold, parseable=np.ones(120, dtype=bool))
    assert found == {name: of_all[name.removeprefix("parseable_")] for name in NAMES}


def test_nobody_or_too_few_parseable_is_undefined_with_the_reason(fold) -> None:
    _, nobody = apart(fold, parseable=np.zeros(120, dtype=bool))
    assert {score.reason for score in nobody.values()} == {"no answer can be read"}
    _, few = apart(fold, parseable=np.arange(120) < 3)
    assert all("the protocol asks for 5" in score.reason for score in few.values())


def test_without_curves_theirs_do_not_apply(fold) -> None:
    _, found = apart(fold, survival=None)
    assert [score.status for score in found.values()] == ["defined", "defined", "not applicable", "not applicable"]


@pytest.mark.parametrize("parseable", [np.ones(119, dtype=bool), np.ones(120), np.ones((120, 1), dtype=bool)])
def test_a_mask_of_another_kind_is_refused(fold, parseable: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected bool of shape"):
        replace(fold[3], parseable=parseable)


def test_the_mask_is_stored(tmp_path: Path) -> None:
    loaded = load_dataset("whas500")
    cohort: Cohort = loaded.cohort
    split = make_splits(cohort, folds=5, repeats=1, seed=0)[0]
    n = len(split.test)
    times, mask = np.array([0.0, 10.0]), np.arange(n) % 2 == 0
    prediction = Prediction(np.zeros(n), times, parseable=mask, variants={"other": Prediction(np.zeros(n), times)})

    with (tmp_path / PREDICTIONS).open("wb") as file, (tmp_path / TEXTS).open("wb") as texts:
        write_predictions(file, texts, cohort, split, {"test": prediction})
    read = read_predictions(tmp_path).parts["test"].predictions

    np.testing.assert_array_equal(read[""].parseable, mask)
    assert read["other"].parseable is None


def test_where_no_answer_can_be_read_nothing_is_scored(fold) -> None:
    protocol, train, test, prediction = fold
    nobody = replace(prediction, parseable=np.zeros(120, dtype=bool))
    part = PredictedPart(np.arange(120).astype(str), test, None, {"": prediction, "silent": nobody})

    of_all, found = apart(fold, parseable=nobody.parseable)
    prepared = prepare(protocol, train, test)

    reasons = {(score.status, score.reason) for score in [*of_all.values(), *found.values()]}
    assert reasons == {("undefined", "no answer can be read")}
    assert {score.status for score in fidelity(prepared, nobody, prediction).values()} == {"undefined"}
    assert {variant for variant, _ in influence_of(protocol, prepared, part).of} == {""}
