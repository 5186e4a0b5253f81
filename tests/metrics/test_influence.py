"""Influence functions: each is the change of the metric when one patient counts a little more (convention 15)."""

from __future__ import annotations

import numpy as np
import pytest

import metrics

COPIES = 400
PATIENTS = (0, 3, 7, 11)

WITHOUT_TRAIN = {
    "concordance": lambda outcome, s: metrics.concordance_index(outcome, s.risk),
    "concordance in strata": lambda outcome, s: metrics.concordance_index(outcome, s.risk, strata=s.risk > 0),
    "concordance_td": lambda outcome, s: metrics.concordance_index_td(outcome, s.times, s.survival),
    "calibration slope": lambda outcome, s: metrics.calibration_slope(outcome, s.times, s.survival, at=0.75),
    "intercept": lambda outcome, s: metrics.calibration_slope(outcome, s.times, s.survival, at=0.75).intercept,
    "net benefit": lambda outcome, s: metrics.net_benefit(outcome, s.times, s.survival, thresholds=0.3, at=0.5),
    "likelihood": lambda outcome, s: metrics.negative_log_likelihood(outcome, s.times, s.survival),
}
WITH_TRAIN = {
    "Uno": lambda outcome, s: metrics.concordance_index_ipcw(outcome, s.risk, tau=1.5),
    "AUC": lambda outcome, s: metrics.cumulative_dynamic_auc(outcome, s.risk, at=[0.4, 0.8]),
    "Brier": lambda outcome, s: metrics.brier_score(outcome, s.times, s.survival, at=0.6),
    "IBS": lambda outcome, s: metrics.integrated_brier_score(outcome, s.times, s.survival, grid=[0.2, 0.5, 0.9]),
    "scaled IBS": lambda outcome, s: (
        metrics.integrated_brier_score(outcome, s.times, s.survival, grid=[0.2, 0.5, 0.9]).scaled
    ),
}


class Copies:
    """A sample in which every patient stands 400 times, and one of them once more."""

    def __init__(self, sample, extra=()):
        self.rows = np.concatenate([np.repeat(np.arange(len(sample)), COPIES), np.array(extra, dtype=int)])
        self.time, self.event = sample.time[self.rows], sample.event[self.rows]
        self.risk, self.survival, self.times = sample.risk[self.rows], sample.survival[self.rows], sample.times


@pytest.fixture(params=[False, True], ids=["untied", "tied"])
def small(request, draw):
    return draw(12, seed=5, tied=request.param, points=8)


@pytest.mark.parametrize("name", WITHOUT_TRAIN)
def test_influence_is_the_effect_of_counting_a_patient_more(small, name):
    metric = WITHOUT_TRAIN[name]
    base, n = Copies(small), len(small) * COPIES
    result = metric(metrics.PreparedOutcome(None, None, base.time, base.event), base)

    effects = []
    for patient in PATIENTS:
        more = Copies(small, [patient])
        shifted = metric(metrics.PreparedOutcome(None, None, more.time, more.event), more)
        effects.append((float(shifted) - float(result)) * n)

    claimed = result.influence.scored[np.array(PATIENTS) * COPIES].ravel()
    np.testing.assert_allclose(claimed, effects, rtol=0, atol=0.02 * max(1.0, np.abs(effects).max()))


@pytest.mark.parametrize("name", WITH_TRAIN)
def test_influence_of_a_scored_patient_with_a_train_fold(small, name):
    metric = WITH_TRAIN[name]
    base, n = Copies(small), len(small) * COPIES
    train = small.time + 0.01, small.event
    result = metric(metrics.PreparedOutcome(*train, base.time, base.event), base)

    effects = []
    for patient in PATIENTS:
        more = Copies(small, [patient])
        shifted = metric(metrics.PreparedOutcome(*train, more.time, more.event), more)
        effects.append((float(shifted) - float(result)) * n)

    claimed = result.influence.scored[np.array(PATIENTS) * COPIES].ravel()
    np.testing.assert_allclose(claimed, effects, rtol=0, atol=0.02 * max(1.0, np.abs(effects).max()))


@pytest.mark.parametrize("name", [name for name in WITH_TRAIN if name != "scaled IBS"])
def test_influence_of_a_train_patient_through_the_censoring_distribution(small, name):
    metric = WITH_TRAIN[name]
    base, m = Copies(small), len(small) * COPIES
    result = metric(metrics.PreparedOutcome(base.time, base.event, small.time, small.event), small)

    effects = []
    for patient in PATIENTS:
        more = Copies(small, [patient])
        shifted = metric(metrics.PreparedOutcome(more.time, more.event, small.time, small.event), small)
        effects.append((float(shifted) - float(result)) * m)

    claimed = result.influence.train[np.array(PATIENTS) * COPIES].ravel()
    np.testing.assert_allclose(claimed, effects, rtol=0, atol=0.02 * max(1.0, np.abs(effects).max()))


@pytest.mark.parametrize("name", [*WITHOUT_TRAIN, *WITH_TRAIN])
def test_influences_sum_to_zero(sample, name):
    outcome = metrics.PreparedOutcome(sample.time, sample.event, sample.time, sample.event)

    influence = (WITHOUT_TRAIN | WITH_TRAIN)[name](outcome, sample).influence

    np.testing.assert_allclose(influence.scored.mean(axis=0), 0.0, rtol=0, atol=1e-10)
    if influence.train is not None:
        np.testing.assert_allclose(influence.train.mean(axis=0), 0.0, rtol=0, atol=1e-12)


def test_a_fold_scored_with_its_own_censoring_distribution_adds_effects_patient_by_patient(untied):
    outcome = metrics.PreparedOutcome(untied.time, untied.event, untied.time, untied.event)

    result = metrics.integrated_brier_score(outcome, untied.times, untied.survival)

    together = result.influence.scored + result.influence.train
    assert result.standard_error == pytest.approx(together.std(ddof=1) / np.sqrt(len(untied)), abs=1e-15)


def test_a_separate_train_fold_adds_an_independent_variance(untied):
    outcome = metrics.PreparedOutcome(untied.time + 0.01, untied.event, untied.time, untied.event)

    result = metrics.integrated_brier_score(outcome, untied.times, untied.survival)

    variances = [part.var(ddof=1) / part.size for part in (result.influence.scored, result.influence.train)]
    assert result.standard_error == pytest.approx(np.sqrt(sum(variances)), abs=1e-15)


def test_contributions_average_to_the_value(sample):
    result = metrics.concordance_index(sample.time, sample.event, sample.risk)

    assert result.contributions.mean() == pytest.approx(result.value, abs=1e-12)


def test_one_patient_has_no_standard_error():
    result = metrics.brier_score([1, 2], [1, 1], [1.0], [1], [1], [[0.5]], at=0.5)

    assert (result.standard_error, result.interval) == (None, None)


def test_an_interval_stays_within_the_range_of_its_metric():
    result = metrics.concordance_index([1, 2, 3, 4], [1, 1, 1, 1], [4.0, 3.0, 1.0, 2.0])

    assert result.interval[1] == 1.0
