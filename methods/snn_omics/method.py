"""A self-normalising network on a molecular table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Annotated

import numpy as np
from pycox.models.loss import nll_logistic_hazard
from pydantic import Field
from torch import Tensor, nn

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.heads.discrete_head import DiscreteHead
from methods.shared.heads.discrete_outputs import HAZARDS
from methods.shared.layers.last_layer import last_layer
from methods.shared.training.block_network import BlockNetwork, BlockNetworkConfig, training_choices


@dataclass(frozen=True, slots=True)
class Config(BlockNetworkConfig):
    """Settings of the network, beside those of ``BlockNetworkConfig``.

    Parameters
    ----------
    modality : str
        Which table.
    layers, width : int
        Hidden layers, and nodes in each.
    dropout : float
        Share of alpha dropout.
    intervals : int
        Of the time axis.
    """

    components: Annotated[int, Field(ge=0)] = 0
    learning_rate: Annotated[float, Field(gt=0)] = 2e-4
    batch_size: Annotated[int, Field(ge=2)] = 32
    epochs: Annotated[int, Field(ge=1)] = 100
    patience: Annotated[int, Field(ge=1)] = 10
    modality: str = "rna"
    layers: Annotated[int, Field(ge=1)] = 2
    width: Annotated[int, Field(ge=1)] = 256
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.25
    intervals: Annotated[int, Field(ge=2)] = 4


class SelfNormalising(nn.Module):
    """Layers of SELU and alpha dropout (Klambauer et al. 2017) on one vector, then outputs."""

    def __init__(self, inputs: int, config: Config, outputs: int, start: FloatArray | None) -> None:
        super().__init__()
        widths = [inputs, *[config.width] * config.layers]
        parts: list[nn.Module] = []
        for before, after in pairwise(widths):
            linear = nn.Linear(before, after)
            # Variance 1 / inputs keeps mean 0 and variance 1 from layer to layer.
            nn.init.normal_(linear.weight, 0.0, before**-0.5)
            nn.init.zeros_(linear.bias)
            parts += [linear, nn.SELU(), nn.AlphaDropout(config.dropout)]
        self.layers = nn.Sequential(*parts, last_layer(config.width, outputs, start))

    def forward(self, vectors: Sequence[Tensor], present: Tensor) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Return the outputs of n patients; a missing vector is that of the mean patient."""
        return self.layers(vectors[0].masked_fill(~present[:, [0]], 0.0)), {}


class SNNOmics:
    """Discrete-time hazards by a self-normalising network of all columns of a molecular table.

    Curves are interpolated with a constant density between the cuts, and averaged over the networks; the risk is the
    negative restricted mean of the curve.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config
        self._head = DiscreteHead(nll_logistic_hazard, HAZARDS, intervals=config.intervals)
        self._network = BlockNetwork(config, self._head, self._module)

    def _module(self, widths: Sequence[int], outputs: int, start: FloatArray | None) -> nn.Module:
        return SelfNormalising(widths[0], self.config, outputs, start)

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients."""
        self._network.fit(train, validation, context)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the mean curve of the networks."""
        outputs, _ = self._network.outputs(patients)
        at_cuts = np.mean([self._head.survival_at_cuts(of_member) for of_member in outputs], axis=0)
        return Prediction.from_curves(times, self._head.curves(at_cuts, times))

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network, and the intervals."""
        return replace(
            config,
            **training_choices(trial),
            layers=trial.suggest_int("layers", 1, 3),
            width=trial.suggest_categorical("width", [64, 128, 256, 512]),
            dropout=trial.suggest_float("dropout", 0.0, 0.6),
            intervals=trial.suggest_int("intervals", 4, 30, log=True),
        )
