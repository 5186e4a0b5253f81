"""From a linear predictor to the partial likelihood and to survival curves.

Sums over risk sets are taken in logarithms: the linear predictors of a network can be so large, or so far apart, that
their exponentials overflow or vanish beside each other.
"""

import numpy as np

from benchmarks.types import FloatArray, Outcome
from methods.shared.curves import proportional_hazards_survival, steps_at


def log_risk_sums(linear_predictor: FloatArray, time: FloatArray, at: FloatArray) -> FloatArray:
    """Return log sum over {j: time_j >= t} of exp(lp_j) for each t of ``at``.

    Parameters
    ----------
    linear_predictor, time : arrays, shape (n,)
        Log hazard ratio and observed time of each patient.
    at : array, shape (m,)
        Times, none later than the last observed one.

    Returns
    -------
    array, shape (m,)
    """
    order = np.argsort(time, kind="stable")
    from_the_end: FloatArray = np.logaddexp.accumulate(linear_predictor[order][::-1])[::-1]
    sums: FloatArray = from_the_end[np.searchsorted(time[order], at, side="left")]
    return sums


def mean_partial_log_likelihood(linear_predictor: FloatArray, outcome: Outcome) -> float:
    """Return Cox's log partial likelihood (ties: Breslow) divided by the number of events; higher is better.

    Parameters
    ----------
    linear_predictor : array, shape (n,)
        Log hazard ratio of each patient.
    outcome : Outcome
        Of the same n patients, at least one event.
    """
    if outcome.n_events == 0:
        raise ValueError("the partial likelihood is not defined without an event")
    sums = log_risk_sums(linear_predictor, outcome.time, outcome.time[outcome.event])
    return float(np.mean(linear_predictor[outcome.event] - sums))


class BreslowCurves:
    """Curves of a proportional hazards model: S(t | x) = exp(-H0(t) exp(lp)), H0 by Breslow (1972).

    H0(t) is the sum over event times t_i <= t of d_i / sum over {j: t_j >= t_i} of exp(lp_j).
    """

    def fit(self, linear_predictor: FloatArray, outcome: Outcome) -> "BreslowCurves":
        """Estimate H0 from n training patients and their linear predictors, shape (n,)."""
        self._knots, events = np.unique(outcome.time[outcome.event], return_counts=True)
        # H0 refers to the mean linear predictor, so that it is of moderate size; curves do not depend on that.
        self._centre = float(np.mean(linear_predictor))
        sums = log_risk_sums(linear_predictor - self._centre, outcome.time, self._knots)
        self._cumulative_hazard = np.cumsum(np.exp(np.log(events) - sums))
        return self

    def cumulative_hazard(self, times: FloatArray) -> FloatArray:
        """Return H0 at T times, shape (T,): of a linear predictor of 0; constant after the last event."""
        of_the_mean = steps_at(self._knots, self._cumulative_hazard, times, before=0.0)
        hazard: FloatArray = np.exp(-self._centre) * of_the_mean
        return hazard

    def survival(self, linear_predictor: FloatArray, times: FloatArray) -> FloatArray:
        """Return the curves of n patients at T times, shape (n, T)."""
        cumulative_hazard = steps_at(self._knots, self._cumulative_hazard, times, before=0.0)
        return proportional_hazards_survival(linear_predictor - self._centre, cumulative_hazard)
