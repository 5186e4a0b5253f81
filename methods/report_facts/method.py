"""The plain opponent of language models: facts that rules read off the report, in a ridge Cox model."""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pydantic import Field

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.features.components import ModalityVectors
from methods.shared.features.report_facts import FactVectors
from methods.shared.heads.ridge_cox import RidgeCox


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the model.

    Parameters
    ----------
    penalty : float
        Weight of the squared coefficients of the standardised columns, beside the summed log partial likelihood.
    style : bool
        Whether the facts ``words`` and ``parts`` are read, which tell how a hospital writes.
    """

    penalty: Annotated[float, Field(ge=0)] = 20.0
    style: bool = True


class ReportFacts:
    """Cox model with Efron's ties; S(t | x) = exp(-H0(t) exp(x'b)), H0 by Breslow.

    A patient without a report enters with the training mean of the facts and a flag.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit on the training patients; the validation part is not used."""
        patients = train.patients
        self._facts = FactVectors(style=self.config.style).fit(patients.table("facts"))
        # A table has no components, so that neither their number nor the seed plays a part.
        self._clinical = ModalityVectors(1, 0).fit(patients.table()) if "clinical" in patients.modalities else None
        self._model = RidgeCox(self.config.penalty).fit(self._features(patients), train.outcome)
        context.logger.info("facts used: %s", ", ".join(self._facts.names))

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the linear predictor as risk, and the curves."""
        features = self._features(patients)
        return Prediction(self._model.linear_predictor(features), times, self._model.survival(features, times))

    def _features(self, patients: Patients) -> FloatArray:
        facts = self._facts.transform(patients.table("facts"))
        if self._clinical is None:
            return facts
        return np.hstack([self._clinical.transform(patients.table()), facts])

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the penalty."""
        return replace(config, penalty=trial.suggest_float("penalty", 1e-1, 1e3, log=True))
