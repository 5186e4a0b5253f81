"""Where and why each other package differs: runs them all and keeps docs/metrics/peer_differences.md true.

To write the page anew, after a package or a convention has changed::

    WRITE_PEER_DIFFERENCES=1 python -m pytest tests/metrics/test_peer_differences.py
"""

from __future__ import annotations

import os
import warnings
from importlib.metadata import version
from pathlib import Path

import lifelines.utils
import numpy as np
import pytest
import sksurv.metrics
import torch
from pycox.evaluation.concordance import concordance_td
from sksurv.util import Surv
from SurvivalEVAL.evaluations.calibration.distributional.distribution_calibration import d_calibration
from SurvivalEVAL.evaluations.calibration.single_time.integrated_calibration_index import (
    integrated_calibration_index,
)
from SurvivalEVAL.evaluations.discrimination.distributional.time_dependent_concordance import (
    concordance_time_dependent,
)
from SurvivalEVAL.evaluations.discrimination.single_time.area_under_ro_curve import auc
from SurvivalEVAL.evaluations.discrimination.static.concordance import concordance
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

PAGE = Path(__file__).parents[2] / "docs" / "metrics" / "peer_differences.md"
PACKAGES = ("scikit-survival", "lifelines", "pycox", "torchsurv", "SurvivalEVAL")

INTRODUCTION = """# Where other packages differ, and why

This page is written by `tests/metrics/test_peer_differences.py`, which runs the packages and fails when the page no
longer tells the truth. Two cohorts of 200 patients: one with continuous times and predictions, and the same one with
times rounded up to quarters, risks to whole numbers and survival probabilities to tenths, so that many coincide.
Scores at a time are taken at an observed time. A number in bold differs from ours.

"""
COLUMNS = "| metric | package | ours | theirs | ours, ties | theirs, ties | why they differ |\n"

AT_EVENT = "weighs an event by 1/G(T): censorings of the same time have already lowered G; ours is 1/G(T-)"
CENSORED_AT_T = "counts those censored at t as followed beyond t, and weighs by G(t-)"
TRAPEZOID = "areas under the Kaplan-Meier steps by trapezoids; ours are exact"


