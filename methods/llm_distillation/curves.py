"""The three curves of a patient: of the hidden state, of the written numbers, and their mean."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

import metrics
from benchmarks.types import BoolArray, FloatArray, Outcome, Prediction
from methods.llm_distillation.exponential_fit import exponential_rates, exponential_survival
from methods.shared.curves import steps_at

ALPHAS = np.linspace(0.0, 1.0, 21)
# Beyond, a few patients would decide the score of all.
SMALLEST_CENSORING_SURVIVAL = 0.1
# The times at which risks are taken from curves, and the weight is chosen.
POINTS = 101


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """The Kaplan-Meier curve of the training patients: it stands in for a curve that was not said.

    Parameters
    ----------
    knots, survival : arrays, shape (k,)
        Times of the steps, and the curve from there on.
    end : float
        Longest observed time: up to there the mean time lived is a risk.
    """

    knots: FloatArray
    survival: FloatArray
    end: float

    @classmethod
    def of(cls, outcome: Outcome) -> "Marginal":
        """Estimate it of the training patients."""
        curve = metrics.kaplan_meier(outcome.time, outcome.event)
        knots = np.unique(outcome.time[outcome.event])
        return cls(knots, curve.at(knots), float(outcome.time.max()))

    @property
    def grid(self) -> FloatArray:
        """Even times from 0 to the longest observed one, shape (101,)."""
        return np.linspace(0.0, self.end, POINTS)

    def at(self, times: FloatArray) -> FloatArray:
        """Return the curve at T times, shape (T,)."""
        return steps_at(self.knots, self.survival, times, before=1.0)


def spoken_survival(
    horizons: FloatArray, probabilities: FloatArray, marginal: Marginal, times: FloatArray
) -> FloatArray:
    """Return the exponential curves through stated probabilities, shape (n, T); of who has none, the marginal curve."""
    rates = exponential_rates(horizons, probabilities)
    unsaid = np.isnan(rates)
    curves = exponential_survival(np.where(unsaid, 0.0, rates), times)
    curves[unsaid] = marginal.at(times)
    return curves


def combined_survival(hidden: FloatArray, spoken: FloatArray, parseable: BoolArray, alpha: float) -> FloatArray:
    """Return alpha S_hidden + (1 - alpha) S_verbalized, shape (n, T); S_hidden where nothing could be read."""
    mixed: FloatArray = alpha * hidden + (1 - alpha) * spoken
    return np.where(parseable[:, None], mixed, hidden)


def scored_until(train: Outcome, latest: float) -> float:
    """Return the last time up to ``latest`` at which training patients are seen and censoring weights at most 10."""
    curve = metrics.censoring_distribution(train.time, train.event)
    below = np.flatnonzero(curve.survival < SMALLEST_CENSORING_SURVIVAL)
    known = curve.times[below[0]] if below.size else train.time.max()
    return float(min(latest, known))


def chosen_alpha(
    train: Outcome,
    validation: Outcome,
    horizon: float,
    times: FloatArray,
    hidden: FloatArray,
    spoken: FloatArray,
    parseable: BoolArray,
) -> float:
    """Return the alpha of 0, 0.05, ..., 1 with the lowest integrated Brier score of the validation part.

    Of equally good ones the largest: the hidden curve is there for everybody.

    Parameters
    ----------
    train, validation : Outcome
        Of the training patients (censoring weights), and of the n validation patients.
    horizon : float
        The score is integrated from 0 to it.
    times : array, shape (T,)
        Of the curves, from 0 to beyond the horizon.
    hidden, spoken : arrays, shape (n, T)
        The curves.
    parseable : array of bool, shape (n,)
        Whose text could be read.

    Raises
    ------
    UndefinedError
        If the validation part gives no score.
    """
    prepared = metrics.PreparedOutcome(train.time, train.event, validation.time, validation.event, horizon)
    grid = times[times <= horizon]
    scores = [
        float(
            metrics.integrated_brier_score(
                prepared, times, combined_survival(hidden, spoken, parseable, alpha), grid=grid
            )
        )
        for alpha in ALPHAS
    ]
    best = np.flatnonzero(np.asarray(scores) <= min(scores) + 1e-12)[-1]
    return float(ALPHAS[best])


def row(
    times: FloatArray,
    curves: FloatArray,
    grid: FloatArray,
    on_grid: FloatArray,
    diagnostics: Mapping[str, float],
    parseable: BoolArray | None = None,
    texts: tuple[str, ...] | None = None,
) -> Prediction:
    """Return a row: its curves at the times asked for, and the risk by those on a grid of its own.

    The risk is the negative mean time lived up to the end of that grid: it does not hang on what is asked for.
    """
    risk = Prediction.from_curves(grid, on_grid).risk
    return Prediction(risk, times, curves, diagnostics=diagnostics, parseable=parseable, texts=texts)
