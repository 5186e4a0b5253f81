"""Score a prediction: all measures of the protocol at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from scipy.stats import spearmanr

import metrics
from benchmarks.protocol.measures import FIDELITY, MEASURES, Measure, measure_named
from benchmarks.protocol.protocol import MINIMUM_EVENTS, EvaluationProtocol
from benchmarks.types import FloatArray, Outcome, Prediction, StringArray
from benchmarks.types.score import Score
from metrics.pooled_interval import interval_of_one_fold
from metrics.results import Concordance, DCalibration, IntegratedBrierScore

# Why a prediction of which nothing was said by the method has no score.
UNREAD = "no answer can be read"


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A prediction of n patients with all that its measures are computed from.

    Parameters
    ----------
    protocol : EvaluationProtocol
        Horizon, grid and conventions.
    prepared : PreparedOutcome
        Outcome of the patients and of those trained on.
    prediction : Prediction
        Of the patients.
    strata : array of str, shape (n,), or None
        Concordance counts pairs within a stratum only (convention 16).
    """

    protocol: EvaluationProtocol
    prepared: metrics.PreparedOutcome
    prediction: Prediction
    strata: StringArray | None

    @property
    def curves(self) -> tuple[FloatArray, FloatArray]:
        """Times (T,) and survival (n, T) of a method that has curves."""
        assert self.prediction.survival is not None, "the method has no curves"
        return self.prediction.times, self.prediction.survival


def evaluate(
    protocol: EvaluationProtocol,
    train: Outcome,
    test: Outcome,
    prediction: Prediction,
    *,
    strata: StringArray | None = None,
    prepared: metrics.PreparedOutcome | None = None,
) -> dict[str, Score]:
    """Compute every measure of the protocol.

    Parameters
    ----------
    protocol : EvaluationProtocol
        Horizon and conventions.
    train, test : Outcome
        Of the training patients (censoring weights, reference curve) and of the n predicted ones.
    prediction : Prediction
        Of the n patients.
    strata : array of str, shape (n,), optional
        Concordance counts pairs within a stratum only (convention 16).
    prepared : PreparedOutcome, optional
        What ``prepare(protocol, train, test)`` returned, to share it among the predictions of one fold.

    Returns
    -------
    dict of str to Score
        By measure, in the order of ``MEASURES``; a measure that cannot be computed is there with its reason.
    """
    n_events = int((test.event & (test.time <= protocol.horizon)).sum())
    if n_events < MINIMUM_EVENTS:
        events = "event" if n_events == 1 else "events"
        few = f"{n_events} {events} up to the horizon, the protocol asks for {MINIMUM_EVENTS}"
        return {measure.name: Score.undefined(few) for measure in MEASURES}
    if unread(prediction):
        return {measure.name: Score.undefined(UNREAD) for measure in MEASURES}
    prepared = prepare(protocol, train, test) if prepared is None else prepared
    case = Case(protocol, prepared, prediction, strata)
    scores = _scores(_OF_RISK, case)
    if strata is None:
        scores["harrell_c_unstratified"] = Score.not_applicable("the dataset has no strata")
    else:
        scores |= _scores(_WITH_STRATA, case)
    if prediction.survival is None:
        none = Score.not_applicable("the method has no curves")
        scores |= {measure.name: none for measure in MEASURES if measure.needs == "curves"}
    else:
        scores |= _scores(_OF_CURVES, case)
    return {measure.name: scores[measure.name] for measure in MEASURES}


def unread(prediction: Prediction) -> bool:
    """Return whether no answer of a method that writes can be read: all that it predicts stands in for answers."""
    return prediction.parseable is not None and not prediction.parseable.any()


def prepare(protocol: EvaluationProtocol, train: Outcome, test: Outcome) -> metrics.PreparedOutcome:
    """Sort and weigh the outcome of a fold once for all measures and predictions."""
    return metrics.PreparedOutcome(train.time, train.event, test.time, test.event, protocol.horizon)


