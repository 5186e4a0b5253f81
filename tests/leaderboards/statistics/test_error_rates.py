"""How often a board of simulated methods separates a pair: by chance, and when there is something to find.

A board separates a pair where the paired test on pooled out-of-fold influences, adjusted for all pairs
together, has p <= 0.05. ``pytest -m long -s`` prints the rates.
"""

from __future__ import annotations

import numpy as np
import pytest

import metrics
from leaderboards.statistics import corrected_t_tests, paired_tests

ALPHA = 0.05


def separated(board):
    return paired_tests(board.estimates).adjusted_p_value <= ALPHA


def separated_by_corrected_t(board, folds=5):
    return corrected_t_tests(board.scores, test_to_train=1 / (folds - 1)).adjusted_p_value <= ALPHA


def test_the_two_qualities_of_scores_are_003_apart_in_c(survival_data, errors_of_scores):
    random = np.random.default_rng(0)
    log_hazard = random.normal(size=200_000)
    time, event = survival_data(log_hazard, random)
    good, worse = (
        metrics.concordance_index(time, event, log_hazard + random.normal(scale=error, size=time.size)).value
        for error in errors_of_scores
    )

    assert good - worse == pytest.approx(0.03, abs=0.002)


def test_five_equal_methods_are_seldom_separated(drawn, errors_of_scores):
    random = np.random.default_rng(1)
    good, _ = errors_of_scores
    rate = np.mean([separated(drawn(random, 300, [good] * 5)).any() for _ in range(100)])
    print(f"\nfive equal methods, 300 patients: a pair separated in {rate:.1%} of 100 runs")

    assert rate <= 0.07


def test_a_gap_of_003_in_c_is_found_at_2000_patients(drawn, errors_of_scores):
    random = np.random.default_rng(2)
    rate = np.mean([separated(drawn(random, 2000, errors_of_scores))[0, 1] for _ in range(100)])
    print(f"\ntwo methods 0.03 apart in C, 2000 patients: separated in {rate:.1%} of 100 runs")

    assert rate >= 0.8


@pytest.mark.long
@pytest.mark.parametrize(
    ("n", "methods", "repeats"), [(150, 2, 1), (150, 2, 10), (500, 5, 1), (500, 5, 5), (2000, 2, 1), (2000, 5, 1)]
)
def test_equal_methods_are_separated_in_at_most_7_of_100_runs(drawn, errors_of_scores, n, methods, repeats):
    random = np.random.default_rng(3)
    good, _ = errors_of_scores
    runs = [separated(drawn(random, n, [good] * methods, repeats=repeats)).any() for _ in range(500)]
    print(f"\n{methods} equal methods, {n} patients, {repeats} x 5 folds: {np.mean(runs):.1%} of 500 runs")

    assert np.mean(runs) <= 0.07


@pytest.mark.long
@pytest.mark.parametrize(
    ("methods", "shared", "repeats"), [(2, 0.0, 1), (2, 0.0, 5), (2, 0.5, 1), (5, 0.5, 1), (5, 0.5, 5)]
)
def test_a_gap_of_003_is_found_in_at_least_80_of_100_runs(drawn, errors_of_scores, methods, shared, repeats):
    random = np.random.default_rng(4)
    good, worse = errors_of_scores
    errors = [good] + [worse] * (methods - 1)
    boards = [drawn(random, 2000, errors, shared=shared, repeats=repeats) for _ in range(500)]
    rate = np.mean([separated(board)[0, 1] for board in boards])
    by_t = np.mean([separated_by_corrected_t(board)[0, 1] for board in boards])
    print(
        f"\n0.03 apart, {methods} methods, shared error {shared}, {repeats} x 5 folds:"
        f" {rate:.1%} of 500 runs; corrected t {by_t:.1%}"
    )

    assert rate >= 0.8


@pytest.mark.long
@pytest.mark.parametrize(("features", "repeats", "runs"), [(10, 1, 500), (10, 5, 300), (60, 1, 300)])
def test_methods_that_are_equal_when_fitted_anew_are_left_together_by_the_corrected_t_test(
    drawn_and_fitted, features, repeats, runs
):
    # The paired test speaks of the models as fitted: they do differ here, and it finds that more often than alpha.
    random = np.random.default_rng(5)
    boards = [drawn_and_fitted(random, 300, 2, features, repeats=repeats) for _ in range(runs)]
    rate = np.mean([separated(board).any() for board in boards])
    by_t = np.mean([separated_by_corrected_t(board).any() for board in boards])
    print(
        f"\ntwo Cox models on exchangeable copies of {features} features, 300 patients, {repeats} x 5 folds:"
        f" paired test {rate:.1%} of {runs} runs, corrected t {by_t:.1%}"
    )

    assert by_t <= 0.07
