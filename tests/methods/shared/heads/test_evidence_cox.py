"""Penalties by marginal likelihood: null blocks vanish, strong ones have the penalty of the highest evidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sksurv.linear_model import CoxPHSurvivalAnalysis

from benchmarks.types import Outcome
from methods.shared.heads.efron import EfronLikelihood
from methods.shared.heads.evidence_cox import HIGHEST, EvidenceCox, log_evidence

STRONG, NULL = 6, 20
BLOCK = np.repeat([0, 1], [STRONG, NULL])


def drawn(n: int = 300, seed: int = 0) -> tuple[np.ndarray, Outcome]:
    """Draw patients whose hazard depends on the first block, and on nothing in the second; whole days, so ties."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, STRONG + NULL))
    hazard = np.exp(features[:, :STRONG] @ np.array([0.9, -0.7, 0.6, 0.5, -0.4, 0.3]))
    time, leaves = np.ceil(rng.exponential(100 / hazard)), np.ceil(rng.uniform(20, 300, n))
    return features, Outcome(np.minimum(time, leaves), time <= leaves)


def scaled(features: np.ndarray, block: np.ndarray) -> np.ndarray:
    return features / np.sqrt(np.bincount(block, features.var(axis=0)))[block]


def test_the_gradient_of_the_penalised_likelihood_is_zero() -> None:
    features, outcome = drawn()
    model = EvidenceCox().fit(features, BLOCK, outcome)
    whitened = scaled(features, BLOCK)
    coefficients = model.coefficients * (features / whitened)[0]
    gradient = EfronLikelihood(whitened, outcome).derivatives(coefficients)[0] + model.penalties[BLOCK] * coefficients
    assert np.abs(gradient).max() < 1e-6


def test_with_its_penalties_another_solver_finds_the_same_coefficients() -> None:
    features, outcome = drawn()
    model = EvidenceCox().fit(features, BLOCK, outcome)
    totals = np.bincount(BLOCK, features.var(axis=0))[BLOCK]
    peer = CoxPHSurvivalAnalysis(alpha=model.penalties[BLOCK] * totals, ties="efron", n_iter=200, tol=1e-12)
    peer.fit(features, outcome.as_structured())
    np.testing.assert_allclose(model.coefficients, peer.coef_, atol=1e-6)


@pytest.mark.parametrize("seed", [0, 3])
def test_a_block_that_says_nothing_goes_to_the_highest_penalty(seed: int) -> None:
    features, outcome = drawn(seed=seed)
    model = EvidenceCox().fit(features, BLOCK, outcome)
    assert model.penalties[1] == pytest.approx(HIGHEST)
    assert np.abs(model.coefficients[STRONG:]).max() < 1e-4
    assert model.determined[1] < 0.01
    assert 5 < model.determined[0] <= 6


def test_a_strong_block_has_the_penalty_of_the_highest_evidence() -> None:
    features, outcome = drawn()
    block = np.zeros(STRONG, dtype=np.int64)
    strong = features[:, :STRONG]
    found = EvidenceCox().fit(strong, block, outcome).penalties[0]
    grid = found * np.exp(np.linspace(-1, 1, 401))
    evidence = [log_evidence(scaled(strong, block), block, np.array([one]), outcome) for one in grid]
    assert 0 < np.argmax(evidence) < 400
    assert found == pytest.approx(grid[np.argmax(evidence)], rel=0.05)


def test_two_blocks_are_at_a_maximum_of_the_evidence() -> None:
    features, outcome = drawn()
    block = np.repeat([0, 1], [3, 3])
    strong = features[:, :STRONG]
    found = EvidenceCox().fit(strong, block, outcome).penalties
    there = log_evidence(scaled(strong, block), block, found, outcome)
    for one in (0, 1):
        for factor in (0.6, 1.6):
            moved = found.copy()
            moved[one] *= factor
            assert log_evidence(scaled(strong, block), block, moved, outcome) < there


@settings(max_examples=8, deadline=None)
@given(st.integers(-12, 12))
def test_the_scale_of_a_block_changes_no_risk(power: int) -> None:
    features, outcome = drawn(n=120)
    factor = np.where(BLOCK == 1, 2.0**power, 1.0)
    one = EvidenceCox().fit(features, BLOCK, outcome)
    other = EvidenceCox().fit(features * factor, BLOCK, outcome)
    np.testing.assert_array_equal(one.penalties, other.penalties)
    np.testing.assert_array_equal(one.linear_predictor(features), other.linear_predictor(features * factor))


def test_contributions_add_up_to_the_linear_predictor() -> None:
    features, outcome = drawn()
    model = EvidenceCox().fit(features, BLOCK, outcome)
    parts = model.contributions(features)
    np.testing.assert_allclose(parts.sum(axis=1), model.linear_predictor(features), atol=1e-12)
    np.testing.assert_allclose(parts[:, 0], features[:, :STRONG] @ model.coefficients[:STRONG])


def test_a_block_that_does_not_vary_is_an_error() -> None:
    features, outcome = drawn()
    features[:, STRONG:] = 1.0
    with pytest.raises(ValueError, match="block 1 does not vary"):
        EvidenceCox().fit(features, BLOCK, outcome)
