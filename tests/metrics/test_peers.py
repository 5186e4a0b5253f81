"""Agreement with other packages to 1e-12 wherever the conventions coincide.

Without ties nearly everything coincides; `docs/metrics/peer_differences.md` shows what does not, and why.
"""

from __future__ import annotations

import warnings

import lifelines
import lifelines.utils
import numpy as np
import pandas as pd
import pytest
import sksurv.metrics
import sksurv.nonparametric
import torch
from pycox.evaluation.concordance import concordance_td
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.util import Surv
from SurvivalEVAL.evaluations.calibration.distributional.distribution_calibration import (
    d_calibration as survivaleval_d_calibration,
)
from SurvivalEVAL.evaluations.calibration.single_time.integrated_calibration_index import (
    integrated_calibration_index as survivaleval_ici,
)
from SurvivalEVAL.evaluations.calibration.single_time.one_calibration import (
    one_calibration as survivaleval_one_calibration,
)
from SurvivalEVAL.evaluations.discrimination.distributional.time_dependent_concordance import (
    concordance_time_dependent,
)
from SurvivalEVAL.evaluations.discrimination.single_time.area_under_ro_curve import auc as survivaleval_auc
from SurvivalEVAL.evaluations.discrimination.static.concordance import concordance as survivaleval_concordance
from SurvivalEVAL.evaluations.prediction_error.brier_score import brier_multiple_points
from SurvivalEVAL.evaluations.prediction_error.mean_error import mean_error

import metrics

with warnings.catch_warnings():
    # torchsurv compiles with torch.jit when it is imported, which torch calls deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from torchsurv.metrics.auc import Auc
    from torchsurv.metrics.brier_score import BrierScore
    from torchsurv.metrics.cindex import ConcordanceIndex
    from torchsurv.stats.ipcw import get_ipcw

EXACT = 1e-12
SINGLE_PRECISION = 1e-6


