"""Cox regression with an elastic-net penalty on the clinical table."""

import warnings
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pydantic import Field
from sklearn.exceptions import ConvergenceWarning
from sksurv.linear_model import CoxnetSurvivalAnalysis

from benchmarks.types import Cohort, Context, FloatArray, Outcome, Patients, Prediction, Trial
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.proportional_hazards import BreslowCurves, mean_partial_log_likelihood
from methods.shared.heads.ridge_cox import DidNotConvergeError

# Coordinate descent ends where no coefficient changes by more. With scikit-survival's 1e-7 it ends early and in silence
# where covariates have heavy tails: log hazard ratios of some patients are wrong by 0.8 then.
SMALLEST_CHANGE = 1e-12
# How far the derivatives of the objective, a mean over the patients, may be from those of its minimum.
TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the elastic net.

    Parameters
    ----------
    l1_ratio : float
        Share of the absolute coefficients in the penalty, the rest is of their squares; 1 is the lasso.
    path_length : int
        Most penalties on the path; it ends where a smaller one no longer changes the likelihood much.
    smallest_penalty : float
        Last penalty of the path, as a share of the first, which is the smallest that makes all coefficients zero.
    """

    l1_ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    path_length: Annotated[int, Field(ge=2)] = 100
    smallest_penalty: Annotated[float, Field(gt=0, lt=1)] = 1e-3


class Coxnet:
    """Elastic-net Cox model (Simon et al. 2011); S(t | x) = exp(-H0(t) exp(x'b)), H0 by Breslow.

    The path of penalties is fitted on the training part; the penalty with the highest partial likelihood of the
    validation part is taken, the largest of them if there are several.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit the path on the training patients and choose on the validation patients."""
        table = train.patients.table()
        self._features = TabularPreprocessor().fit(table)
        features = self._features.transform(table)
        penalties, path = elastic_net_path(self.config, features, train.outcome)
        held_out = self._features.transform(validation.patients.table())
        scores = [mean_partial_log_likelihood(held_out @ b, validation.outcome) for b in path.T]
        chosen = int(np.argmax(scores))
        self._coefficients: FloatArray = path[:, chosen]
        self._curves = BreslowCurves().fit(features @ self._coefficients, train.outcome)
        lasso, ridge = (penalties[chosen] * share for share in (self.config.l1_ratio, 1 - self.config.l1_ratio))
        slope = _slope(features, train.outcome, self._coefficients, self._curves) + ridge * self._coefficients
        away = _from_the_minimum(slope, self._coefficients, lasso)
        if not away <= TOLERANCE:
            raise DidNotConvergeError(f"elastic-net Cox regression did not converge: {away:.2g} from the minimum")
        context.logger.info(
            "penalty %.4g, number %d of %d on the path; %d of %d coefficients are not zero",
            penalties[chosen],
            chosen + 1,
            len(scores),
            np.count_nonzero(self._coefficients),
            len(self._coefficients),
        )

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the linear predictor as risk, and the curves."""
        linear_predictor = self._features.transform(patients.table()) @ self._coefficients
        return Prediction(linear_predictor, times, self._curves.survival(linear_predictor, times))

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the mixture; the penalty itself is chosen in every fit."""
        return replace(config, l1_ratio=trial.suggest_float("l1_ratio", 0.05, 1.0))


def elastic_net_path(config: Config, features: FloatArray, outcome: Outcome) -> tuple[FloatArray, FloatArray]:
    """Return the penalties a of the path, largest first, shape (m,), and the coefficients b of each, shape (p, m).

    Each column minimises - log partial likelihood (ties: Breslow) / n + a (r sum |b| + (1 - r) / 2 sum b**2) with r the
    ``l1_ratio``.

    Parameters
    ----------
    config : Config
        Mixture, and length of the path.
    features : array, shape (n, p)
        Standardised.
    outcome : Outcome
        Of the same n patients.

    Raises
    ------
    DidNotConvergeError
        If coordinate descent ran out of steps.
    """
    path = CoxnetSurvivalAnalysis(
        l1_ratio=config.l1_ratio,
        n_alphas=config.path_length,
        alpha_min_ratio=config.smallest_penalty,
        tol=SMALLEST_CHANGE,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            path.fit(features, outcome.as_structured())
        except ConvergenceWarning as error:
            raise DidNotConvergeError(f"elastic-net Cox regression did not converge: {error}") from None
    return path.alphas_, path.coef_


def _slope(features: FloatArray, outcome: Outcome, coefficients: FloatArray, curves: BreslowCurves) -> FloatArray:
    """Return the gradient of - log partial likelihood / n: of expected less observed events times the features."""
    expected = np.exp(features @ coefficients) * curves.cumulative_hazard(outcome.time)
    slope: FloatArray = features.T @ (expected - outcome.event) / len(outcome)
    return slope


def _from_the_minimum(slope: FloatArray, coefficients: FloatArray, lasso: float) -> float:
    """Return by how much the largest slope misses the condition of a minimum with a penalty on |b|."""
    at_zero = np.maximum(np.abs(slope) - lasso, 0)
    elsewhere = np.abs(slope + lasso * np.sign(coefficients))
    return float(np.max(np.where(coefficients == 0, at_zero, elsewhere), initial=0.0))
