"""What a trial is judged by: measures of the protocol, on patients it was not trained on."""

from collections.abc import Callable, Sequence

import metrics
from benchmarks.protocol.protocol import EvaluationProtocol
from benchmarks.types import Cohort, FloatArray, Outcome, Prediction


class ObjectiveError(ValueError):
    """The objective has no value for a prediction; the message says why."""


def objective_values(
    measures: Sequence[str], protocol: EvaluationProtocol, train: Outcome, held_out: Cohort, prediction: Prediction
) -> tuple[float, ...]:
    """Return the measures of a prediction of held-out patients.

    Parameters
    ----------
    measures : sequence of {"c_td", "harrell_c", "ibs"}
        Concordance is counted within strata, where the cohort has some.
    protocol : EvaluationProtocol
        With horizon and grid.
    train : Outcome
        Of the patients trained on: the censoring weights of the Brier score.
    held_out : Cohort
        n patients.
    prediction : Prediction
        Of them.

    Raises
    ------
    ObjectiveError
        If a measure is undefined on these patients, or the method has no curves.
    """
    outcome = held_out.outcome
    prepared = metrics.PreparedOutcome(train.time, train.event, outcome.time, outcome.event, protocol.horizon)

    def curves() -> tuple[FloatArray, FloatArray]:
        if prediction.survival is None:
            raise ObjectiveError("the method has no curves to be judged by; take --tune-objective harrell_c")
        return prediction.times, prediction.survival

    computed: dict[str, Callable[[], metrics.Estimate]] = {
        "harrell_c": lambda: metrics.concordance_index(prepared, prediction.risk, strata=held_out.strata),
        "c_td": lambda: metrics.concordance_index_td(prepared, *curves(), strata=held_out.strata),
        "ibs": lambda: metrics.integrated_brier_score(prepared, *curves(), grid=protocol.times),
    }
    values = []
    for measure in measures:
        try:
            values.append(float(computed[measure]().value))
        except metrics.UndefinedError as error:
            raise ObjectiveError(f"{measure} is undefined on the patients that it is judged on: {error}") from None
    return tuple(values)