class Cohort:
    """One cohort and what every package makes of it."""

    def __init__(self, sample, *, rounded):
        self.time, self.event, self.risk = sample.time, sample.event, sample.risk
        self.indicator = sample.event.astype(int)
        self.structured = Surv.from_arrays(sample.event, sample.time)
        survival = np.round(sample.survival, 1) if rounded else sample.survival
        self.curves = sample.times, survival
        self.at = float(np.quantile(sample.time, 0.5, method="nearest"))
        self.tau = float(np.quantile(sample.time, 0.8, method="nearest"))
        self.outcome = metrics.PreparedOutcome(self.time, self.event, self.time, self.event)
        self.survival_at = metrics.interpolate_steps(*self.curves, [self.at])
        # Rows are patients, columns the observed times of all patients.
        self.at_observed = metrics.interpolate_steps(*self.curves, self.time)
        self.own = metrics.survival_at_observed(self.time, *self.curves)
        self.predicted_time = metrics.restricted_mean_survival(*self.curves)
        self.tensors = [
            torch.as_tensor(np.array(a), dtype=torch.float32) for a in (self.risk, self.time, self.survival_at)
        ]
        self.single_event, self.single_at = torch.as_tensor(self.event), torch.tensor([self.at])
        self.single_weights = get_ipcw(self.single_event, self.tensors[1])

    def rows(self):
        """Yield metric, package, our number, theirs, and the reason for a difference."""
        train = self.time, self.indicator
        both = self.structured, self.structured
        risk, time, survival = self.tensors

        ours = metrics.concordance_index(self.outcome, self.risk)
        theirs = sksurv.metrics.concordance_index_censored(self.event, self.time, self.risk)[0]
        yield "Harrell's C", "scikit-survival", ours, theirs, ""
        yield "", "lifelines", ours, lifelines.utils.concordance_index(self.time, -self.risk, self.event), ""
        yield "", "torchsurv", ours, ConcordanceIndex()(risk, self.single_event, time), ""
        yield "", "SurvivalEVAL", ours, concordance(-self.risk, *train)[0], ""
        small = 1e-9 * self.risk
        theirs = sksurv.metrics.concordance_index_censored(self.event, self.time, small)[0]
        reason = "takes risks within 1e-8 for tied; ours tie if they are equal"
        yield "Harrell's C of risks times 1e-9", "scikit-survival", ours, theirs, reason

        ours = metrics.concordance_index_ipcw(self.outcome, self.risk, tau=self.tau)
        theirs = sksurv.metrics.concordance_index_ipcw(*both, self.risk, self.tau)[0]
        yield "Uno's C", "scikit-survival", ours, theirs, AT_EVENT
        in_single = ConcordanceIndex()(
            risk, self.single_event, time, weight=self.single_weights, tmax=torch.tensor(self.tau, dtype=torch.float32)
        )
        yield "", "torchsurv", ours, in_single, AT_EVENT
        theirs = concordance(-self.risk, *train, *train, method="Uno", tau=self.tau)[0]
        yield "", "SurvivalEVAL", ours, theirs, ""

        ours = metrics.concordance_index_td(self.outcome, *self.curves)
        by_time = self.at_observed.T.copy()
        rows = np.arange(self.time.size)
        theirs = concordance_td(self.time, self.indicator, by_time, rows, "antolini")
        yield "C-td", "pycox `antolini`", ours, theirs, 'counts equal survival 0, as `ties="zero"` does here'
        theirs = concordance_td(self.time, self.indicator, by_time, rows, "adj_antolini")
        reason = 'counts pairs of equal times twice, two events among them, as `ties="pycox_adjusted"` does here'
        yield "", "pycox `adj_antolini`", ours, theirs, reason
        theirs = concordance_time_dependent(1 - self.at_observed[:, self.event], *train)[0]
        yield "", "SurvivalEVAL", ours, theirs, ""

        ours = metrics.brier_score(self.outcome, *self.curves, at=self.at)
        theirs = sksurv.metrics.brier_score(*both, self.survival_at, [self.at])[1][0]
        yield "Brier score", "scikit-survival", ours, theirs, AT_EVENT
        after = {"weight_new_time": get_ipcw(self.single_event, time, self.single_at)}
        in_single = BrierScore()(survival, self.single_event, time, self.single_at, weight=self.single_weights, **after)
        yield "", "torchsurv", ours, in_single[0], AT_EVENT
        theirs = brier_multiple_points(self.survival_at, *train, *train, np.array([self.at]))[0]
        yield "", "SurvivalEVAL", ours, theirs, CENSORED_AT_T

        ours = metrics.cumulative_dynamic_auc(self.outcome, self.risk, at=self.at)
        theirs = sksurv.metrics.cumulative_dynamic_auc(*both, self.risk, self.at)[0][0]
        yield "Time-dependent AUC", "scikit-survival", ours, theirs, AT_EVENT
        in_single = Auc()(risk, self.single_event, time, new_time=self.single_at, weight=self.single_weights, **after)
        yield "", "torchsurv", ours, in_single[0], AT_EVENT
        theirs = auc(1 / (1 + np.exp(self.risk)), *train, self.at, *train, "IPCW")
        yield "", "SurvivalEVAL", ours, theirs, CENSORED_AT_T

        ours = metrics.d_calibration(self.own, self.event)
        theirs = d_calibration(self.own, self.event)[0]
        reason = "some edges of its bins lie one rounding error beside k/10"
        yield "D-calibration, statistic", "SurvivalEVAL", ours, theirs, reason

        ours = metrics.integrated_calibration_index(self.outcome, *self.curves, at=self.at)
        theirs = integrated_calibration_index(1 - self.survival_at[:, 0], *train, self.at)["ICI"]
        yield "ICI", "SurvivalEVAL", ours, theirs, "moves probabilities of 0 and 1 to 1e-10 and 1 - 1e-10"

        for name, censored in (("Margin", "margin"), ("Pseudo_obs", "pseudo_observation")):
            ours = metrics.mean_absolute_error(self.outcome, self.predicted_time, censored=censored)
            theirs = mean_error(self.predicted_time, *train, *train, method=name)
            yield f"Mean absolute error, {censored.replace('_', '-')}", "SurvivalEVAL", ours, theirs, TRAPEZOID


def table(untied, tied):
    """Write the rows of the two cohorts side by side."""
    lines = [COLUMNS, "| --- | --- | --- | --- | --- | --- | --- |\n"]
    for (name, package, *without, _), (_, _, *with_ties, reason) in zip(untied.rows(), tied.rows(), strict=True):
        numbers = [cell for ours, theirs in (without, with_ties) for cell in cells(float(ours), float(theirs))]
        differs = any("**" in cell for cell in numbers)
        lines.append(f"| {' | '.join([name, package, *numbers, reason if differs else ''])} |\n")
    return "".join(lines)


def cells(ours, theirs):
    left, right = f"{ours:.4f}", f"{theirs:.4f}"
    return left, right if left == right else f"**{right}**"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_page_on_peer_differences_is_true(draw):
    found = table(Cohort(draw(200, 3), rounded=False), Cohort(draw(200, 3, tied=True), rounded=True))

    if os.environ.get("WRITE_PEER_DIFFERENCES"):
        versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
        PAGE.write_text(f"{INTRODUCTION}{found}\nVersions: {versions}.\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8")
    assert found in page
