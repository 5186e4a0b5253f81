"""Ridge-penalised Cox regression on one modality, the clinical table if not told otherwise."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.features.components import ModalityVectors
from methods.shared.heads.chosen_ridge_cox import chosen_penalty
from methods.shared.heads.ridge_cox import RidgeCox

CHOSEN: Literal["chosen"] = "chosen"


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the Cox model.

    Parameters
    ----------
    penalty : float or "chosen"
        Weight of the squared coefficients of the standardised covariates, beside the summed log partial likelihood;
        or chosen in five inner folds of the training part.
    modality : str
        What the model reads: a table as it is, anything wider by its principal components.
    components : int
        Most principal components of a modality that is no table.
    """

    penalty: Annotated[float, Field(ge=0)] | Literal["chosen"] = CHOSEN
    modality: str = "clinical"
    components: Annotated[int, Field(ge=1)] = 20


class CoxPH:
    """Cox model (Cox 1972) with Efron's ties; S(t | x) = exp(-H0(t) exp(x'b)), H0 by Breslow."""

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit on the training patients; the validation part is not used, so that it may be merged into them."""
        modality = train.patients.modalities[self.config.modality]
        self._vectors = ModalityVectors(self.config.components, context.derived_seed("components")).fit(modality)
        features, penalty = self._vectors.transform(modality), self.config.penalty
        if penalty == CHOSEN:
            penalty = chosen_penalty(features, train.outcome, context.derived_seed("penalty"))
            context.logger.info("penalty %.4g, chosen in inner folds of the training part", penalty)
        self._model = RidgeCox(penalty).fit(features, train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the linear predictor as risk, and the curves."""
        features = self._vectors.transform(patients.modalities[self.config.modality])
        return Prediction(self._model.linear_predictor(features), times, self._model.survival(features, times))

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the penalty."""
        return replace(config, penalty=trial.suggest_float("penalty", 1e-4, 1e3, log=True))