def fidelity(
    prepared: metrics.PreparedOutcome,
    student: Prediction,
    teacher: Prediction,
    *,
    strata: StringArray | None = None,
) -> dict[str, Score]:
    """Compare a student with its teacher on the same n patients.

    Parameters
    ----------
    prepared : PreparedOutcome
        Outcome of the patients.
    student, teacher : Prediction
        Of the same patients in the same order, on grids that end at the same time.
    strata : array of str, shape (n,), optional
        As in ``evaluate``.

    Returns
    -------
    dict of str to Score
        The measures of ``FIDELITY``: rank correlation of the risks, mean absolute difference of the probabilities
        of an event by the end of the grid, and the paired difference of Harrell's C with its 95 % interval.
    """
    if unread(student):
        return {measure.name: Score.undefined(UNREAD) for measure in FIDELITY}
    scores = {"teacher_spearman": _spearman(student, teacher)}
    if student.survival is None or teacher.survival is None:
        scores["teacher_mae"] = Score.not_applicable("the method or its teacher has no curves")
    else:
        difference = np.abs(student.survival[:, -1] - teacher.survival[:, -1])
        scores["teacher_mae"] = Score.of(float(difference.mean()))
    scores["teacher_c_difference"] = _difference(prepared, student, teacher, strata)
    return scores


def _spearman(student: Prediction, teacher: Prediction) -> Score:
    if np.ptp(student.risk) == 0 or np.ptp(teacher.risk) == 0:
        return Score.undefined("all risks are equal")
    return Score.of(float(spearmanr(student.risk, teacher.risk).statistic))


def _difference(
    prepared: metrics.PreparedOutcome, student: Prediction, teacher: Prediction, strata: StringArray | None
) -> Score:
    try:
        found = metrics.compare(
            metrics.concordance_index(prepared, student.risk, strata=strata),
            metrics.concordance_index(prepared, teacher.risk, strata=strata),
        )
    except metrics.UndefinedError as error:
        return Score.undefined(str(error))
    return _score(found)


def harrell_c(case: Case) -> Concordance:
    """Return Harrell's C, within strata where there are strata."""
    return metrics.concordance_index(case.prepared, case.prediction.risk, strata=case.strata)


def uno_c(case: Case) -> Concordance:
    """Return Uno's C, within strata where there are strata."""
    return metrics.concordance_index_ipcw(case.prepared, case.prediction.risk, strata=case.strata)


def c_td(case: Case) -> Concordance:
    """Return Antolini's C, within strata where there are strata."""
    return metrics.concordance_index_td(case.prepared, *case.curves, strata=case.strata)


def integrated_brier_score(case: Case) -> IntegratedBrierScore:
    """Return the Brier score integrated over the grid of the protocol."""
    return metrics.integrated_brier_score(case.prepared, *case.curves, grid=case.protocol.times)


def _all_pairs_c(case: Case) -> Concordance:
    return metrics.concordance_index(case.prepared, case.prediction.risk)


def _mean_auc(case: Case) -> metrics.Estimate:
    """Return the mean of the AUC over the times of the grid that have a case before and a control after them."""
    times, prepared = case.protocol.times, case.prepared
    first_event = prepared.time[prepared.event].min()
    at = times[(times >= first_event) & (times < prepared.time.max())]
    if at.size == 0:
        raise metrics.UndefinedError("no time of the grid has an event before and a patient at risk after it")
    return metrics.cumulative_dynamic_auc(prepared, case.prediction.risk, at=at)


def _brier(case: Case) -> metrics.Estimates:
    return metrics.brier_score(case.prepared, *case.curves, at=[case.protocol.horizon])


