"""Cohorts that are drawn, and what a model of them is worth in the population they are drawn from.

Log hazards are the sum of five normal covariates, weighted; event times are Weibull, censoring is uniform. A Cox model
that is fitted on a cohort has a linear risk, which with the log hazard is bivariate normal: how well it does in the
population hangs on their correlation, on the size of its coefficients and on its baseline hazard alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PAIRS = 3_000_000
CORRELATIONS = np.linspace(0.0, 1.0, 41)
# The part of the comparable pairs whose earlier event is before the first step of a curve: the few first events.
EARLY = np.linspace(0.0, 0.2, 41)
NODES = 16


@dataclass(frozen=True, slots=True)
class Scenario:
    """A population: its hazards, its censoring, the horizon, and how many patients a cohort has."""

    name: str
    patients: int
    effect: float
    rate: float
    shape: float
    censoring: tuple[float, float]
    horizon: float

    @property
    def coefficients(self) -> np.ndarray:
        """Weights of the five covariates, of which two do nothing."""
        return self.effect / np.sqrt(3) * np.array([1.0, 1.0, 1.0, 0.0, 0.0])

    def event_times(self, log_hazard: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Draw the time of the event of each patient."""
        return (random.exponential(size=log_hazard.shape) * np.exp(-log_hazard) / self.rate) ** (1 / self.shape)

    def observe(self, log_hazard: np.ndarray, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw observed times and events."""
        time = self.event_times(log_hazard, random)
        censoring = random.uniform(*self.censoring, size=time.shape)
        return np.minimum(time, censoring), time <= censoring

    def draw(self, random: np.random.Generator, patients: int | None = None) -> tuple[np.ndarray, ...]:
        """Draw covariates, times and events of a cohort."""
        covariates = random.normal(size=(self.patients if patients is None else patients, 5))
        return covariates, *self.observe(covariates @ self.coefficients, random)


HALF = Scenario("half", 500, 0.9, 0.75, 1.2, (0.0, 2.2), 1.5)
RARE = Scenario("rare", 1150, 1.0, 0.05, 1.0, (0.3, 1.1), 0.9)
SCENARIOS = (HALF, RARE)


@dataclass(frozen=True, slots=True)
class FittedModel:
    """A Cox model: coefficients, and cumulative baseline hazard at the grid times."""

    coefficients: np.ndarray
    hazard: np.ndarray


class Population:
    """The value of a fitted model on all patients of a scenario.

    Concordance is counted once on three million random pairs, for each of 41 correlations of risk and log hazard
    between which it is interpolated; Brier scores are integrals over the bivariate normal distribution, by
    Gauss-Hermite quadrature.
    """

    def __init__(self, scenario: Scenario, seed: int = 0) -> None:
        self.scenario = scenario
        random = np.random.default_rng([seed, 1])
        true, other = random.normal(size=(2, 2, PAIRS))
        log_hazard = scenario.effect * true
        observed, event = scenario.observe(log_hazard, random)
        # Uno's C has in the limit no censoring but the horizon.
        uncensored = scenario.event_times(log_hazard, random)
        self._early, self._of_pairs = self._concordance(true, other, observed, event)
        _, without_censoring = self._concordance(true, other, uncensored, np.ones_like(event))
        self._of_uncensored = without_censoring[:, 0]
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        self._true, self._other = (axis.ravel() for axis in np.meshgrid(nodes, nodes, indexing="ij"))
        self._weight = np.outer(weights, weights).ravel() / weights.sum() ** 2

    def _concordance(
        self, true: np.ndarray, other: np.ndarray, time: np.ndarray, event: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return times, and by correlation and time C with 1/2 for pairs whose earlier event is before that time."""
        first, pair = np.argmin(time, axis=0), np.arange(PAIRS)
        comparable = np.flatnonzero(event[first, pair] & (time[first, pair] < self.scenario.horizon))
        order = comparable[np.argsort(time[first, pair][comparable])]
        earlier, later = first[order], 1 - first[order]
        apart = [values[earlier, order] - values[later, order] for values in (true, other)]
        cuts = (EARLY * order.size).astype(int)
        times = np.concatenate([[0.0], time[first, pair][order[cuts[1:]]]])
        table = np.empty((CORRELATIONS.size, cuts.size))
        for row, correlation in enumerate(CORRELATIONS):
            right = correlation * apart[0] + np.sqrt(1 - correlation**2) * apart[1] > 0
            so_far = np.concatenate([[0], np.cumsum(right)])
            table[row] = (so_far[-1] - so_far[cuts] + cuts / 2) / order.size
        return times, table

    def survival(self, grid: np.ndarray) -> np.ndarray:
        """Return the true survival at the nodes of the quadrature, shape (nodes, T)."""
        scenario = self.scenario
        hazard = scenario.rate * grid**scenario.shape
        return np.exp(-np.outer(np.exp(scenario.effect * self._true), hazard))

    def concordance(self, model: FittedModel, grid: np.ndarray) -> dict[str, float]:
        """Return Harrell's, Uno's and Antolini's C of a model."""
        coefficients = model.coefficients
        correlation = self.correlation(coefficients)
        starts = grid[np.argmax(model.hazard > 0)]
        of_pairs = [np.interp(correlation, CORRELATIONS, column) for column in self._of_pairs.T]
        return {
            "harrell_c": float(of_pairs[0]),
            "uno_c": float(np.interp(correlation, CORRELATIONS, self._of_uncensored)),
            # Before the first step of the curves all patients have a survival of 1.
            "c_td": float(np.interp(starts, self._early, of_pairs)),
        }

    def correlation(self, coefficients: np.ndarray) -> float:
        """Return the correlation of a linear risk with the log hazard."""
        true = self.scenario.coefficients
        return float(coefficients @ true / np.linalg.norm(coefficients) / np.linalg.norm(true))

    def brier(self, model: FittedModel, true_survival: np.ndarray, share: np.ndarray) -> float:
        """Return the Brier score of a model integrated with a weight a grid time."""
        correlation = self.correlation(model.coefficients)
        risk = np.linalg.norm(model.coefficients) * (
            correlation * self._true + np.sqrt(1 - correlation**2) * self._other
        )
        survival = np.exp(-np.outer(np.exp(risk), model.hazard))
        return float(self._weight @ ((true_survival * (1 - 2 * survival) + survival**2) @ share))

    def brier_of_curve(self, curve: np.ndarray, true_survival: np.ndarray, share: np.ndarray) -> float:
        """Return the integrated Brier score of one curve (T,) that predicts for everybody."""
        marginal = self._weight @ true_survival
        return float((marginal * (1 - 2 * curve) + curve**2) @ share)
