"""Weibull accelerated failure time regression on the clinical table."""

import warnings
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import pandas as pd
from lifelines import WeibullAFTFitter
from lifelines.exceptions import ConvergenceError
from pydantic import Field

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.ridge_cox import DidNotConvergeError


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the Weibull model.

    Parameters
    ----------
    penalty : float
        Weight of half the sum of the squared coefficients of the standardised covariates and of the squared logarithm
        of the shape, beside the mean log-likelihood.
    """

    penalty: Annotated[float, Field(ge=0)] = 0.05


class WeibullAFT:
    """Weibull model: S(t | x) = exp(-(t / scale(x))^shape), log scale(x) = a + x'b, one shape for all.

    It is a proportional hazards model, too: the log hazard ratio is -shape * log scale(x), which is the risk.
    Times are divided by the mean training time before the fit, for the optimiser's sake.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Maximise the penalised likelihood of the training patients; the validation part is not used."""
        table = train.patients.table()
        self._features = TabularPreprocessor().fit(table)
        features = self._features.transform(table)
        self._unit = float(train.outcome.time.mean())
        frame = pd.DataFrame(features, columns=[f"x{i}" for i in range(features.shape[1])])
        frame["time"], frame["event"] = train.outcome.time / self._unit, train.outcome.event
        fitter = WeibullAFTFitter(penalizer=self.config.penalty)
        # lifelines raises where the optimiser fails; it warns of its second attempts and of doubtful columns.
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                fitter.fit(frame, duration_col="time", event_col="event")
            except ConvergenceError:
                raise DidNotConvergeError(
                    "Weibull regression did not converge; a larger penalty helps where covariates are collinear or "
                    "nearly determine the times"
                ) from None
        for warning in caught:
            context.logger.warning("lifelines: %s", " ".join(str(warning.message).split()))
        scale = fitter.params_["lambda_"]
        self._coefficients = scale[frame.columns[:-2]].to_numpy(dtype=np.float64)
        self._intercept = float(scale["Intercept"])
        self._shape = float(np.exp(fitter.params_["rho_"]["Intercept"]))

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the log hazard ratio as risk, and the curves."""
        log_scale = self._intercept + self._features.transform(patients.table()) @ self._coefficients
        # In logarithms: of a large shape, which covariates that nearly determine the times have, a power overflows.
        with np.errstate(divide="ignore", over="ignore"):
            log_hazard = self._shape * (np.log(times / self._unit) - log_scale[:, None])
            survival = np.exp(-np.exp(log_hazard))
        return Prediction(-self._shape * log_scale, times, survival)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the penalty."""
        return replace(config, penalty=trial.suggest_float("penalty", 1e-5, 1.0, log=True))
