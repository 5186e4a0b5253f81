"""Block ridge Cox with penalties by cross-validation: what the marginal likelihood is compared with."""

from collections.abc import Mapping

import numpy as np
from sklearn.model_selection import StratifiedKFold

from benchmarks.types import FloatArray, Outcome
from methods.shared.heads.efron import EfronLikelihood
from methods.shared.heads.evidence_cox import EvidenceCox, determined
from methods.shared.heads.ridge_cox import ridge_coefficients

FOLDS = 5
GRID = tuple(float(power) for power in range(-1, 6))
"""Decimal logarithms of the penalties that are tried for a block while the others stay."""
PASSES = 2
"""So often each block is searched over the grid; then once in half steps around its penalty."""


class CrossValidatedCox(EvidenceCox):
    """As ``EvidenceCox``, but the penalties maximise the cross-validated partial log likelihood.

    With b_-k fitted without fold k, it is the sum over the folds of l(b_-k) of all patients less l(b_-k) of those
    outside of the fold (Verweij and van Houwelingen, Stat Med 12:2305-2314, 1993). The blocks are searched one by one.

    Parameters
    ----------
    seed : int
        Of the folds, each with its share of the events.
    known : mapping of int to float
        Penalties of blocks that are not to be chosen.
    """

    def __init__(self, seed: int, known: Mapping[int, float] | None = None) -> None:
        super().__init__(known)
        self.seed = seed

    def _choose_penalties(
        self, scaled: FloatArray, outcome: Outcome, mean: FloatArray, penalties: FloatArray
    ) -> FloatArray:
        free = [one for one in range(len(penalties)) if one not in self.known]
        score = _CrossValidated(scaled, outcome, mean, self.seed)
        block, powers = self._block, np.log10(penalties)
        tried: dict[tuple[float, ...], float] = {}

        def value(at: FloatArray) -> float:
            key = tuple(at.tolist())
            if key not in tried:
                tried[key] = score.of((10.0**at)[block])
            return tried[key]

        for search in range(PASSES + 1):
            for one in free:
                grid = GRID if search < PASSES else (powers[one] - 0.5, powers[one], powers[one] + 0.5)
                candidates = [np.where(np.arange(len(powers)) == one, power, powers) for power in grid]
                powers = max(candidates, key=value)
        self.steps = len(tried)
        self.penalties = 10.0**powers
        coefficients = ridge_coefficients([(scaled, outcome)], self.penalties[block], mean=mean)
        likelihood = EfronLikelihood(scaled - scaled.mean(axis=0), outcome)
        self.determined = determined(likelihood, coefficients, self.penalties, block)
        return coefficients


class _CrossValidated:
    """The cross-validated partial log likelihood of penalties."""

    def __init__(self, features: FloatArray, outcome: Outcome, mean: FloatArray, seed: int) -> None:
        self._mean = mean
        self._whole = EfronLikelihood(features, outcome)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        kept = [rows for rows, _ in folds.split(features, outcome.event)]
        self._parts = [(features[rows], outcome.take(rows)) for rows in kept]
        self._without = [EfronLikelihood(*part) for part in self._parts]
        # Where the last fit of each fold ended: the next is near it.
        self._ends = [np.zeros(features.shape[1]) for _ in kept]

    def of(self, penalty: FloatArray) -> float:
        total = 0.0
        for place, (part, without) in enumerate(zip(self._parts, self._without, strict=True)):
            found = ridge_coefficients([part], penalty, mean=self._mean, start=self._ends[place])
            self._ends[place] = found
            total += without.value(found) - self._whole.value(found)
        return total
