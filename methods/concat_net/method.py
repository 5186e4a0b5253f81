"""A perceptron on the vectors of all modalities, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pydantic import Field
from torch import nn

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.heads.cox_head import CoxHead
from methods.shared.layers.concatenated import Concatenated
from methods.shared.training.block_network import BlockNetwork, BlockNetworkConfig, block_network_choices


@dataclass(frozen=True, slots=True)
class Config(BlockNetworkConfig):
    """Settings of the network, beside those of ``BlockNetworkConfig``.

    Parameters
    ----------
    width : int
        Hidden nodes.
    dropout : float
        Share of them dropped in training.
    """

    batch_size: Annotated[int, Field(ge=2)] = 128
    width: Annotated[int, Field(ge=1)] = 64
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3


class ConcatNet:
    """Cox model whose log hazard ratio is a network of all modalities; curves by Breslow."""

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config
        self._head = CoxHead()
        self._network = BlockNetwork(config, self._head, self._module)

    def _module(self, widths: Sequence[int], outputs: int, start: FloatArray | None) -> nn.Module:
        # A constant cancels in the partial likelihood.
        return Concatenated(widths, self.config.width, self.config.dropout, outputs, bias=False)

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients."""
        self._network.fit(train, validation, context)
        self._head.fit_curves(self._risk(train.patients), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the mean log hazard ratio of the networks as risk, and the curves."""
        return self._head.predict(self._risk(patients), times)

    def _risk(self, patients: Patients) -> FloatArray:
        outputs, _ = self._network.outputs(patients)
        mean: FloatArray = np.mean(outputs, axis=0)
        return mean

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network."""
        return replace(
            config,
            **block_network_choices(trial),
            width=trial.suggest_categorical("width", [16, 32, 64, 128, 256]),
            dropout=trial.suggest_float("dropout", 0.0, 0.6),
        )
