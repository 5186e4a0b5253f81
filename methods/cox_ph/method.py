"""Ridge-penalised Cox regression on one modality, the clinical table if not told otherwise."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from sksurv.linear_model import CoxPHSurvivalAnalysis

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction
from methods.shared.curves import proportional_hazards_survival, steps_at
from methods.shared.features.components import ModalityVectors


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the Cox model.

    Parameters
    ----------
    penalty : float
        Weight of the squared coefficients of the standardised covariates, beside the summed log partial likelihood.
    modality : str
        What the model reads: a table as it is, anything wider by its principal components.
    components : int
        Most principal components of a modality that is no table.
    """

    penalty: Annotated[float, Field(ge=0)] = 0.1
    modality: str = "clinical"
    components: Annotated[int, Field(ge=1)] = 20


class CoxPH:
    """Cox model (Cox 1972) with Efron's ties; S(t | x) = exp(-H0(t) exp(x'b)), H0 by Breslow."""

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit on the training patients; the validation part is not used."""
        modality = train.patients.modalities[self.config.modality]
        self._vectors = ModalityVectors(self.config.components, context.derived_seed("components")).fit(modality)
        self._model = CoxPHSurvivalAnalysis(alpha=self.config.penalty, ties="efron")
        self._model.fit(self._vectors.transform(modality), train.outcome.as_structured())

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the linear predictor as risk, and the curves."""
        linear_predictor = self._model.predict(self._vectors.transform(patients.modalities[self.config.modality]))
        baseline = self._model.cum_baseline_hazard_
        cumulative_hazard = steps_at(baseline.x, baseline.y, times, before=0.0)
        survival = proportional_hazards_survival(linear_predictor, cumulative_hazard)
        return Prediction(linear_predictor, times, survival)

    @staticmethod
    def search_space(trial: Any) -> Config:
        """Draw the penalty."""
        return Config(penalty=trial.suggest_float("penalty", 1e-4, 1e3, log=True))
