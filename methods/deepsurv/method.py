"""DeepSurv on the clinical table."""

from dataclasses import dataclass, replace
from typing import Annotated

import torch
from pycox.models.loss import cox_ph_loss
from pydantic import Field
from torch import Tensor

from benchmarks.types import Cohort, Context, FloatArray, Outcome, Patients, Prediction, Trial
from methods.shared.heads.proportional_hazards import BreslowCurves
from methods.shared.layers.perceptron import ClinicalPerceptron, PerceptronConfig, perceptron_choices


@dataclass(frozen=True, slots=True)
class Config(PerceptronConfig):
    """Settings of the network and its training; see ``PerceptronConfig``.

    A batch is a risk set, so it should not be small.
    """

    layers: Annotated[int, Field(ge=0)] = 1
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    learning_rate: Annotated[float, Field(gt=0)] = 1e-2
    batch_size: Annotated[int, Field(ge=2)] = 256


class DeepSurv:
    """Cox model whose log hazard ratio is a network's output (Katzman et al. 2018).

    The network minimises the negative log partial likelihood with the batch as risk set; S(t | x) =
    exp(-H0(t) exp(lp)), H0 by Breslow from all training patients.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients; the partial likelihood of the validation part stops the training."""
        self._perceptron = ClinicalPerceptron(self.config)
        self._perceptron.fit(
            train.patients,
            _labels(train.outcome),
            validation.patients,
            _labels(validation.outcome),
            partial_likelihood_loss,
            context,
            outputs=1,
            # A constant cancels in the partial likelihood: Adam would make a random walk of it.
            output_bias=False,
        )
        self._curves = BreslowCurves().fit(self._perceptron.outputs(train.patients)[:, 0], train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the network's output as risk, and the curves."""
        linear_predictor = self._perceptron.outputs(patients)[:, 0]
        return Prediction(linear_predictor, times, self._curves.survival(linear_predictor, times))

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network."""
        return replace(config, **perceptron_choices(trial))


def partial_likelihood_loss(outputs: Tensor, time: Tensor, event: Tensor) -> Tensor | None:
    """Return pycox's mean negative log partial likelihood of a batch, None if the batch has no event."""
    if not event.any():
        return None
    loss: Tensor = cox_ph_loss(outputs, time, event)
    return loss


def _labels(outcome: Outcome) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(outcome.time.copy()), torch.from_numpy(outcome.event.copy())
