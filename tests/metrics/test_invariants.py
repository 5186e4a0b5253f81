"""What must not change a metric, or change it in a known way, on small cohorts with many ties."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import metrics

UNCHANGED = 1e-12

# The kernels compile on their first call, which no deadline per example allows for.
relaxed = settings(deadline=None, max_examples=60)


class Cohort(NamedTuple):
    time: np.ndarray
    event: np.ndarray
    risk: np.ndarray
    times: np.ndarray
    survival: np.ndarray


@st.composite
def cohorts(draw, *, tied=True):
    """Draw 4 to 30 patients; with ties, times, risks and probabilities take few values, 0 and 1 among them."""
    n = draw(st.integers(4, 30))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    event = random.random(n) < draw(st.sampled_from([0.3, 0.7, 1.0]))
    times = np.arange(1.0, 7.0) * 2
    if tied:
        time = random.integers(1, draw(st.integers(2, 15)), size=n).astype(float)
        risk = random.integers(-3, 4, size=n).astype(float)
        survival = -np.sort(-random.integers(0, 5, size=(n, 6)) / 4, axis=1)
    else:
        time, risk = random.exponential(6.0, size=n), random.normal(size=n)
        survival = -np.sort(-random.random((n, 6)), axis=1)
    event[np.argmin(time)] = True
    return Cohort(time, event, risk, times, survival)


def all_values(cohort, train=None, tau=None):
    """Every metric's value, or the reason why there is none."""
    train = train or cohort
    tau = tau or 0.8 * cohort.time.max()
    outcome = metrics.PreparedOutcome(train.time, train.event, cohort.time, cohort.event, tau)
    curves = cohort.times, cohort.survival
    calls = {
        "C": lambda: metrics.concordance_index(outcome, cohort.risk),
        "Uno": lambda: metrics.concordance_index_ipcw(outcome, cohort.risk),
        "C-td": lambda: metrics.concordance_index_td(outcome, *curves),
        "Brier": lambda: metrics.brier_score(outcome, *curves, at=tau),
        "IBS": lambda: metrics.integrated_brier_score(outcome, *curves),
        "AUC": lambda: metrics.cumulative_dynamic_auc(outcome, cohort.risk, at=tau),
        "D-calibration": lambda: metrics.d_calibration(
            metrics.survival_at_observed(cohort.time, *curves), cohort.event
        ),
        "ICI": lambda: metrics.integrated_calibration_index(outcome, *curves),
        "slope": lambda: metrics.calibration_slope(outcome, *curves),
        "groups": lambda: metrics.km_calibration(outcome, *curves, bins=3),
        "net benefit": lambda: metrics.net_benefit(outcome, *curves, thresholds=0.3),
        "likelihood": lambda: metrics.negative_log_likelihood(outcome, *curves),
    }
    return {name: value_or_reason(call) for name, call in calls.items()}


def value_or_reason(call):
    try:
        return float(call())
    except ValueError as error:
        # The reason without its numbers and patients, which may change.
        return "".join(letter for letter in str(error) if letter.isalpha() or letter == " ")


def assert_same(found, expected, tolerance=UNCHANGED):
    for name, value in expected.items():
        if isinstance(value, str):
            assert isinstance(found[name], str), (name, value, found[name])
        else:
            assert found[name] == pytest.approx(value, rel=tolerance, abs=tolerance), name


@relaxed
@given(cohorts(), st.randoms(use_true_random=False))
def test_the_order_of_the_patients_does_not_matter(cohort, random):
    order = list(range(cohort.time.size))
    random.shuffle(order)
    shuffled = Cohort(cohort.time[order], cohort.event[order], cohort.risk[order], cohort.times, cohort.survival[order])

    # Optimisation of the Cox model stops at 1e-10.
    assert_same(all_values(shuffled, train=cohort), all_values(cohort), tolerance=1e-9)


@relaxed
@given(cohorts(), st.sampled_from([1 / 365.25, 12.0, 86400.0]))
def test_the_unit_of_time_does_not_matter(cohort, unit):
    rescaled = cohort._replace(time=cohort.time * unit, times=cohort.times * unit)
    tau = 0.8 * cohort.time.max()
    # A product may round two equal times, or a time and a grid time, apart.
    assume(np.array_equal(np.searchsorted(cohort.times, cohort.time), np.searchsorted(rescaled.times, rescaled.time)))
    assume(np.array_equal(cohort.time < tau, rescaled.time < tau * unit))

    assert_same(all_values(rescaled, tau=tau * unit), all_values(cohort, tau=tau), tolerance=1e-9)


