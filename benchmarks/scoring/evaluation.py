"""Score a prediction: all measures of the protocol at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from scipy.stats import spearmanr

import metrics
from benchmarks.protocol.measures import MEASURES
from benchmarks.protocol.protocol import MINIMUM_EVENTS, EvaluationProtocol
from benchmarks.types import FloatArray, Outcome, Prediction, StringArray

Defined: TypeAlias = Literal["defined", "undefined", "not applicable"]


@dataclass(frozen=True, slots=True)
class Score:
    """One measure of one prediction.

    Parameters
    ----------
    status : {"defined", "undefined", "not applicable"}
        Undefined: the data do not allow it (no comparable pair, say). Not applicable: the method has no curves.
    value, standard_error, low, high : float or None
        The number, its standard error and 95 % interval by the influence function, where there are such.
    reason : str
        Why there is no number.
    """

    status: Defined
    value: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""


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
        few = f"{n_events} events up to the horizon, the protocol asks for {MINIMUM_EVENTS}"
        return {measure.name: Score("undefined", reason=few) for measure in MEASURES}
    prepared = prepare(protocol, train, test) if prepared is None else prepared
    scores = _of_risk(prepared, protocol, prediction, strata)
    if prediction.survival is None:
        none = Score("not applicable", reason="the method has no curves")
        scores |= {measure.name: none for measure in MEASURES if measure.needs == "curves"}
    else:
        scores |= _of_curves(prepared, protocol, test, prediction.times, prediction.survival, strata)
    return {measure.name: scores[measure.name] for measure in MEASURES}


def _of_risk(
    prepared: metrics.PreparedOutcome,
    protocol: EvaluationProtocol,
    prediction: Prediction,
    strata: StringArray | None,
) -> dict[str, Score]:
    risk = prediction.risk
    return {
        "harrell_c": _score(lambda: metrics.concordance_index(prepared, risk, strata=strata)),
        "harrell_c_unstratified": _score(lambda: metrics.concordance_index(prepared, risk))
        if strata is not None
        else Score("not applicable", reason="the dataset has no strata"),
        "uno_c": _score(lambda: metrics.concordance_index_ipcw(prepared, risk, strata=strata)),
        "auc": _score(lambda: _mean_auc(prepared, protocol, risk)),
    }


def _mean_auc(prepared: metrics.PreparedOutcome, protocol: EvaluationProtocol, risk: FloatArray) -> metrics.Estimate:
    """Return the mean of the AUC over the times of the grid that have a case before and a control after them."""
    first_event = prepared.time[prepared.event].min()
    at = protocol.times[(protocol.times >= first_event) & (protocol.times < prepared.time.max())]
    if at.size == 0:
        raise metrics.UndefinedError("no time of the grid has an event before and a patient at risk after it")
    return metrics.cumulative_dynamic_auc(prepared, risk, at=at)


def _of_curves(
    prepared: metrics.PreparedOutcome,
    protocol: EvaluationProtocol,
    test: Outcome,
    times: FloatArray,
    survival: FloatArray,
    strata: StringArray | None,
) -> dict[str, Score]:
    horizon = protocol.horizon
    scores = {
        "c_td": _score(lambda: metrics.concordance_index_td(prepared, times, survival, strata=strata)),
        "nll": _score(lambda: metrics.negative_log_likelihood(prepared, times, survival)),
        "d_calibration_p": _d_calibration(protocol, test, times, survival),
    }
    scores |= _several(
        lambda: metrics.integrated_brier_score(prepared, times, survival, grid=protocol.times),
        ibs=lambda found: found,
        scaled_ibs=lambda found: found.scaled,
    )
    scores |= _brier(prepared, times, survival, horizon)
    scores |= _several(
        lambda: metrics.integrated_calibration_index(prepared, times, survival, at=horizon),
        ici=lambda found: found,
        e50=lambda found: found.e50,
        e90=lambda found: found.e90,
    )
    scores |= _several(
        lambda: metrics.calibration_slope(prepared, times, survival, at=horizon),
        calibration_slope=lambda found: found,
        calibration_intercept=lambda found: found.intercept,
    )
    scores |= _several(
        lambda: metrics.one_calibration(prepared, times, survival, at=horizon),
        one_calibration_p=lambda found: found.p_value,
    )
    return scores


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
    scores = {"teacher_spearman": _spearman(student, teacher)}
    if student.survival is None or teacher.survival is None:
        scores["teacher_mae"] = Score("not applicable", reason="the method or its teacher has no curves")
    else:
        difference = np.abs(student.survival[:, -1] - teacher.survival[:, -1])
        scores["teacher_mae"] = Score("defined", float(difference.mean()))
    scores["teacher_c_difference"] = _score(
        lambda: metrics.compare(
            metrics.concordance_index(prepared, student.risk, strata=strata),
            metrics.concordance_index(prepared, teacher.risk, strata=strata),
        )
    )
    return scores


def _spearman(student: Prediction, teacher: Prediction) -> Score:
    if np.ptp(student.risk) == 0 or np.ptp(teacher.risk) == 0:
        return Score("undefined", reason="all risks are equal")
    return Score("defined", float(spearmanr(student.risk, teacher.risk).statistic))


def _score(compute: Callable[[], Any]) -> Score:
    return _several(compute, value=lambda found: found)["value"]


def _several(compute: Callable[[], Any], **parts: Callable[[Any], Any]) -> dict[str, Score]:
    """Compute once, and make a score of each part of the result; a refusal is the reason of all of them."""
    try:
        found = compute()
    except metrics.UndefinedError as error:
        return {name: Score("undefined", reason=str(error)) for name in parts}
    return {name: _defined(part(found)) for name, part in parts.items()}


def _defined(estimate: Any) -> Score:
    value = float(estimate)
    if not np.isfinite(value):
        return Score("undefined", reason="the value is not finite: an observed outcome has probability 0")
    low, high = getattr(estimate, "interval", None) or (None, None)
    return Score("defined", value, getattr(estimate, "standard_error", None), low, high)


def _brier(
    prepared: metrics.PreparedOutcome, times: FloatArray, survival: FloatArray, horizon: float
) -> dict[str, Score]:
    try:
        found = metrics.brier_score(prepared, times, survival, at=[horizon])
    except metrics.UndefinedError as error:
        return {"brier": Score("undefined", reason=str(error))}
    if found.interval is None or found.standard_error is None:
        return {"brier": Score("defined", float(found))}
    low, high = found.interval
    return {"brier": Score("defined", float(found), float(found.standard_error[0]), float(low[0]), float(high[0]))}


def _d_calibration(protocol: EvaluationProtocol, test: Outcome, times: FloatArray, survival: FloatArray) -> Score:
    """Judge the curves up to the horizon, where the grid ends: a longer follow-up counts as censored there."""
    time = np.minimum(test.time, protocol.horizon)
    event = test.event & (test.time <= protocol.horizon)
    try:
        at_observed = metrics.survival_at_observed(time, times, survival)
        return Score("defined", metrics.d_calibration(at_observed, event).p_value)
    except metrics.UndefinedError as error:
        return Score("undefined", reason=str(error))
