"""Penalties by cross-validation: the highest cross-validated partial likelihood of the grid."""

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from benchmarks.types import FloatArray, Outcome
from methods.shared.heads.cross_validated_cox import FOLDS, CrossValidatedCox
from methods.shared.heads.efron import EfronLikelihood
from methods.shared.heads.ridge_cox import RidgeCox


def drawn(n: int = 150) -> tuple[FloatArray, Outcome]:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(n, 9))
    time = np.ceil(rng.exponential(100 * np.exp(-features[:, :3] @ [0.9, -0.7, 0.6])))
    return features, Outcome(time, rng.random(n) < 0.7)


def cross_validated(features: FloatArray, outcome: Outcome, penalty: float, seed: int) -> float:
    """Return the criterion by its definition."""
    total = 0.0
    for kept, _ in StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(features, outcome.event):
        part, of_part = features[kept], outcome.take(kept)
        found = RidgeCox(penalty).fit(part, of_part).coefficients
        total += EfronLikelihood(part, of_part).value(found) - EfronLikelihood(features, outcome).value(found)
    return total


def test_the_penalty_of_one_block_is_the_best_of_its_neighbours_by_the_definition() -> None:
    features, outcome = drawn()
    strong = features[:, :3] / np.sqrt(features[:, :3].var(axis=0).sum())
    block = np.zeros(3, dtype=np.int64)
    found = CrossValidatedCox(seed=4).fit(features[:, :3], block, outcome).penalties[0]
    values = [cross_validated(strong, outcome, found * factor, seed=4) for factor in (10**-0.5, 1.0, 10**0.5)]
    assert np.argmax(values) == 1


def test_a_block_that_says_nothing_is_shrunk_more_and_the_folds_repeat() -> None:
    features, outcome = drawn()
    block = np.repeat([0, 1], [3, 6])
    first, second = (CrossValidatedCox(seed=4).fit(features, block, outcome) for _ in range(2))
    assert first.penalties[1] >= 100 * first.penalties[0]
    np.testing.assert_array_equal(first.coefficients, second.coefficients)
    assert first.determined[1] < 1 < first.determined[0]


def test_a_known_penalty_is_not_searched() -> None:
    features, outcome = drawn()
    block = np.repeat([0, 1], [3, 6])
    assert CrossValidatedCox(4, {1: 123.0}).fit(features, block, outcome).penalties[1] == pytest.approx(123.0)