class Case:
    """One cohort in the forms that the packages want."""

    def __init__(self, sample):
        self.sample = sample
        self.time, self.event, self.risk = sample.time, sample.event, sample.risk
        self.indicator = sample.event.astype(int)
        self.structured = Surv.from_arrays(sample.event, sample.time)
        # Halfway between observed times: at an observed time packages differ in who is still at risk.
        observed = np.unique(sample.time)
        self.between = ((observed[:-1] + observed[1:]) / 2)[len(observed) // 4 :: len(observed) // 8][:4]
        self.tau = float(self.between[-1])
        self.outcome = metrics.PreparedOutcome(self.time, self.event, self.time, self.event)
        self.curves = sample.times, sample.survival
        self.survival_at = metrics.interpolate_steps(*self.curves, self.between)
        # Rows are patients, columns the observed times of all patients.
        self.at_observed = metrics.interpolate_steps(*self.curves, self.time)

    def tensors(self, *arrays):
        return [torch.as_tensor(np.array(a), dtype=torch.float32) for a in arrays]


@pytest.fixture
def case(untied):
    return Case(untied)


@pytest.fixture
def tied_case(tied):
    return Case(tied)


def test_harrell_of_scikit_survival_and_lifelines_ties_included(sample):
    ours = metrics.concordance_index(sample.time, sample.event, sample.risk).value

    assert ours == pytest.approx(
        sksurv.metrics.concordance_index_censored(sample.event, sample.time, sample.risk)[0], abs=EXACT
    )
    assert ours == pytest.approx(lifelines.utils.concordance_index(sample.time, -sample.risk, sample.event), abs=EXACT)


def test_harrell_of_survivaleval_and_torchsurv_ties_included(sample):
    ours = metrics.concordance_index(sample.time, sample.event, sample.risk).value
    case = Case(sample)

    theirs, _, pairs = survivaleval_concordance(-case.risk, case.time, case.indicator)
    risk, time = case.tensors(case.risk, case.time)
    in_single = ConcordanceIndex()(risk, torch.as_tensor(case.event), time)
    assert ours == pytest.approx(theirs, abs=EXACT)
    assert metrics.concordance_index(case.outcome, case.risk).comparable_pairs == pairs
    assert ours == pytest.approx(float(in_single), abs=SINGLE_PRECISION)


def test_uno_of_survivaleval_ties_included(sample):
    case = Case(sample)

    theirs = survivaleval_concordance(
        -case.risk, case.time, case.indicator, case.time, case.indicator, method="Uno", tau=case.tau
    )[0]

    assert metrics.concordance_index_ipcw(case.outcome, case.risk, tau=case.tau).value == pytest.approx(
        theirs, abs=EXACT
    )


def test_uno_of_scikit_survival_and_torchsurv(case):
    ours = metrics.concordance_index_ipcw(case.outcome, case.risk, tau=case.tau).value

    theirs = sksurv.metrics.concordance_index_ipcw(case.structured, case.structured, case.risk, case.tau)[0]
    risk, time, tau = case.tensors(case.risk, case.time, case.tau)
    weight = get_ipcw(torch.as_tensor(case.event), time)
    in_single = ConcordanceIndex()(risk, torch.as_tensor(case.event), time, weight=weight, tmax=tau)
    assert ours == pytest.approx(theirs, abs=EXACT)
    assert ours == pytest.approx(float(in_single), abs=SINGLE_PRECISION)


@pytest.mark.parametrize(("ties", "method"), [("zero", "antolini"), ("pycox_adjusted", "adj_antolini")])
@pytest.mark.parametrize("rounded", [False, True])
def test_antolini_of_pycox_ties_included(sample, ties, method, rounded):
    survival = np.round(sample.survival, 1) if rounded else sample.survival
    at_observed = metrics.interpolate_steps(sample.times, survival, sample.time)

    ours = metrics.concordance_index_td(sample.time, sample.event, sample.times, survival, ties=ties)

    theirs = concordance_td(sample.time, sample.event.astype(int), at_observed.T.copy(), np.arange(len(sample)), method)
    assert ours.value == pytest.approx(theirs, abs=EXACT)


def test_antolini_of_survivaleval_ties_included(sample):
    case = Case(sample)

    theirs = concordance_time_dependent(1 - case.at_observed[:, case.event], case.time, case.indicator)[0]

    assert metrics.concordance_index_td(case.outcome, *case.curves).value == pytest.approx(theirs, abs=EXACT)


def test_brier_score_of_scikit_survival_survivaleval_and_torchsurv(case):
    ours = metrics.brier_score(case.outcome, *case.curves, at=case.between).value

    train = case.structured, case.structured
    single = case.tensors(case.survival_at, case.time, case.between)
    event = torch.as_tensor(case.event)
    in_single = BrierScore()(
        single[0], event, *single[1:], weight=get_ipcw(event, single[1]), weight_new_time=get_ipcw(event, *single[1:])
    )
    outcome = case.time, case.indicator
    np.testing.assert_allclose(
        ours, sksurv.metrics.brier_score(*train, case.survival_at, case.between)[1], rtol=0, atol=EXACT
    )
    np.testing.assert_allclose(
        ours, brier_multiple_points(case.survival_at, *outcome, *outcome, case.between), rtol=0, atol=EXACT
    )
    np.testing.assert_allclose(ours, in_single, rtol=0, atol=SINGLE_PRECISION)


def test_integrated_brier_score_of_scikit_survival(case):
    ours = metrics.integrated_brier_score(case.outcome, *case.curves, grid=case.between)

    theirs = sksurv.metrics.integrated_brier_score(case.structured, case.structured, case.survival_at, case.between)
    assert ours.value == pytest.approx(theirs, abs=EXACT)


def test_time_dependent_auc_of_scikit_survival_survivaleval_and_torchsurv(case):
    ours = metrics.cumulative_dynamic_auc(case.outcome, case.risk, at=case.between).by_time.value

    theirs = sksurv.metrics.cumulative_dynamic_auc(case.structured, case.structured, case.risk, case.between)[0]
    probability = 1 / (1 + np.exp(case.risk))
    outcome = case.time, case.indicator
    others = [survivaleval_auc(probability, *outcome, t, *outcome, "IPCW") for t in case.between]
    risk, time, at = case.tensors(case.risk, case.time, case.between)
    event = torch.as_tensor(case.event)
    weights = {"weight": get_ipcw(event, time), "weight_new_time": get_ipcw(event, time, at)}
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=EXACT)
    np.testing.assert_allclose(ours, others, rtol=0, atol=EXACT)
    np.testing.assert_allclose(ours, Auc()(risk, event, time, new_time=at, **weights), rtol=0, atol=SINGLE_PRECISION)


def test_d_calibration_of_survivaleval(sample):
    at_observed = metrics.survival_at_observed(sample.time, sample.times, sample.survival)

    ours = metrics.d_calibration(at_observed, sample.event)

    statistic, p_value, _ = survivaleval_d_calibration(at_observed, sample.event)
    assert (ours.value, ours.p_value) == (
        pytest.approx(statistic, rel=EXACT, abs=EXACT),
        pytest.approx(p_value, rel=1e-10),
    )