@relaxed
@given(cohorts())
def test_every_patient_twice_gives_the_same_number(cohort):
    twice = Cohort(
        np.tile(cohort.time, 2),
        np.tile(cohort.event, 2),
        np.tile(cohort.risk, 2),
        cohort.times,
        np.tile(cohort.survival, (2, 1)),
    )

    # Efron's treatment of ties and the chi-squared statistic are not means over patients.
    expected = {k: v for k, v in all_values(cohort).items() if k not in ("ICI", "slope", "D-calibration")}
    assert_same(all_values(twice), expected)


@relaxed
@given(cohorts(), st.sampled_from([1e-9, 1e9]))
def test_the_scale_of_the_risk_does_not_matter(cohort, scale):
    scaled = cohort._replace(risk=cohort.risk * scale)

    found, expected = all_values(scaled), all_values(cohort)

    assert [found[name] for name in ("C", "Uno", "AUC")] == [expected[name] for name in ("C", "Uno", "AUC")]


@relaxed
@given(cohorts())
def test_only_the_order_of_the_risks_matters(cohort):
    transformed = cohort._replace(risk=np.exp(cohort.risk) - 7)

    found, expected = all_values(transformed), all_values(cohort)

    assert [found[name] for name in ("C", "Uno", "AUC")] == [expected[name] for name in ("C", "Uno", "AUC")]


@relaxed
@given(cohorts())
def test_the_index_of_the_reversed_risk_is_the_complement(cohort):
    found, expected = all_values(cohort._replace(risk=-cohort.risk)), all_values(cohort)

    for name in ("C", "Uno", "AUC"):
        if not isinstance(expected[name], str):
            assert found[name] == pytest.approx(1 - expected[name], abs=UNCHANGED)


@relaxed
@given(cohorts(), st.integers(1, 14))
def test_a_constant_half_has_a_brier_score_of_one_quarter(cohort, at):
    assume(at < cohort.time.max())
    half = np.full((cohort.time.size, 1), 0.5)

    result = metrics.brier_score(cohort.time, cohort.event, cohort.time, cohort.event, [0.1], half, at=at)

    assert float(result) == pytest.approx(0.25, abs=UNCHANGED)


@relaxed
@given(cohorts())
def test_survival_times_censoring_survival_is_the_share_followed(cohort):
    survival = metrics.kaplan_meier(cohort.time, cohort.event)
    censoring = metrics.censoring_distribution(cohort.time, cohort.event)

    followed = (cohort.time[:, np.newaxis] > survival.times).mean(axis=0)
    np.testing.assert_allclose(survival.survival * censoring.survival, followed, rtol=0, atol=UNCHANGED)


@relaxed
@given(cohorts(tied=False))
def test_of_proportional_hazards_on_a_fine_grid_antolini_is_harrell(cohort):
    times = np.unique(cohort.time)
    survival = np.exp(-np.outer(np.exp(cohort.risk), times / times.max()))
    try:
        expected = metrics.concordance_index(cohort.time, cohort.event, cohort.risk).value
    except ValueError:
        assume(False)

    assert metrics.concordance_index_td(cohort.time, cohort.event, times, survival).value == expected


@relaxed
@given(cohorts())
def test_values_stay_in_their_range(cohort):
    values = all_values(cohort)

    for name in ("C", "Uno", "C-td", "AUC", "ICI", "groups"):
        assert isinstance(values[name], str) or 0 <= values[name] <= 1, name


@relaxed
@given(cohorts())
def test_each_stratum_by_itself_has_the_same_pairs(cohort):
    # Twice the cohort in two strata is the cohort: no pair is formed across.
    try:
        alone = metrics.concordance_index(cohort.time, cohort.event, cohort.risk)
    except ValueError:
        assume(False)
    n = cohort.time.size
    together = metrics.concordance_index(
        np.tile(cohort.time, 2), np.tile(cohort.event, 2), np.tile(cohort.risk, 2), strata=np.repeat([0, 1], n)
    )

    assert (together.value, together.comparable_pairs) == (alone.value, 2 * alone.comparable_pairs)
