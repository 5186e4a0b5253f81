"""Cox regression with an elastic-net penalty on the clinical table."""

import warnings
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pydantic import Field
from sklearn.exceptions import ConvergenceWarning
from sksurv.linear_model import CoxnetSurvivalAnalysis

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.proportional_hazards import BreslowCurves, mean_partial_log_likelihood


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
        path = CoxnetSurvivalAnalysis(
            l1_ratio=self.config.l1_ratio,
            n_alphas=self.config.path_length,
            alpha_min_ratio=self.config.smallest_penalty,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("error", ConvergenceWarning)
            path.fit(features, train.outcome.as_structured())
        held_out = self._features.transform(validation.patients.table())
        scores = [mean_partial_log_likelihood(held_out @ b, validation.outcome) for b in path.coef_.T]
        chosen = int(np.argmax(scores))
        self._coefficients: FloatArray = path.coef_[:, chosen]
        self._curves = BreslowCurves().fit(features @ self._coefficients, train.outcome)
        context.logger.info(
            "penalty %.4g, number %d of %d on the path; %d of %d coefficients are not zero",
            path.alphas_[chosen],
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
