"""Early fusion, the plain way: one ridge Cox model on the vectors of all modalities."""

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.features.components import AllVectors
from methods.shared.heads.ridge_cox import RidgeCox


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the model.

    Parameters
    ----------
    penalty : float
        Weight of the squared coefficients of the standardised features, beside the summed log partial likelihood.
    components : int
        Most principal components of a modality other than a table.
    """

    penalty: Annotated[float, Field(ge=0)] = 20.0
    components: Annotated[int, Field(ge=1)] = 20


class CoxConcat:
    """Cox model with Efron's ties on concatenated features; S(t | x) = exp(-H0(t) exp(x'b)), H0 by Breslow.

    A patient without a modality enters with the training mean of its components and a flag.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit on the training patients; the validation part is not used."""
        self._vectors = AllVectors(self.config.components, context.derived_seed("components")).fit(train.patients)
        self._model = RidgeCox(self.config.penalty).fit(self._vectors.transform(train.patients), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the linear predictor as risk, and the curves."""
        features = self._vectors.transform(patients)
        return Prediction(self._model.linear_predictor(features), times, self._model.survival(features, times))

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the penalty and the number of components."""
        return replace(
            config,
            penalty=trial.suggest_float("penalty", 1e-1, 1e3, log=True),
            components=trial.suggest_int("components", 2, 64, log=True),
        )
