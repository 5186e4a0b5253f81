"""All measures at once: defined, undefined with the reason, or not applicable."""

import numpy as np
import pytest

import metrics
from benchmarks.protocol.measures import FIDELITY, MEASURES
from benchmarks.protocol.protocol import EvaluationProtocol, grid_by_rule
from benchmarks.scoring.evaluation import evaluate, fidelity, prepare
from benchmarks.types import Outcome, Prediction

TRUE_RATE = 1 / 300


@pytest.fixture(scope="module")
def fold() -> tuple[EvaluationProtocol, Outcome, Outcome, np.ndarray]:
    """Exponential survival times with known log hazard ratios, half of the patients for training."""
    rng = np.random.default_rng(0)
    lp = rng.normal(size=400)
    time = rng.exponential(1 / (TRUE_RATE * np.exp(lp)))
    censoring = rng.uniform(100, 1500, 400)
    outcome = Outcome(np.minimum(time, censoring), time <= censoring)
    protocol = EvaluationProtocol("drawn", grid_by_rule(outcome, 800.0))
    half = np.arange(200)
    return protocol, outcome.take(half), outcome.take(half + 200), lp[200:]


def true_prediction(protocol: EvaluationProtocol, lp: np.ndarray) -> Prediction:
    return Prediction(lp, protocol.times, np.exp(-TRUE_RATE * np.exp(lp)[:, None] * protocol.times))


def test_the_truth_scores_well_on_every_measure(fold) -> None:
    protocol, train, test, lp = fold
    scores = evaluate(protocol, train, test, true_prediction(protocol, lp))
    assert list(scores) == [measure.name for measure in MEASURES]
    assert [name for name, s in scores.items() if s.status != "defined"] == ["harrell_c_unstratified"]
    value = {name: score.value for name, score in scores.items()}
    assert value["harrell_c"] > 0.7
    assert value["c_td"] == pytest.approx(value["harrell_c"], abs=1e-12)
    assert value["scaled_ibs"] > 0.2
    assert value["ici"] < 0.08
    assert value["d_calibration_p"] > 0.05
    assert value["one_calibration_p"] > 0.01
    assert value["auc"] > value["harrell_c"]
    assert value["calibration_slope"] == pytest.approx(1.0, abs=0.3)
    assert value["calibration_intercept"] == pytest.approx(0.0, abs=0.3)
    assert value["e50"] <= value["e90"]
    assert scores["harrell_c"].low < value["harrell_c"] < scores["harrell_c"].high


def test_with_strata_the_concordance_over_all_pairs_stands_beside(fold) -> None:
    protocol, train, test, lp = fold
    strata = np.where(np.arange(len(lp)) < 100, "one", "other")
    prediction = Prediction(lp + 5 * (strata == "one"), protocol.times)
    within = evaluate(protocol, train, test, prediction, strata=strata)
    plain = evaluate(protocol, train, test, Prediction(lp, protocol.times))
    assert within["harrell_c"].value == pytest.approx(plain["harrell_c"].value, abs=0.05)
    assert within["harrell_c_unstratified"].value < within["harrell_c"].value - 0.05
    assert plain["harrell_c_unstratified"].reason == "the dataset has no strata"


def test_the_observed_time_beyond_the_horizon_counts_as_censored_for_d_calibration(fold) -> None:
    protocol, train, test, lp = fold
    longer = Outcome(np.where(test.time > protocol.horizon, 10 * test.time, test.time), test.event)
    prediction = true_prediction(protocol, lp)
    first = evaluate(protocol, train, test, prediction)["d_calibration_p"]
    assert evaluate(protocol, train, longer, prediction)["d_calibration_p"] == first


def test_a_test_part_that_ends_before_the_horizon_has_no_measure_at_it(fold) -> None:
    protocol, train, test, lp = fold
    early = test.time < 0.9 * protocol.horizon
    shorter = Outcome(test.time[early], test.event[early])
    prediction = true_prediction(protocol, lp[early])
    scores = evaluate(protocol, train, shorter, prediction)
    for name in ("ibs", "scaled_ibs", "brier", "ici", "calibration_slope", "one_calibration_p"):
        assert scores[name].status == "undefined"
        assert "beyond the last observed time" in scores[name].reason
    assert scores["harrell_c"].status == scores["d_calibration_p"].status == "defined"


