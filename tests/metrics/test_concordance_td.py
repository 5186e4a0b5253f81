"""Antolini's C: conventions 2, 7 and 8 by hand, and the loop over all pairs."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


def test_curves_are_compared_at_the_time_of_the_earlier_event():
    # At time 1 the first patient is worse off (0.4 < 0.5), later the curves cross.
    curves = [[0.4, 0.3], [0.5, 0.1]]

    assert metrics.concordance_index_td([1, 3], [1, 1], [1, 2], curves).value == 1.0


def test_before_the_grid_every_curve_is_one_and_all_are_tied():
    result = metrics.concordance_index_td([1, 3], [1, 1], [2, 3], [[0.4, 0.3], [0.5, 0.1]])

    assert (result.value, result.tied_share) == (0.5, 1.0)


def test_after_the_grid_the_last_value_is_held():
    result = metrics.concordance_index_td([5, 6], [1, 0], [1, 2], [[0.9, 0.3], [0.8, 0.4]])

    assert result.value == 1.0


def test_a_patient_censored_at_an_event_time_is_comparable():
    result = metrics.concordance_index_td([2, 2], [1, 0], [1], [[0.3], [0.4]])

    assert (result.value, result.comparable_pairs) == (1.0, 1)


@pytest.mark.parametrize(("ties", "value"), [("half", 0.5), ("zero", 0.0)])
def test_ties_count_as_asked(ties, value):
    assert metrics.concordance_index_td([1, 2], [1, 0], [1], [[0.3], [0.3]], ties=ties).value == value


def test_an_unknown_rule_for_ties_is_an_error():
    with pytest.raises(ValueError, match="'harrell'"):
        metrics.concordance_index_td([1, 2], [1, 0], [1], [[0.3], [0.3]], ties="harrell")


@pytest.mark.parametrize("points", [2, 30])
@pytest.mark.parametrize("ties", ["half", "zero"])
@pytest.mark.parametrize("stratified", [False, True])
def test_it_is_the_share_over_all_pairs(draw, slow, points, ties, stratified):
    sample = draw(tied=points == 2, points=points)
    survival = np.round(sample.survival, 1)
    strata = np.arange(len(sample)) % 3 if stratified else None

    result = metrics.concordance_index_td(
        sample.time, sample.event, sample.times, survival, tau=1.0, strata=strata, ties=ties
    )

    tie = 0.5 if ties == "half" else 0.0
    expected = slow.concordance_td(sample.time, sample.event, sample.times, survival, 1.0, strata, tie)
    assert result.value == pytest.approx(expected, abs=1e-15)


def test_of_a_proportional_hazards_model_on_a_fine_grid_it_is_harrell_of_its_linear_predictor(untied):
    times = np.unique(untied.time)
    survival = np.exp(-np.outer(np.exp(untied.risk), times))

    curves = metrics.concordance_index_td(untied.time, untied.event, times, survival)

    assert curves.value == metrics.concordance_index(untied.time, untied.event, untied.risk).value
