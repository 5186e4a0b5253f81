"""Recalibration mends curves that are wrong on the whole, leaves the order alone, and stands in a row of its own."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sksurv.linear_model import CoxPHSurvivalAnalysis

import metrics
from benchmarks.commandline.app import main
from benchmarks.execution.plan import Request, make_plan
from benchmarks.execution.recalibration import NO_SLOPE, RecalibrationError, recalibrated, recalibration_on
from benchmarks.storage.predictions import read_predictions
from benchmarks.storage.store import Store
from benchmarks.types import MAIN, FloatArray, Outcome, Prediction

TIMES = np.linspace(0.0, 2.0, 41)


def outcome_of(risk: FloatArray, seed: int) -> Outcome:
    """Draw times with hazard exp(risk), about a third of them censored."""
    rng = np.random.default_rng(seed)
    time, censoring = rng.exponential(np.exp(-risk)), rng.uniform(0.2, 4.0, len(risk))
    return Outcome(np.minimum(time, censoring), time <= censoring)


def curves_of(risk: FloatArray, level: float = 1.0) -> Prediction:
    return Prediction(risk, TIMES, np.exp(-level * np.exp(risk)[:, None] * TIMES))


def test_curves_too_extreme_and_too_high_become_the_true_ones() -> None:
    risk = 0.5 * np.random.default_rng(0).normal(size=6000)
    half = np.arange(3000)
    outcome = outcome_of(risk, 1)
    wrong = curves_of(2 * risk, 3.0)
    parts = {"validation": rows(wrong, half), "test": rows(wrong, half + 3000)}
    found = recalibration_on(parts["validation"], outcome.take(half))
    made = recalibrated(parts, outcome.take(half))["test"]
    assert found.slope == pytest.approx(0.5, abs=0.05)
    truth = curves_of(risk).survival
    assert truth is not None
    assert made.survival is not None
    assert np.abs(made.survival - truth[3000:]).mean() < 0.02
    assert np.abs(parts["test"].survival - truth[3000:]).mean() > 0.1


def rows(prediction: Prediction, chosen: np.ndarray) -> Prediction:
    assert prediction.survival is not None
    return Prediction(prediction.risk[chosen], prediction.times, prediction.survival[chosen])


def test_slope_and_baseline_are_those_of_scikit_survival() -> None:
    risk = np.random.default_rng(2).normal(size=300)
    outcome = outcome_of(0.5 * risk, 3)
    prediction = curves_of(risk, 0.4)
    z = np.log(-np.log(prediction.survival[:, -1]))
    theirs = CoxPHSurvivalAnalysis(ties="efron").fit(z[:, None], outcome.as_structured())
    found = recalibration_on(prediction, outcome)
    assert found.slope == pytest.approx(theirs.coef_[0], abs=1e-6)
    at_events = np.unique(outcome.time[outcome.event & (outcome.time < TIMES[-1])])
    functions = theirs.predict_survival_function(z[:5, None])
    # The curves end at 2, where z is taken; the baseline is compared where it is estimated.
    grid = np.append(at_events, TIMES[-1])
    first = Prediction(risk[:5], grid, np.exp(-0.4 * np.exp(risk[:5])[:, None] * grid))
    expected = np.array([function(at_events) for function in functions])
    np.testing.assert_allclose(found.of(first).survival[:, :-1], expected, atol=1e-5)


def test_the_order_of_the_patients_is_left_alone() -> None:
    risk = 0.5 * np.random.default_rng(4).normal(size=400)
    outcome = outcome_of(0.7 * risk, 5)
    prediction = curves_of(risk)
    made = recalibrated({"validation": prediction}, outcome)["validation"]
    np.testing.assert_array_equal(made.risk, prediction.risk)
    before, after = (
        float(metrics.concordance_index_td(outcome.time, outcome.event, TIMES, row.survival))
        for row in (prediction, made)
    )
    assert before == after


def test_patients_are_told_apart_before_the_first_event_of_the_validation_part() -> None:
    risk = np.array([-1.0, 0.0, 1.0, 0.5])
    late = Outcome(np.array([1.8, 1.6, 1.5, 1.7]), np.ones(4, dtype=bool))
    prediction = curves_of(risk)
    found = recalibration_on(prediction, late)
    made = found.of(prediction)
    assert found.slope > 0
    assert made.survival is not None
    assert (np.diff(made.survival[np.argsort(risk)][:, 1]) < 0).all()


def test_with_a_slope_that_is_not_above_0_all_get_one_curve_and_a_warning_says_so() -> None:
    risk = np.random.default_rng(6).normal(size=400)
    outcome = outcome_of(-risk, 7)
    with pytest.warns(UserWarning, match=NO_SLOPE[:40]):
        made = recalibrated({"validation": curves_of(risk)}, outcome)["validation"]
    assert made.survival is not None
    assert len({row.tobytes() for row in made.survival}) == 1
    times, deaths = np.unique(outcome.time[outcome.event], return_counts=True)
    at_risk = [np.sum(outcome.time >= time) for time in times]
    nelson_aalen = np.interp(TIMES, [0.0, *times], [0.0, *np.cumsum(deaths / at_risk)])
    np.testing.assert_allclose(made.survival[0], np.exp(-nelson_aalen), rtol=1e-12)
    np.testing.assert_array_equal(made.risk, risk)


def test_the_same_curve_for_everybody_gets_another_baseline_and_no_warning() -> None:
    same = Prediction(np.zeros(200), TIMES, np.tile(np.exp(-TIMES / 9), (200, 1)))
    outcome = outcome_of(np.zeros(200), 8)
    made = recalibrated({"validation": same}, outcome)["validation"]
    assert made.survival is not None
    np.testing.assert_allclose(made.survival[0], metrics.kaplan_meier(outcome.time, outcome.event).at(TIMES), atol=0.02)


def test_variants_are_recalibrated_each_by_itself() -> None:
    risk = 0.3 * np.random.default_rng(9).normal(size=500)
    outcome = outcome_of(risk, 10)
    plain = Prediction(risk, TIMES)
    given = replace(curves_of(risk), variants={"extreme": curves_of(3 * risk), "plain": plain})
    made = recalibrated({"validation": given}, outcome)["validation"]
    assert made.variants["plain"] is plain
    np.testing.assert_allclose(made.survival, made.variants["extreme"].survival, atol=1e-6)


def test_what_cannot_be_recalibrated_is_an_error() -> None:
    risk = np.random.default_rng(11).normal(size=50)
    outcome = outcome_of(risk, 12)
    with pytest.raises(RecalibrationError, match="the method has no curves"):
        recalibrated({"validation": Prediction(risk, TIMES)}, outcome)
    nobody = Outcome(outcome.time, np.zeros(50, dtype=bool))
    with pytest.raises(RecalibrationError, match="no patient of the validation part has an event"):
        recalibrated({"validation": curves_of(risk)}, nobody)


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    return int(exit_.value.code or 0)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    run = ("run", "--dataset", "whas500", "--folds", "3", "--method", "cox_ph,kaplan_meier", "--results", str(folder))
    assert call(*run) == call(*run, "--recalibrate") == 0
    return folder


def test_a_recalibrated_row_stands_beside_its_own_with_the_same_concordance(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert call("leaderboard", "--json", "--results", str(results)) == 0
    rows_ = {row["name"]: row for row in json.loads(capsys.readouterr().out)["boards"][0]["rows"]}
    assert sorted(rows_) == ["cox_ph", "cox_ph, recalibrated", "kaplan_meier", "kaplan_meier, recalibrated"]
    one, other = (rows_[name]["row"]["averages"] for name in ("cox_ph", "cox_ph, recalibrated"))
    assert one["harrell_c"] == other["harrell_c"]
    assert one["ibs"]["mean"] != other["ibs"]["mean"]
    assert rows_["cox_ph, recalibrated"]["gain"]["over"] == "cox_ph"
    assert rows_["cox_ph"]["gain"] is None


def test_the_stored_curves_are_the_recalibrated_ones(results: Path) -> None:
    store = Store.open(results)
    found = {}
    for key in store:
        record = store.read_record(key)
        if record.cell.method == "cox_ph" and record.cell.fold == 0:
            found[record.cell.recalibrated] = read_predictions(store.folder(key)).parts
    plain = {name: part.predictions[MAIN] for name, part in found[False].items()}
    made = recalibrated(plain, found[False]["validation"].outcome)
    for name, part in found[True].items():
        np.testing.assert_array_equal(part.predictions[MAIN].survival, made[name].survival)
        np.testing.assert_array_equal(part.predictions[MAIN].risk, plain[name].risk)


def test_recalibration_is_part_of_the_key_and_its_absence_is_not() -> None:
    request = Request(methods="kaplan_meier", datasets="whas500", only_folds=[0])
    plain, other = (make_plan(each).cells[0].cell for each in (request, replace(request, recalibrate=True)))
    assert plain.key == replace(other, recalibrated=False).key != other.key
    assert other.label == "kaplan_meier, recalibrated on whas500, repeat 0, fold 0"


@pytest.mark.parametrize(
    ("arguments", "gives"),
    [(["--validation", "merge"], "--validation merge"), (["--tune", "2", "--tune-refit"], "--tune-refit")],
)
def test_without_a_validation_part_it_is_refused(
    arguments: list[str], gives: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("run", "--method", "cox_ph", "--dataset", "whas500", "--recalibrate", *arguments) == 2
    said = f"error: --recalibrate: it is fitted on the validation part, which {gives} gives to the training\n"
    assert capsys.readouterr().err == said
