"""Coefficients that several strata share, and penalties around another mean than 0."""

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from scipy.optimize import minimize

from benchmarks.types import FloatArray, Outcome
from methods.shared.heads.efron import EfronLikelihood
from methods.shared.heads.evidence_cox import EvidenceCox
from methods.shared.heads.ridge_cox import RidgeCox, ridge_coefficients

EFFECT = np.array([0.8, -0.5, 0.0])


def drawn(n: int, seed: int, scale: float) -> tuple[FloatArray, Outcome]:
    """Draw a stratum whose times have a scale of their own; whole days, so ties."""
    rng = np.random.default_rng(seed)
    features = rng.normal(seed, 1, size=(n, 3))
    time = np.ceil(rng.exponential(scale * np.exp(-(features - seed) @ EFFECT)))
    return features, Outcome(time, rng.random(n) < 0.7)


STRATA = [drawn(80, 1, 100.0), drawn(120, 2, 10.0)]


def test_without_a_penalty_strata_share_the_coefficients_of_another_solver() -> None:
    frames = [
        pd.DataFrame(features, columns=list("abc")).assign(time=outcome.time, event=outcome.event, stratum=place)
        for place, (features, outcome) in enumerate(STRATA)
    ]
    peer = CoxPHFitter().fit(pd.concat(frames), "time", "event", strata="stratum")
    np.testing.assert_allclose(ridge_coefficients(STRATA, 0.0), peer.params_.to_numpy(), atol=1e-5)


def test_the_mean_of_a_stratum_changes_nothing() -> None:
    moved = [(features + 7.0 * place, outcome) for place, (features, outcome) in enumerate(STRATA)]
    np.testing.assert_allclose(ridge_coefficients(moved, 5.0), ridge_coefficients(STRATA, 5.0), atol=1e-9)


def test_the_penalised_optimum_around_a_mean_is_that_of_a_general_minimiser() -> None:
    penalty, mean = np.array([3.0, 40.0, 10.0]), np.array([0.2, 0.5, -0.5])
    likelihoods = [EfronLikelihood(*stratum) for stratum in STRATA]

    def objective(at: FloatArray) -> float:
        return sum(one.value(at) for one in likelihoods) + 0.5 * float(penalty @ (at - mean) ** 2)

    peer = minimize(objective, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).x
    np.testing.assert_allclose(ridge_coefficients(STRATA, penalty, mean=mean), peer, atol=1e-6)


def test_a_large_penalty_leaves_the_coefficients_at_their_mean() -> None:
    features, outcome = STRATA[0]
    mean = np.array([1.0, -2.0, 0.5])
    np.testing.assert_allclose(RidgeCox(1e9, mean).fit(features, outcome).coefficients, mean, atol=1e-6)


def test_a_known_penalty_stays_and_its_mean_is_of_the_features_as_given() -> None:
    features, outcome = STRATA[0]
    block, mean = np.array([0, 0, 1]), np.array([0.0, 0.0, 0.7])
    model = EvidenceCox({1: 1e5}).fit(features, block, outcome, mean)
    assert model.penalties[1] == pytest.approx(1e5)
    np.testing.assert_allclose(model.coefficients[2], 0.7, atol=0.01)
    other = EvidenceCox({1: 1e5}).fit(features * [1, 1, 10], block, outcome, mean / [1, 1, 10])
    np.testing.assert_allclose(
        other.linear_predictor(features * [1, 1, 10]), model.linear_predictor(features), atol=1e-8
    )
