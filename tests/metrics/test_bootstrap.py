"""Bootstrap by shared-sort resampling."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


@pytest.mark.parametrize("stratified", [False, True])
def test_a_replicate_is_the_index_of_the_drawn_patients(sample, stratified):
    strata = np.arange(len(sample)) % 2 if stratified else None
    result = metrics.bootstrap_concordance_index(
        sample.time, sample.event, sample.risk, strata=strata, replicates=3, seed=5
    )

    drawn = np.random.default_rng(5).integers(len(sample), size=len(sample))
    expected = metrics.concordance_index(
        sample.time[drawn], sample.event[drawn], sample.risk[drawn], strata=strata[drawn] if stratified else None
    )
    assert result.replicates[0] == pytest.approx(expected.value, abs=1e-14)


def test_its_value_is_the_index(sample):
    result = metrics.bootstrap_concordance_index(sample.time, sample.event, sample.risk, replicates=2)

    assert result.value == metrics.concordance_index(sample.time, sample.event, sample.risk).value


def test_uno_keeps_the_censoring_distribution_of_the_train_fold(sample):
    outcome = metrics.PreparedOutcome(sample.time, sample.event, sample.time, sample.event, tau=1.0)

    result = metrics.bootstrap_concordance_index_ipcw(outcome, sample.risk, replicates=2, seed=1)

    drawn = np.random.default_rng(1).integers(len(sample), size=len(sample))
    resample = sample.time, sample.event, sample.time[drawn], sample.event[drawn], sample.risk[drawn]
    assert result.replicates[0] == pytest.approx(metrics.concordance_index_ipcw(*resample, tau=1.0).value, abs=1e-13)


def test_a_mean_is_resampled_with_the_same_patients(untied):
    outcome = metrics.PreparedOutcome(untied.time + 0.01, untied.event, untied.time, untied.event)
    estimate = metrics.integrated_brier_score(outcome, untied.times, untied.survival)

    result = metrics.bootstrap_mean(estimate, replicates=2, seed=3)

    drawn = np.random.default_rng(3).integers(len(untied), size=len(untied))
    assert result.replicates[0] == pytest.approx(estimate.contributions[drawn].mean(), abs=1e-14)


def test_anything_computed_from_drawn_patients_can_be_resampled(untied):
    def index(rows):
        return metrics.integrated_calibration_index(
            untied.time[rows], untied.event[rows], untied.times, untied.survival[rows], at=0.5
        )

    result = metrics.bootstrap_statistic(index, len(untied), replicates=3, seed=5)

    drawn = np.random.default_rng(5).integers(len(untied), size=len(untied))
    assert result.replicates[0] == pytest.approx(float(index(drawn)), abs=1e-9)
    assert result.value == float(index(np.arange(len(untied))))


def test_it_agrees_with_the_influence_function(draw):
    sample = draw(500)

    bootstrap = metrics.bootstrap_concordance_index(sample.time, sample.event, sample.risk)

    error = metrics.concordance_index(sample.time, sample.event, sample.risk).standard_error
    assert bootstrap.standard_error == pytest.approx(error, rel=0.1)


def test_the_interval_encloses_the_value(untied):
    result = metrics.bootstrap_concordance_index(untied.time, untied.event, untied.risk)

    assert result.interval[0] < result.value < result.interval[1]


def test_a_resample_without_a_comparable_pair_is_an_error():
    with pytest.raises(ValueError, match="a resample has no comparable pair"):
        metrics.bootstrap_concordance_index([1, 2, 3], [1, 0, 0], [1.0, 2.0, 3.0])


def test_fewer_than_two_replicates_are_an_error(untied):
    with pytest.raises(ValueError, match="at least 2"):
        metrics.bootstrap_concordance_index(untied.time, untied.event, untied.risk, replicates=1)
