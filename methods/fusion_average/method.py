"""The mean of unimodal risks."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.heads.non_negative_cox import NonNegativeCox
from methods.shared.heads.unimodal_cox import UnimodalCox, UnimodalCoxConfig, unimodal_cox_choices


@dataclass(frozen=True, slots=True)
class Config(UnimodalCoxConfig):
    """Settings of the models; see ``UnimodalCoxConfig``."""


class FusionAverage:
    """risk = mean over the modalities a patient has of r_m / sd(r_m), r_m the risk by a Cox model of one modality.

    Curves: S(t | x) = exp(-H0(t) exp(b risk)), b >= 0 and H0 from cross-fitted risks of the training patients.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit on the training patients; the validation part is not used."""
        config = self.config
        seed = context.derived_seed("unimodal")
        self._unimodal = UnimodalCox(config.penalty, config.components, seed, config.folds).fit(train)
        deviations = np.array([self._unimodal.models[name].deviation for name in self._unimodal.names])
        # A model of a modality that tells nothing says the same of everybody.
        self._scale = np.where(deviations > 0, deviations, 1.0)
        mean = self._mean(self._unimodal.cross_fitted, train.patients)
        self._curves = NonNegativeCox().fit(mean[:, None], train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the mean risk and the curves."""
        mean = self._mean(self._unimodal.risks(patients), patients)
        return Prediction(mean, times, self._curves.survival(mean[:, None], times))

    def _mean(self, risks: FloatArray, patients: Patients) -> FloatArray:
        """Return the mean standardised risk of n patients, shape (n,); 0 without any modality."""
        present = self._unimodal.present(patients)
        mean: FloatArray = (risks / self._scale).sum(axis=1) / np.maximum(present.sum(axis=1), 1)
        return mean

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the penalty and the number of components."""
        return replace(config, **unimodal_cox_choices(trial))
