"""The partial likelihood of Cox (1972) with Efron's (1977) ties: value, gradient and Hessian.

Sums over risk sets are taken in logarithms, so that no linear predictor overflows or vanishes beside another one.
"""

from itertools import pairwise

import numpy as np

from benchmarks.types import FloatArray, Outcome

# Sums over risk sets that differ by no more than this factor's exponential are scaled together.
WIDEST = 500.0


class EfronLikelihood:
    """Negative log partial likelihood of coefficients b, summed over the events; times are tied if they are equal.

    With R(t) the patients at risk at t and D(t) the d patients with an event at t, each event time contributes

        - sum over D of x'b + sum over l = 0 .. d-1 of log(sum over R of exp(x'b) - (l / d) sum over D of exp(x'b)).

    Parameters
    ----------
    features : array, shape (n, p)
        One row per patient.
    outcome : Outcome
        Of the same n patients, at least one event.
    """

    def __init__(self, features: FloatArray, outcome: Outcome) -> None:
        if outcome.n_events == 0:
            raise ValueError("the partial likelihood is not defined without an event")
        # Latest first, so that the risk set of a patient is what stands before the end of its tied times.
        order = np.argsort(-outcome.time, kind="stable")
        time = outcome.time[order]
        self._features = features[order]
        self._event = np.asarray(outcome.event[order])
        self._event_rows = np.flatnonzero(self._event)
        # The d events of one time stand side by side; `_first` is where each group begins among the events.
        knots, self._first, deaths = np.unique(-time[self._event_rows], return_index=True, return_counts=True)
        self._risk_end = np.searchsorted(-time, knots, side="right") - 1
        self._group = np.repeat(np.arange(len(knots)), deaths)
        self._share = (np.arange(len(self._group)) - self._first[self._group]) / deaths[self._group]
        with np.errstate(divide="ignore"):
            self._log_share = np.log(self._share)
        # Latest event time at which a patient was at risk; the groups from there to the end are all of them.
        self._latest = np.searchsorted(knots, -time, side="left")

    def value(self, coefficients: FloatArray) -> float:
        """Return the negative log partial likelihood."""
        linear_predictor = self._features @ coefficients
        log_sums = self._log_sums(linear_predictor)[2]
        return float(np.sum(log_sums) - np.sum(linear_predictor[self._event_rows]))

    def derivatives(self, coefficients: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the gradient, shape (p,), and the Hessian, shape (p, p), of the negative log partial likelihood."""
        linear_predictor = self._features @ coefficients
        log_at_risk, log_events, log_sums = self._log_sums(linear_predictor)
        expected = self._expected_events(linear_predictor, log_sums)
        gradient = self._features.T @ (expected - self._event)
        means = self._means(linear_predictor, log_at_risk, log_events)
        hessian = self._features.T @ (expected[:, None] * self._features) - means.T @ means
        return gradient, hessian

    def _log_sums(self, linear_predictor: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the logarithms of the sums over the patients from the latest time on, over D, and of the terms."""
        log_at_risk: FloatArray = np.logaddexp.accumulate(linear_predictor)
        log_events: FloatArray = np.logaddexp.reduceat(linear_predictor[self._event_rows], self._first)
        of_group = log_at_risk[self._risk_end]
        share_of_events = np.exp(log_events - of_group)[self._group]
        log_sums: FloatArray = of_group[self._group] + np.log1p(-self._share * share_of_events)
        return log_at_risk, log_events, log_sums

    def _expected_events(self, linear_predictor: FloatArray, log_sums: FloatArray) -> FloatArray:
        """Return how many events of each patient the model expects, shape (n,): its cumulative hazard."""
        log_hazards = np.logaddexp.reduceat(-log_sums, self._first)
        # Groups run from the latest time to the earliest; hazards add up from the earliest on.
        log_cumulative = np.append(np.logaddexp.accumulate(log_hazards[::-1])[::-1], -np.inf)
        expected: FloatArray = np.exp(linear_predictor + log_cumulative[self._latest])
        # In the terms of its own time an event counts with 1 - l / d only.
        log_excess = np.logaddexp.reduceat(self._log_share - log_sums, self._first)[self._group]
        expected[self._event_rows] -= np.exp(linear_predictor[self._event_rows] + log_excess)
        return expected

    def _means(self, linear_predictor: FloatArray, log_at_risk: FloatArray, log_events: FloatArray) -> FloatArray:
        """Return the mean features of the patients at risk, of every term, shape (number of events, p)."""
        means = risk_set_means(self._features, linear_predictor, log_at_risk)[self._risk_end]
        if len(self._first) == len(self._group):
            return means
        weights = np.exp(linear_predictor[self._event_rows] - log_events[self._group])
        of_events = np.add.reduceat(weights[:, None] * self._features[self._event_rows], self._first)
        away = (self._share * np.exp(log_events - log_at_risk[self._risk_end])[self._group])[:, None]
        tied: FloatArray = (means[self._group] - away * of_events[self._group]) / (1 - away)
        return tied


def risk_set_means(features: FloatArray, linear_predictor: FloatArray, log_sums: FloatArray) -> FloatArray:
    """Return the means of the first 1, 2, ..., n rows of ``features``, weighted by exp(lp), shape (n, p).

    Parameters
    ----------
    features : array, shape (n, p)
    linear_predictor : array, shape (n,)
    log_sums : array, shape (n,)
        Logarithms of the running sums of exp(lp).
    """
    means = np.empty_like(features)
    block = np.floor((log_sums - log_sums[0]) / WIDEST)
    bounds = [0, *(np.flatnonzero(np.diff(block)) + 1), len(block)]
    for start, end in pairwise(bounds):
        scale = log_sums[end - 1]
        sums = np.cumsum(np.exp(linear_predictor[start:end] - scale)[:, None] * features[start:end], axis=0)
        if start:
            sums += np.exp(log_sums[start - 1] - scale) * means[start - 1]
        means[start:end] = sums / np.exp(log_sums[start:end] - scale)[:, None]
    return means
