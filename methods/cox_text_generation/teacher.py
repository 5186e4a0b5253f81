"""The teacher: a ridge-penalised Cox model of the training patients."""

import numpy as np
from sksurv.linear_model import CoxPHSurvivalAnalysis

from benchmarks.types import Cohort, FloatArray, Table
from methods.shared.curves import proportional_hazards_survival, steps_at
from methods.shared.tabular import TabularPreprocessor


class CoxTeacher:
    """Cox model (ties: Efron) with Breslow's baseline; it can label any vector of covariates.

    The student's curve is the teacher's for another linear predictor: proportional hazards and this baseline are
    inherited, not learnt from text.

    Parameters
    ----------
    ridge : float
        Weight of the squared coefficients of the standardised covariates.
    """

    def __init__(self, ridge: float) -> None:
        self.ridge = ridge

    def fit(self, train: Cohort) -> "CoxTeacher":
        """Fit on the training patients and fix the horizon.

        The horizon is the median observed time; where that lies before the first event, the time of the first event,
        since the probability of an event before it is 0 for everybody.
        """
        table, outcome = train.patients.table(), train.outcome
        self.features = TabularPreprocessor().fit(table)
        self.model = CoxPHSurvivalAnalysis(alpha=self.ridge, ties="efron")
        self.model.fit(self.features.transform(table), outcome.as_structured())
        first_event = outcome.time[outcome.event].min()
        self.horizon = float(max(np.median(outcome.time), first_event))
        return self

    def linear_predictor(self, table: Table) -> FloatArray:
        """Return x'b of n patients, shape (n,); its mean over the training patients is 0."""
        linear_predictor: FloatArray = self.model.predict(self.features.transform(table))
        return linear_predictor

    def cumulative_hazard(self, times: FloatArray) -> FloatArray:
        """Return H0 at T times, shape (T,): 0 before the first event, constant after the last."""
        baseline = self.model.cum_baseline_hazard_
        return steps_at(baseline.x, baseline.y, times, before=0.0)

    def survival(self, linear_predictor: FloatArray, times: FloatArray) -> FloatArray:
        """Return exp(-H0(t) exp(lp)) of n linear predictors at T times, shape (n, T)."""
        return proportional_hazards_survival(linear_predictor, self.cumulative_hazard(times))
