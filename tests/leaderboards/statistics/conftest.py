"""Simulated boards: survival data, risk scores of known quality, folds, and what the statistics say of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import metrics
from leaderboards.statistics import Folds, PooledEstimate, pool

# Standard deviations of the error of a score around the true log hazard: they give a Harrell's C of 0.689 and 0.659
# in this design; a test confirms the distance.
GOOD, WORSE = 0.7, 1.03


@dataclass
class Board:
    """Methods scored on one dataset."""

    estimates: list[PooledEstimate]
    scores: np.ndarray  # (methods, folds)


def draw_survival(log_hazard, random):
    """Exponential event times, censored uniformly on (0, 2): 56 % have an event."""
    time = random.exponential(np.exp(-log_hazard))
    censoring = random.uniform(0, 2, size=time.size)
    return np.minimum(time, censoring), time <= censoring


def draw_folds(n, folds, repeats, random):
    parts = [part for _ in range(repeats) for part in np.array_split(random.permutation(n), folds)]
    return parts, np.repeat(np.arange(repeats), folds)


def score_board(time, event, risk_of_fold, methods, parts, repeat):
    """Score every method in every fold by Harrell's C; `risk_of_fold(method, rows)` gives its risks."""
    scores, weight = np.zeros((methods, len(parts))), np.zeros(len(parts))
    influence = [[None] * len(parts) for _ in range(methods)]
    for fold, rows in enumerate(parts):
        for method in range(methods):
            c = metrics.concordance_index(time[rows], event[rows], risk_of_fold(method, rows))
            scores[method, fold], influence[method][fold] = c.value, c.influence.scored
        weight[fold] = c.comparable_pairs
    events = np.array([event[rows].sum() for rows in parts], dtype=np.float64)
    layout = Folds(len(time), parts, weight, repeat, events=events)
    return Board([pool(layout, *of_method) for of_method in zip(scores, influence, strict=True)], scores)


def draw_board(random, n, errors, *, shared=0.0, folds=5, repeats=1):
    """Draw a board of fixed scores: log hazard plus an error all methods share plus one of their own."""
    log_hazard = random.normal(size=n)
    time, event = draw_survival(log_hazard, random)
    common = log_hazard + random.normal(scale=shared, size=n)
    risks = [common + random.normal(scale=np.sqrt(error**2 - shared**2), size=n) for error in errors]
    parts, repeat = draw_folds(n, folds, repeats, random)
    return score_board(time, event, lambda method, rows: risks[method][rows], len(errors), parts, repeat)


def cox_coefficients(features, time, event, steps=6):
    """Ridge-penalised Cox regression without ties by Newton's method."""
    order = np.argsort(time)
    x, event = features[order], event[order]
    coefficients = np.zeros(x.shape[1])
    for _ in range(steps):
        weight = np.exp(x @ coefficients)
        at_risk = np.cumsum(weight[::-1])[::-1]
        mean = np.cumsum((weight[:, None] * x)[::-1], axis=0)[::-1] / at_risk[:, None]
        expected = weight * np.cumsum(event / at_risk)
        gradient = x.T @ (event - expected) - coefficients
        hessian = (x * expected[:, None]).T @ x - mean[event].T @ mean[event] + np.eye(x.shape[1])
        coefficients = coefficients + np.linalg.solve(hessian, gradient)
    return coefficients


def draw_fitted_board(random, n, methods, features, *, folds=5, repeats=1):
    """Draw a board of Cox models fitted on the other folds, each on its own noisy copy of the same features."""
    truth = random.normal(size=(n, features))
    time, event = draw_survival(truth.sum(axis=1) / np.sqrt(features), random)
    copies = [truth + random.normal(size=truth.shape) for _ in range(methods)]
    parts, repeat = draw_folds(n, folds, repeats, random)

    def risk(method, rows):
        rest = np.setdiff1d(np.arange(n), rows)
        seen = copies[method]
        return seen[rows] @ cox_coefficients(seen[rest], time[rest], event[rest])

    return score_board(time, event, risk, methods, parts, repeat)


@pytest.fixture
def board():
    """Three methods, 120 patients, five folds."""
    return draw_board(np.random.default_rng(1), 120, [0.5, 0.9, 1.6])


@pytest.fixture
def drawn():
    return draw_board


@pytest.fixture
def drawn_and_fitted():
    return draw_fitted_board


@pytest.fixture
def scored():
    return score_board


@pytest.fixture
def survival_data():
    return draw_survival


@pytest.fixture
def errors_of_scores():
    return GOOD, WORSE