def test_integrated_calibration_index_of_survivaleval_ties_included(sample):
    at = 0.75
    predicted = 1 - metrics.interpolate_steps(sample.times, sample.survival, [at])[:, 0]

    ours = metrics.integrated_calibration_index(sample.time, sample.event, sample.times, sample.survival, at=at)

    theirs = survivaleval_ici(predicted, sample.time, sample.event.astype(int), at)
    # Their optimiser stops at a gradient of 1e-7.
    found = ours.value, ours.e50, ours.e90, ours.largest
    np.testing.assert_allclose(found, [theirs[k] for k in ("ICI", "E50", "E90", "E_max")], rtol=0, atol=1e-5)


def test_one_calibration_of_survivaleval(draw):
    sample = draw(400)
    at = 0.75
    predicted = 1 - metrics.interpolate_steps(sample.times, sample.survival, [at])[:, 0]

    ours = metrics.one_calibration(sample.time, sample.event, sample.times, sample.survival, at=at, bins=4)

    p_value, statistic, *_ = survivaleval_one_calibration(
        predicted, sample.time, sample.event.astype(int), at, num_bins=4
    )
    assert (ours.value, ours.p_value) == (pytest.approx(statistic, abs=1e-10), pytest.approx(p_value, abs=EXACT))


@pytest.mark.parametrize(("ours", "theirs"), [("uncensored", "Uncensored"), ("hinge", "Hinge")])
def test_mean_absolute_error_of_survivaleval(sample, ours, theirs):
    case = Case(sample)
    predicted = np.exp(-case.risk)

    found = metrics.mean_absolute_error(case.outcome, predicted, censored=ours).value

    expected = mean_error(predicted, case.time, case.indicator, method=theirs, weighted=False)
    assert found == pytest.approx(expected, abs=EXACT)


def test_kaplan_meier_of_lifelines_and_scikit_survival(sample):
    ours = metrics.kaplan_meier(sample.time, sample.event)

    fitted = lifelines.KaplanMeierFitter().fit(sample.time, sample.event)
    times, survival = sksurv.nonparametric.kaplan_meier_estimator(sample.event, sample.time)
    np.testing.assert_allclose(ours.survival, fitted.predict(ours.times), rtol=0, atol=EXACT)
    np.testing.assert_array_equal(ours.times, times)
    np.testing.assert_allclose(ours.survival, survival, rtol=0, atol=EXACT)


def test_censoring_distribution_of_scikit_survival_ties_included(sample):
    ours = metrics.censoring_distribution(sample.time, sample.event)

    _, survival = sksurv.nonparametric.kaplan_meier_estimator(sample.event, sample.time, reverse=True)
    np.testing.assert_allclose(ours.survival, survival, rtol=0, atol=EXACT)


def test_restricted_mean_of_lifelines(sample):
    estimate = metrics.kaplan_meier(sample.time, sample.event)

    ours = metrics.restricted_mean_survival(estimate.times, estimate.survival[np.newaxis, :], tau=1.3)

    fitted = lifelines.KaplanMeierFitter().fit(sample.time, sample.event)
    expected = lifelines.utils.restricted_mean_survival_time(fitted, t=1.3)
    assert ours[0] == pytest.approx(expected, abs=EXACT)


def test_calibration_slope_is_the_cox_coefficient_of_scikit_survival(sample):
    z = np.log(-np.log(metrics.interpolate_steps(sample.times, sample.survival, [0.75])))

    ours = metrics.calibration_slope(sample.time, sample.event, sample.times, sample.survival, at=0.75)

    fitted = CoxPHSurvivalAnalysis(ties="efron", tol=1e-14).fit(z, Surv.from_arrays(sample.event, sample.time))
    assert ours.value == pytest.approx(fitted.coef_[0], abs=1e-9)


def test_the_robust_standard_error_of_the_slope_is_that_of_lifelines(untied):
    z = np.log(-np.log(metrics.interpolate_steps(untied.times, untied.survival, [0.75])[:, 0]))
    frame = pd.DataFrame({"time": untied.time, "event": untied.event, "z": z})

    ours = metrics.calibration_slope(untied.time, untied.event, untied.times, untied.survival, at=0.75)

    fitted = lifelines.CoxPHFitter().fit(frame, "time", "event", robust=True, fit_options={"precision": 1e-12})
    # They divide by n, we by n - 1.
    n = len(untied)
    assert ours.standard_error == pytest.approx(fitted.standard_errors_["z"] * np.sqrt(n / (n - 1)), rel=1e-6)
