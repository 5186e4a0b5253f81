"""Estimates and influence of patients pooled over folds."""

from __future__ import annotations

import numpy as np
import pytest

import metrics
from leaderboards.statistics import Folds, PooledEstimate, pool


def test_with_pairs_for_weights_a_pooled_c_is_the_c_stratified_by_fold(survival_data, scored):
    random = np.random.default_rng(3)
    risk = random.normal(size=90)
    time, event = survival_data(risk, random)
    parts = np.array_split(random.permutation(90), 3)
    strata = np.zeros(90)
    for number, rows in enumerate(parts):
        strata[rows] = number
    pooled = scored(time, event, lambda _, rows: risk[rows], 1, parts, None).estimates[0]
    direct = metrics.concordance_index(time, event, risk, strata=strata)

    assert pooled.value == pytest.approx(direct.value, rel=1e-12)
    assert pooled.standard_error == pytest.approx(direct.standard_error, rel=0.1)


def test_one_fold_has_the_standard_error_of_the_metric(survival_data):
    random = np.random.default_rng(4)
    risk = random.normal(size=60)
    c = metrics.concordance_index(*survival_data(risk, random), risk)
    folds = Folds(60, [np.arange(60)], np.ones(1))

    assert pool(folds, [c.value], [c.influence.scored]).standard_error == pytest.approx(c.standard_error, rel=1e-12)


def test_losses_weighted_by_patients_have_the_mean_loss_and_its_standard_error():
    losses = np.random.default_rng(5).exponential(size=40)
    parts = [np.arange(30), np.arange(30, 40)]
    folds = Folds(40, parts, np.array([30.0, 10.0]))
    pooled = pool(folds, [losses[rows].mean() for rows in parts], [losses[rows] for rows in parts])
    within = sum(losses[rows].var() * len(rows) for rows in parts) / 38

    assert pooled.value == pytest.approx(losses.mean(), rel=1e-12)
    assert pooled.standard_error == pytest.approx(np.sqrt(within / 40), rel=1e-12)


def test_repeating_the_same_folds_adds_no_precision():
    influence = np.random.default_rng(6).normal(size=40)
    parts = [np.arange(20), np.arange(20, 40)]
    once = pool(Folds(40, parts, np.ones(2)), [0.6, 0.7], [influence[rows] for rows in parts])
    thrice = pool(
        Folds(40, parts * 3, np.ones(6), np.repeat([0, 1, 2], 2)),
        [0.6, 0.7] * 3,
        [influence[rows] for rows in parts] * 3,
    )

    assert thrice.value == pytest.approx(once.value, rel=1e-12)
    np.testing.assert_allclose(thrice.influence, once.influence, rtol=1e-12)
    # What is lost to the means of the folds is made up for as if repeats had other folds.
    assert once.standard_error < thrice.standard_error < 1.02 * once.standard_error


def test_a_patient_in_train_and_test_parts_has_one_influence():
    random = np.random.default_rng(7)
    parts = [np.arange(10), np.arange(10, 20)]
    folds = Folds(20, parts, np.ones(2), trained=parts[::-1])
    scored, trained = random.normal(size=(2, 2, 10))
    centred = scored - scored.mean(axis=1, keepdims=True), trained - trained.mean(axis=1, keepdims=True)
    pooled = pool(folds, [0.1, 0.2], scored, trained)

    np.testing.assert_allclose(pooled.influence[:10], (centred[0][0] + centred[1][1]) / 20)
    np.testing.assert_allclose(pooled.influence[10:], (centred[0][1] + centred[1][0]) / 20)


def test_the_standard_error_of_an_ibs_with_its_train_part_agrees_with_the_metric(survival_data):
    random = np.random.default_rng(8)
    log_hazard = random.normal(size=200)
    time, event = survival_data(log_hazard, random)
    train, test = np.arange(120), np.arange(120, 200)
    times = np.linspace(0.01, 1.0, 50)
    survival = np.exp(-np.outer(np.exp(log_hazard[test]), times))
    outcome = metrics.PreparedOutcome(time[train], event[train], time[test], event[test], 1.0)
    score = metrics.integrated_brier_score(outcome, times, survival)
    folds = Folds(200, [test], np.ones(1), trained=[train])
    pooled = pool(folds, [score.value], [score.influence.scored], [score.influence.train])

    assert pooled.standard_error == pytest.approx(score.standard_error, rel=0.01)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((4, [], np.ones(0)), "no fold"),
        ((4, [np.array([0, 4])], np.ones(1)), "row numbers 0 to 3"),
        ((4, [np.array([0, 0])], np.ones(1)), "a patient twice"),
        ((4, [np.array([], int)], np.ones(1)), "no patient"),
        ((4, [np.array([0.5, 1])], np.ones(1)), "vector of row numbers"),
        ((4, [np.array([0, 1]), np.array([1, 2])], np.ones(2)), "two folds of repeat 0"),
        ((4, [np.array([0, 1]), np.array([2, 3])], np.array([1.0, 0.0])), "weight of fold 1"),
        ((4, [np.array([0, 1])], np.ones(2)), "2 weights"),
        ((4, [np.array([0, 1])], np.ones(1), None, []), "0 train parts"),
    ],
)
def test_folds_that_do_not_fit_are_refused(arguments, reason):
    with pytest.raises(ValueError, match=reason):
        Folds(*arguments)


@pytest.mark.parametrize(
    ("values", "influence", "trained", "reason"),
    [
        ([0.5], [[0, 0], [0, 0]], None, "1 values for 2 folds"),
        ([0.5, np.nan], [[0, 0], [0, 0]], None, "not a finite number"),
        ([0.5, 0.5], [[0, 0]], None, "1 parts for 2 folds"),
        ([0.5, 0.5], [[0, 0], [0]], None, "1 entries for 2 patients"),
        ([0.5, 0.5], [[0, 0], [0, np.inf]], None, "influence of fold 1"),
        ([0.5, 0.5], [[0, 0], [0, 0]], [[0], [0]], "both be given, or neither"),
    ],
)
def test_estimates_that_do_not_fit_the_folds_are_refused(values, influence, trained, reason):
    folds = Folds(4, [np.array([0, 1]), np.array([2, 3])], np.ones(2))

    with pytest.raises(ValueError, match=reason):
        pool(folds, values, influence, trained)


def test_folds_of_one_patient_each_have_no_standard_error():
    folds = Folds(3, [np.array([0]), np.array([1]), np.array([2])], np.ones(3))

    with pytest.raises(ValueError, match="no spread"):
        _ = PooledEstimate(0.5, np.zeros(3), folds).standard_error


def test_methods_with_and_without_their_train_part_are_never_mixed():
    rows = [np.array([0, 1])]
    folds = Folds(4, rows, np.ones(1), trained=[np.array([2, 3])])

    with pytest.raises(ValueError, match="both be given, or neither"):
        pool(folds, [0.5], [[0.1, -0.1]])
