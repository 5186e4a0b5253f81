"""The models of the training patients that say what the student is to write."""

from typing import Literal, Protocol, TypeAlias

import numpy as np
from sklearn.feature_selection import VarianceThreshold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sksurv.nonparametric import kaplan_meier_estimator

from benchmarks.types import Cohort, Context, FloatArray, Outcome, Patients, Table
from methods.random_survival_forest import Config as ForestConfig
from methods.random_survival_forest import RandomSurvivalForest
from methods.shared.curves import steps_at
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.ridge_cox import RidgeCox

TeacherName: TypeAlias = Literal["cox", "cox_poly2", "rsf", "km"]

# Penalty of a product over that of a covariate. There are many products for few events: with 100 they take over, with
# 10000 little is left of them (C of the validation parts of gbsg2, whas500 and actg320).
PRODUCT_PENALTY = 1000.0

# Of a survival of 0 there is no finite cumulative hazard, of 1 no logarithm of it.
SMALLEST_SURVIVAL = 1e-12


class Teacher(Protocol):
    """A survival model; whatever it is, its student's curves are ``exp(-H0(t) exp(lp))`` of the number written.

    The student's curves thus inherit proportional hazards and the teacher's baseline, they are not learnt from text.
    """

    horizon: float
    """Time up to which the probability of an event may be the number to write."""

    def linear_predictor(self, table: Table) -> FloatArray:
        """Return the log hazard ratio of n patients to the baseline, shape (n,)."""

    def cumulative_hazard(self, times: FloatArray) -> FloatArray:
        """Return the baseline H0 at T times, shape (T,): 0 before the first event."""

    def survival(self, table: Table, times: FloatArray) -> FloatArray:
        """Return the teacher's own curves of n patients at T times, shape (n, T)."""


class CoxTeacher:
    """Ridge-penalised Cox model (ties: Efron) with Breslow's baseline; it can label any vector of covariates.

    Parameters
    ----------
    train : Cohort
        The training patients.
    penalty : float
        Weight of the squared coefficients of the standardised covariates.
    products : bool
        Whether squares and pairwise products of the standardised covariates, standardised again, are covariates too;
        they have 1000 times that weight.
    """

    def __init__(self, train: Cohort, penalty: float, *, products: bool = False) -> None:
        table, outcome = train.patients.table(), train.outcome
        self.horizon = horizon_of(outcome)
        self.covariates = TabularPreprocessor().fit(table)
        self.products: Pipeline | None = None
        if products:
            self.products = make_pipeline(
                PolynomialFeatures(2, include_bias=False), VarianceThreshold(), StandardScaler()
            ).fit(self.covariates.transform(table))
        features = self._features(table)
        penalties = np.full(features.shape[1], PRODUCT_PENALTY * penalty)
        penalties[: len(self.covariates.names)] = penalty
        self.model = RidgeCox(penalties).fit(features, outcome)

    def linear_predictor(self, table: Table) -> FloatArray:
        """Return x'b of n patients, shape (n,); its mean over the training patients is 0."""
        return self.model.linear_predictor(self._features(table))

    def cumulative_hazard(self, times: FloatArray) -> FloatArray:
        """Return Breslow's H0 at T times, shape (T,): constant after the last event."""
        return self.model.cumulative_hazard(times)

    def survival(self, table: Table, times: FloatArray) -> FloatArray:
        """Return the curves of n patients at T times, shape (n, T)."""
        return self.model.survival(self._features(table), times)

    def _features(self, table: Table) -> FloatArray:
        covariates = self.covariates.transform(table)
        features: FloatArray = covariates if self.products is None else self.products.transform(covariates)
        return features


class KaplanMeierTeacher:
    """The Kaplan-Meier curve: it says the same of everybody, and a student can copy no ranking from it.

    Parameters
    ----------
    train : Cohort
        The training patients.
    """

    def __init__(self, train: Cohort) -> None:
        self.horizon = horizon_of(train.outcome)
        self._knots, self._curve = kaplan_meier_estimator(train.outcome.event, train.outcome.time)

    def linear_predictor(self, table: Table) -> FloatArray:
        """Return zeros, shape (n,)."""
        return np.zeros(len(table))

    def cumulative_hazard(self, times: FloatArray) -> FloatArray:
        """Return -log of the curve, shape (T,)."""
        return -np.log(np.maximum(self._at(times), SMALLEST_SURVIVAL))

    def survival(self, table: Table, times: FloatArray) -> FloatArray:
        """Return the curve n times, shape (n, T)."""
        return np.tile(self._at(times), (len(table), 1))

    def _at(self, times: FloatArray) -> FloatArray:
        return steps_at(self._knots, self._curve, times, before=1.0)


class ForestTeacher:
    """The suite's random survival forest, with its defaults.

    A forest has no linear predictor. It is taught by what it says of the horizon tau: lp = log H(tau | x) -
    log H0(tau), with the baseline H0 of the Kaplan-Meier curve, so that the student's curves pass through the
    forest's at tau and have the shape of the Kaplan-Meier curve elsewhere.

    Parameters
    ----------
    train : Cohort
        The training patients.
    context : Context
        Seed and threads.
    """

    def __init__(self, train: Cohort, context: Context) -> None:
        self._forest = RandomSurvivalForest(ForestConfig())
        self._forest.fit(train, train, context)  # the forest has no use for a validation part
        self._baseline = KaplanMeierTeacher(train)
        self.horizon = self._baseline.horizon

    def linear_predictor(self, table: Table) -> FloatArray:
        """Return log H(tau | x) - log H0(tau) of n patients, shape (n,)."""
        horizon = np.array([self.horizon])
        survival = np.clip(self.survival(table, horizon)[:, 0], SMALLEST_SURVIVAL, 1 - SMALLEST_SURVIVAL)
        linear_predictor: FloatArray = np.log(-np.log(survival)) - np.log(self.cumulative_hazard(horizon))
        return linear_predictor

    def cumulative_hazard(self, times: FloatArray) -> FloatArray:
        """Return -log of the Kaplan-Meier curve, shape (T,)."""
        return self._baseline.cumulative_hazard(times)

    def survival(self, table: Table, times: FloatArray) -> FloatArray:
        """Return the forest's curves of n patients, shape (n, T)."""
        ids = np.array([str(row) for row in range(len(table))])
        survival = self._forest.predict(Patients(ids, {"clinical": table}), times).survival
        assert survival is not None, "a forest has curves"
        return survival


def make_teacher(name: TeacherName, penalty: float, train: Cohort, context: Context) -> Teacher:
    """Return the named teacher, fitted on the training patients."""
    if name == "rsf":
        return ForestTeacher(train, context)
    if name == "km":
        return KaplanMeierTeacher(train)
    return CoxTeacher(train, penalty, products=name == "cox_poly2")


def horizon_of(outcome: Outcome) -> float:
    """Return the median observed time; where that lies before the first event, the time of the first event.

    The probability of an event before the first one is 0 for everybody.
    """
    return float(max(np.median(outcome.time), outcome.time[outcome.event].min()))