def _d_calibration(case: Case) -> DCalibration:
    """Judge the curves up to the horizon, where the grid ends: a longer follow-up counts as censored there."""
    horizon, observed = case.protocol.horizon, case.prepared.time
    event, time = case.prepared.event & (observed <= horizon), np.minimum(observed, horizon)
    # An event lies between two times of the grid, or at one: the curves tell the step that it is in.
    before, after = metrics.survival_around_observed(time, *case.curves)
    at_observed = np.where(event, after, metrics.survival_at_observed(time, *case.curves))
    return metrics.d_calibration(at_observed, event, survival_before=before)


def _brier_and_scaled(case: Case) -> "Values":
    found = integrated_brier_score(case)
    return {"ibs": found, "scaled_ibs": found.scaled}


def _calibration_index(case: Case) -> "Values":
    found = metrics.integrated_calibration_index(case.prepared, *case.curves, at=case.protocol.horizon)
    return {"ici": found, "e50": found.e50, "e90": found.e90}


def _calibration_slope(case: Case) -> "Values":
    found = metrics.calibration_slope(case.prepared, *case.curves, at=case.protocol.horizon)
    return {"calibration_slope": found, "calibration_intercept": found.intercept}


def _one_calibration(case: Case) -> float:
    return metrics.one_calibration(case.prepared, *case.curves, at=case.protocol.horizon).p_value


def _likelihood(case: Case) -> metrics.Estimate:
    return metrics.negative_log_likelihood(case.prepared, *case.curves)


Number: TypeAlias = metrics.Estimate | metrics.Estimates | float
Values: TypeAlias = Mapping[str, Number]
Computations: TypeAlias = Mapping[tuple[str, ...], Callable[[Case], Number | Values]]

# What is computed at once, by the names of its measures.
_OF_RISK: Computations = {
    ("harrell_c",): harrell_c,
    ("uno_c",): uno_c,
    ("auc",): _mean_auc,
}
_WITH_STRATA: Computations = {
    ("harrell_c_unstratified",): _all_pairs_c,
}
_OF_CURVES: Computations = {
    ("c_td",): c_td,
    ("ibs", "scaled_ibs"): _brier_and_scaled,
    ("brier",): _brier,
    ("ici", "e50", "e90"): _calibration_index,
    ("calibration_slope", "calibration_intercept"): _calibration_slope,
    ("d_calibration_p",): _d_calibration,
    ("one_calibration_p",): _one_calibration,
    ("nll",): _likelihood,
}


def _scores(computed: "Computations", case: Case) -> dict[str, Score]:
    """Compute measures; a metric that has no value here is the reason of all its measures, a defect is raised."""
    scores: dict[str, Score] = {}
    for names, compute in computed.items():
        try:
            found = compute(case)
        except metrics.UndefinedError as error:
            scores |= dict.fromkeys(names, Score.undefined(str(error)))
            continue
        values = found if isinstance(found, Mapping) else {names[0]: found}
        scores |= {name: _in_protocol(values[name], measure_named(name), case) for name in names}
    return scores


def _in_protocol(found: Number, measure: Measure, case: Case) -> Score:
    """Return the score of a number, with the interval that means over folds have of the measure, if they have one."""
    score = _score(found)
    if measure.interval is None or not isinstance(found, metrics.Estimate):
        return score
    prepared = case.prepared
    in_time = int((prepared.event & (prepared.time <= case.protocol.horizon)).sum())
    events = in_time if measure.averages_over == "events" else None
    return Score.of(found.value, score.standard_error, interval_of_one_fold(found, measure.interval, events=events))


def _score(found: Number) -> Score:
    """Return the score of a number; of several numbers there is one here, that at the horizon."""
    if isinstance(found, DCalibration):
        return replace(Score.of(found.p_value), counts=tuple(found.counts.tolist()), events=found.events)
    if isinstance(found, metrics.Estimates):
        error, interval = found.standard_error, found.interval
        if error is None or interval is None:
            return Score.of(float(found))
        return Score.of(float(found), float(error[0]), (float(interval[0][0]), float(interval[1][0])))
    if isinstance(found, metrics.Estimate):
        return Score.of(float(found), found.standard_error, found.interval)
    return Score.of(float(found))
