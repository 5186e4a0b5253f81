"""Harrell's and Uno's C: conventions 2, 3, 5, 6 and 16 by hand, and the loop over all pairs."""

from __future__ import annotations

import numpy as np
import pytest

import metrics


def test_a_patient_censored_at_an_event_time_is_comparable():
    result = metrics.concordance_index([2, 2], [True, False], [1.0, 0.0])

    assert (result.value, result.comparable_pairs) == (1.0, 1)


def test_two_events_at_the_same_time_are_not_comparable():
    result = metrics.concordance_index([2, 2, 3], [1, 1, 0], [5.0, 1.0, 3.0])

    assert (result.value, result.comparable_pairs) == (0.5, 2)


def test_a_patient_censored_before_an_event_is_not_comparable_with_it():
    result = metrics.concordance_index([1, 2, 3], [0, 1, 0], [0.0, 2.0, 1.0])

    assert (result.value, result.comparable_pairs) == (1.0, 1)


def test_equal_risks_count_one_half():
    result = metrics.concordance_index([1, 2, 3], [1, 0, 0], [1.0, 1.0, 0.0])

    assert (result.value, result.tied_share) == (0.75, 0.5)


def test_risks_that_differ_in_the_last_bit_are_not_tied():
    result = metrics.concordance_index([1, 2], [1, 0], [np.nextafter(1.0, 2.0), 1.0])

    assert result.value == 1.0


def test_only_pairs_whose_earlier_time_is_below_tau_count():
    time, event, risk = [1, 2, 3, 4], [1, 1, 1, 0], [4.0, 1.0, 2.0, 3.0]

    assert metrics.concordance_index(time, event, risk, tau=2).comparable_pairs == 3


def test_pairs_form_within_a_stratum_only():
    time, event, risk = [1, 2, 3, 4], [1, 1, 1, 1], [4.0, 1.0, 2.0, 3.0]

    result = metrics.concordance_index(time, event, risk, strata=["a", "b", "a", "b"])

    assert (result.value, result.comparable_pairs) == (0.5, 2)


def test_uno_weighs_a_pair_by_the_inverse_square_of_the_censoring_survival_before_the_event():
    # G falls to 2/3 at time 2 (of the three not having an event before), so the event at 3 weighs (3/2)^2.
    time, event = [1, 2, 3, 4], [1, 0, 1, 0]

    result = metrics.concordance_index_ipcw(time, event, time, event, [4.0, 1.0, 2.0, 3.0])

    assert result.value == pytest.approx(3 / (3 + 9 / 4), abs=1e-15)


def test_uno_without_censoring_is_harrell(untied):
    everybody = np.ones(len(untied), dtype=bool)

    uno = metrics.concordance_index_ipcw(untied.time, everybody, untied.time, everybody, untied.risk)

    assert uno.value == pytest.approx(metrics.concordance_index(untied.time, everybody, untied.risk).value, abs=1e-15)


@pytest.mark.parametrize("tau", [None, 0.75])
@pytest.mark.parametrize("stratified", [False, True])
def test_harrell_is_the_share_over_all_pairs(sample, slow, tau, stratified):
    strata = np.arange(len(sample)) % 3 if stratified else None

    result = metrics.concordance_index(sample.time, sample.event, sample.risk, tau=tau, strata=strata)

    expected = slow.concordance(sample.time, sample.event, sample.risk, tau or np.inf, strata)
    assert result.value == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("stratified", [False, True])
def test_uno_is_the_weighted_share_over_all_pairs(sample, slow, stratified):
    strata = np.arange(len(sample)) % 3 if stratified else None
    tau = 1.0
    train = sample.time[::2], sample.event[::2]
    weight = [slow.censoring_survival(*train, min(t, tau), before=True) ** -2.0 for t in sample.time]

    result = metrics.concordance_index_ipcw(*train, sample.time, sample.event, sample.risk, tau=tau, strata=strata)

    expected = slow.concordance(sample.time, sample.event, sample.risk, tau, strata, weight)
    assert result.value == pytest.approx(expected, abs=1e-13)


def test_no_event_is_an_error():
    with pytest.raises(ValueError, match="no patient has an event"):
        metrics.concordance_index([1, 2], [0, 0], [1.0, 2.0])


def test_no_event_before_tau_is_an_error():
    with pytest.raises(ValueError, match="no event before tau"):
        metrics.concordance_index([1, 2], [1, 0], [1.0, 2.0], tau=1)


def test_no_comparable_pair_is_an_error():
    with pytest.raises(ValueError, match="nobody outlives an event"):
        metrics.concordance_index([1, 2], [0, 1], [1.0, 2.0])


def test_uno_refuses_an_event_after_the_train_follow_up():
    with pytest.raises(ValueError, match="follow-up ends at 2"):
        metrics.concordance_index_ipcw([1, 2], [1, 1], [3, 4], [1, 0], [1.0, 2.0])


def test_uno_does_not_need_the_weight_of_an_event_without_a_comparable_pair():
    result = metrics.concordance_index_ipcw([1, 2], [1, 0], [1, 2, 9], [1, 0, 1], [3.0, 2.0, 1.0])

    assert result.value == 1.0
