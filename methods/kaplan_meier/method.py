"""Kaplan-Meier: the curve of the training patients for everybody."""

from dataclasses import dataclass

import numpy as np
from sksurv.nonparametric import kaplan_meier_estimator

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.curves import steps_at


@dataclass(frozen=True, slots=True)
class Config:
    """The estimator has nothing to set."""


class KaplanMeier:
    """Product-limit estimator (Kaplan & Meier 1958), the same for every patient."""

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Estimate the survival of the training patients."""
        outcome = train.outcome
        self._knots, self._survival = kaplan_meier_estimator(outcome.event, outcome.time)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the same curve and risk 0 for everybody."""
        curve = steps_at(self._knots, self._survival, times, before=1.0)
        return Prediction(np.zeros(len(patients)), times, np.tile(curve, (len(patients), 1)))

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Return the config: there is nothing to draw."""
        return config
