"""Cox-Time: case-control sampling, and curves of a relative risk that changes with time."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.types import Outcome
from methods.cox_time.case_control import RelativeRiskCurves, RiskSets
from methods.shared.heads.proportional_hazards import BreslowCurves

OUTCOME = Outcome(np.array([3.0, 2.0, 2.0, 1.0, 4.0]), np.array([1, 1, 0, 1, 0]))


def test_controls_are_drawn_from_everybody_at_risk_and_nobody_else() -> None:
    risk_sets = RiskSets(OUTCOME)
    assert risk_sets.cases.tolist() == [3, 1, 0]
    drawn = risk_sets.controls(np.array([0, 1, 2]), 500, np.random.default_rng(0))
    assert drawn.shape == (500, 3)
    at_risk = [{0, 1, 2, 3, 4}, {0, 1, 2, 4}, {0, 4}]
    assert [set(column.tolist()) for column in drawn.T] == at_risk


def test_controls_are_drawn_with_equal_probability() -> None:
    drawn = RiskSets(OUTCOME).controls(np.array([1]), 20_000, np.random.default_rng(0))
    counts = np.bincount(drawn[:, 0], minlength=5)
    assert counts[3] == 0
    assert counts[[0, 1, 2, 4]] / 20_000 == pytest.approx([0.25] * 4, abs=0.02)


def test_curves_by_hand() -> None:
    # Relative risk t for patients 0 and 1, and 1 for the others.
    def log_relative_risk(time: float) -> np.ndarray:
        return np.log(np.array([time, time, 1.0, 1.0, 1.0]))

    curves = RelativeRiskCurves().fit(log_relative_risk, OUTCOME)
    hazards = np.array([1 / 5, 1 / (2 + 2 + 1 + 1), 1 / (3 + 1)])
    survival = curves.survival(log_relative_risk, np.array([0.0, 1.0, 2.5, 3.0, 9.0]))
    assert survival[2] == pytest.approx(np.exp(-np.cumsum([0, *hazards, 0])))
    assert survival[0] == pytest.approx(np.exp(-np.cumsum([0, *(hazards * [1, 2, 3]), 0])))


def test_a_relative_risk_that_does_not_change_gives_the_curves_of_breslow(gbsg2) -> None:
    outcome = gbsg2.train.outcome
    risk = np.random.default_rng(0).normal(size=len(outcome))
    ours = RelativeRiskCurves().fit(lambda _: risk, outcome).survival(lambda _: risk, gbsg2.times)
    np.testing.assert_allclose(ours, BreslowCurves().fit(risk, outcome).survival(risk, gbsg2.times), atol=1e-12)


def test_huge_relative_risks_give_curves(gbsg2) -> None:
    outcome = gbsg2.train.outcome
    risk = 1e5 * np.random.default_rng(0).normal(size=len(outcome))
    survival = RelativeRiskCurves().fit(lambda _: risk, outcome).survival(lambda _: risk, gbsg2.times)
    assert np.isfinite(survival).all()
    assert (survival[:, 0] == 1).all()
