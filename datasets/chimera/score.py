"""The score of the CHIMERA challenge, tasks 1 and 3."""

from sksurv.metrics import concordance_index_censored

from benchmarks.types import FloatArray, Outcome


def challenge_concordance(outcome: Outcome, predicted_time: FloatArray) -> float:
    """Return the censored concordance index of the negated predicted time, as the challenge computes it.

    Unlike the suite's own concordance, pairs are counted over all of follow-up, not up to the horizon, and predictions
    within 1e-8 of each other count as tied (``sksurv.metrics.concordance_index_censored``).

    Parameters
    ----------
    outcome : Outcome
        n patients, times in months.
    predicted_time : array, shape (n,)
        Predicted months to the event.

    Raises
    ------
    ValueError
        If no pair of patients is comparable, or a prediction is not finite.
    """
    return float(concordance_index_censored(outcome.event, outcome.time, -predicted_time)[0])
