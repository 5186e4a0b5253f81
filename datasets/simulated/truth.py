r"""What is true of simulated patients: the best risk and survival that can be told from what is seen of them.

Times are Weibull with proportional hazards:

.. math:: S(t \mid \eta) = \exp\{-(t / b)^a e^{\eta}\}

Where a modality is missing, its score is unknown and the truth is the mean over its distribution given that it is
missing:

.. math:: S(t \mid seen) = E[\exp\{-(t / b)^a e^{\eta}\} \mid seen]
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb

import numpy as np

from benchmarks.types import BoolArray, FloatArray

from .designs import (
    MASKED,
    N_FINDINGS,
    Scores,
    Setting,
    linear_predictor,
    linear_weights,
    missing_probability,
)

SHAPE = 1.2
SCALE = 60.0  # months: about half of the events fall into the follow-up
EXTERNAL_HAZARD = 1.5
# Gauss-Hermite points for a missing normal score; the error of S is below 1e-10 for effects up to 3.
QUADRATURE_POINTS = 48


@dataclass(frozen=True, slots=True)
class Weibull:
    """Baseline hazard; ``scale`` in months."""

    shape: float
    scale: float

    def cumulative_hazard(self, times: FloatArray) -> FloatArray:
        """Return (t / scale) ** shape."""
        return np.asarray((np.asarray(times) / self.scale) ** self.shape)

    def event_times(self, predictor: FloatArray, rng: np.random.Generator) -> FloatArray:
        """Draw a time for each linear predictor by inversion of the survival function."""
        hazard_reached = rng.exponential(size=predictor.shape)
        return np.asarray(self.scale * (hazard_reached * np.exp(-predictor)) ** (1 / self.shape))


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Risk and survival by the known hazards.

    Parameters
    ----------
    baseline : Weibull
        Baseline of all patients.
    predictors, weights : tuple of arrays, length n
        The linear predictors that a patient may have given what is seen, and their probabilities; a single one
        where nothing is missing.
    """

    baseline: Weibull
    predictors: tuple[FloatArray, ...]
    weights: tuple[FloatArray, ...]

    @property
    def risk(self) -> FloatArray:
        """Expected linear predictor, shape (n,).

        It orders two patients best wherever the distribution of each one's predictor is symmetric: always but for
        informative masks.
        """
        return np.array([w @ p for p, w in zip(self.predictors, self.weights, strict=True)])

    def survival(self, times: FloatArray) -> FloatArray:
        """Return S(t), shape (n, T), for times in months."""
        hazard = self.baseline.cumulative_hazard(times)
        rows = [w @ np.exp(-np.exp(p)[:, None] * hazard) for p, w in zip(self.predictors, self.weights, strict=True)]
        return np.array(rows)


def truth_of(setting: Setting, scores: Scores, present: Mapping[str, BoolArray]) -> Truth:
    """Return the truth of the patients with these scores, of which only the present ones are known."""
    factor = EXTERNAL_HAZARD if setting.site == "external" else 1.0
    baseline = Weibull(SHAPE, SCALE * factor ** (-1 / SHAPE))
    known = linear_predictor(setting, scores)
    hidden = {name: ~present[name] for name in MASKED}
    if not any(mask.any() for mask in hidden.values()):
        return Truth(baseline, tuple(known[:, None]), (np.ones(1),) * setting.n)
    effects = linear_weights(setting)
    known = known - np.sum([effects[name] * scores[name] * hidden[name] for name in MASKED], axis=0)
    predictors, weights = [], []
    for row in range(setting.n):
        values, probabilities = np.zeros(1), np.ones(1)
        for name in MASKED:
            if hidden[name][row]:
                score, probability = _given_missing(setting, name)
                values = np.add.outer(values, effects[name] * score).ravel()
                probabilities = np.multiply.outer(probabilities, probability).ravel()
        predictors.append(known[row] + values)
        weights.append(probabilities)
    return Truth(baseline, tuple(predictors), tuple(weights))


def _given_missing(setting: Setting, name: str) -> tuple[FloatArray, FloatArray]:
    """Return values and probabilities of a score that is missing, by Bayes' theorem."""
    if name == "text":
        present = np.arange(N_FINDINGS + 1)
        score = (2.0 * present - N_FINDINGS) / np.sqrt(N_FINDINGS)
        prior = np.array([comb(N_FINDINGS, k) for k in present]) / 2.0**N_FINDINGS
    else:
        score, prior = np.polynomial.hermite_e.hermegauss(QUADRATURE_POINTS)
    joint = prior * missing_probability(setting, score)
    return score, joint / joint.sum()
