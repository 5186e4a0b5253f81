"""Case-control sampling from risk sets, and the curves of a relative risk that depends on time."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from benchmarks.types import FloatArray, IntArray, Outcome

# Log relative risk g(t, x) of n patients, whose features the function knows, at one time: shape (n,).
LogRelativeRisk: TypeAlias = Callable[[float], FloatArray]


class RiskSets:
    """Who is at risk when a patient has an event: everybody whose time is not shorter.

    Parameters
    ----------
    outcome : Outcome
        Of n patients.
    """

    def __init__(self, outcome: Outcome) -> None:
        order = np.argsort(outcome.time, kind="stable")
        self._order = order
        cases = order[outcome.event[order]]
        self.cases: IntArray = cases
        """Rows of the m patients with an event, by time."""
        self._first = np.searchsorted(outcome.time[order], outcome.time[cases], side="left")

    def controls(self, chosen: IntArray, count: int, generator: np.random.Generator) -> IntArray:
        """Draw rows at risk, with replacement, for some of the cases.

        Parameters
        ----------
        chosen : array of int, shape (b,)
            Positions in ``cases``.
        count : int
            Controls for each case; the case itself may be drawn.
        generator : Generator
            Source of the draws.

        Returns
        -------
        array of int, shape (count, b)
        """
        first = self._first[chosen]
        drawn: IntArray = self._order[generator.integers(first, len(self._order), size=(count, len(chosen)))]
        return drawn


class RelativeRiskCurves:
    """S(t | x) = exp(-sum over event times t_i <= t of h_i exp g(t_i, x)), with Breslow's h_i.

    h_i = d_i / sum over {j: t_j >= t_i} of exp g(t_i, x_j) (Kvamme, Borgan & Scheel 2019). All in logarithms, so that
    a large g makes S zero and nothing else.
    """

    def fit(self, log_relative_risk: LogRelativeRisk, outcome: Outcome) -> "RelativeRiskCurves":
        """Estimate h_i from g of the n training patients."""
        self._knots, events = np.unique(outcome.time[outcome.event], return_counts=True)
        sums = [np.logaddexp.reduce(log_relative_risk(t)[outcome.time >= t]) for t in self._knots]
        self._log_hazard = np.log(events) - np.array(sums)
        return self

    def survival(self, log_relative_risk: LogRelativeRisk, times: FloatArray) -> FloatArray:
        """Return the curves of n patients, given by their g, at T times, shape (n, T)."""
        log_hazards = [h + log_relative_risk(t) for h, t in zip(self._log_hazard, self._knots, strict=True)]
        with np.errstate(over="ignore"):
            cumulative = np.cumsum(np.exp(np.array(log_hazards)), axis=0)
        padded = np.concatenate([np.zeros((1, cumulative.shape[1])), cumulative])
        survival: FloatArray = np.exp(-padded[np.searchsorted(self._knots, times, side="right")].T)
        return survival