def test_distribution_calibration_keeps_its_bins_and_the_steps_of_the_curves(fold) -> None:
    protocol, train, test, _ = fold
    curve = metrics.kaplan_meier(test.time, test.event).at(protocol.times)
    found = evaluate(protocol, train, test, Prediction(np.arange(200.0), protocol.times, np.tile(curve, (200, 1))))
    score = found["d_calibration_p"]
    assert sum(score.counts) == pytest.approx(200)
    assert score.events == np.sum(test.event & (test.time <= protocol.horizon))
    np.testing.assert_allclose(score.counts, 20.0, atol=0.5)
    assert {score.counts for name, score in found.items() if name != "d_calibration_p"} == {()}


def test_without_curves_curve_measures_are_not_applicable(fold) -> None:
    protocol, train, test, lp = fold
    scores = evaluate(protocol, train, test, Prediction(lp, protocol.times))
    status = {name: score.status for name, score in scores.items()}
    assert status.pop("harrell_c") == status.pop("uno_c") == status.pop("auc") == "defined"
    assert set(status.values()) == {"not applicable"}


def test_too_few_events_leave_everything_undefined_with_the_reason(fold) -> None:
    protocol, train, test, lp = fold
    event = test.event.copy()
    event[np.flatnonzero(event)[4:]] = False
    scores = evaluate(protocol, train, Outcome(test.time, event), true_prediction(protocol, lp))
    assert {score.status for score in scores.values()} == {"undefined"}
    assert "the protocol asks for 5" in scores["ibs"].reason
    assert list(scores) == [measure.name for measure in MEASURES]


def test_no_censoring_support_is_undefined_and_leaves_the_others(fold) -> None:
    protocol, train, test, lp = fold
    # Nobody in the training part is followed to the horizon: there are no weights there.
    short = Outcome(np.minimum(train.time, 300.0), train.event & (train.time <= 300.0))
    scores = evaluate(protocol, short, test, true_prediction(protocol, lp))
    assert scores["harrell_c"].status == "defined"
    assert scores["ibs"].status == "undefined"
    assert scores["ibs"].reason


@pytest.mark.parametrize(
    "name", ["concordance_index_ipcw", "integrated_brier_score", "brier_score", "survival_at_observed", "d_calibration"]
)
def test_a_defect_of_a_metric_is_no_reason_for_a_missing_score(
    fold, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    protocol, train, test, lp = fold

    def defective(*_: object, **__: object) -> None:
        raise ValueError("operands could not be broadcast together")

    monkeypatch.setattr(metrics, name, defective)
    with pytest.raises(ValueError, match="could not be broadcast"):
        evaluate(protocol, train, test, true_prediction(protocol, lp))


def test_a_grid_without_a_time_between_events_and_follow_up_has_no_auc(fold) -> None:
    protocol, train, test, lp = fold
    # All events before the second time of the grid, nobody is followed beyond it.
    short = Outcome(np.linspace(0.1, 0.9, len(lp)) * protocol.times[1], test.event)
    found = evaluate(protocol, train, short, true_prediction(protocol, lp))
    assert found["auc"].status == "undefined"
    assert found["auc"].reason == "no time of the grid has an event before and a patient at risk after it"


def test_a_student_equal_to_its_teacher_is_faithful(fold) -> None:
    protocol, train, test, lp = fold
    teacher = true_prediction(protocol, lp)
    scores = fidelity(prepare(protocol, train, test), teacher, teacher)
    assert list(scores) == [measure.name for measure in FIDELITY]
    assert scores["teacher_spearman"].value == pytest.approx(1.0)
    assert scores["teacher_mae"].value == 0.0
    assert scores["teacher_c_difference"].value == 0.0


def test_a_noisy_student_is_less_faithful(fold) -> None:
    protocol, train, test, lp = fold
    noisy = lp + np.random.default_rng(1).normal(size=len(lp))
    scores = fidelity(prepare(protocol, train, test), true_prediction(protocol, noisy), true_prediction(protocol, lp))
    assert 0.5 < scores["teacher_spearman"].value < 0.9
    assert scores["teacher_mae"].value > 0.05
    assert scores["teacher_c_difference"].low < scores["teacher_c_difference"].value < 0
