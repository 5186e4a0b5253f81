"""Attention-based multiple instance learning on a bag, alone or beside other modalities."""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from pydantic import Field
from torch import nn

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.abmil.network import AbmilNetwork
from methods.shared.heads.cox_head import CoxHead
from methods.shared.layers.bag_encoder import BagEncoder, Pool
from methods.shared.training.attention_on_slides import attention_on_slides
from methods.shared.training.attention_record import attention_diagnostics
from methods.shared.training.bag_network import BagNetwork, BagNetworkConfig, Widths, bag_network_choices


@dataclass(frozen=True, slots=True)
class Config(BagNetworkConfig):
    """Settings of the network, beside those of ``BagNetworkConfig``.

    Parameters
    ----------
    pool : {"gated", "plain", "mean", "max"}
        Attention with or without a gate, the mean, or the largest value of each column.
    width : int
        Of an instance after its layer, and of the pooled bag.
    attention_width : int
        Rows of the layers of the attention.
    dropout : float
        Share dropped in training, of instances' vectors and within the attention.
    """

    pool: Pool = "gated"
    width: Annotated[int, Field(ge=1)] = 128
    attention_width: Annotated[int, Field(ge=1)] = 64
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.25


class ABMIL:
    """Cox model whose log hazard ratio is linear in the attention-pooled bag (Ilse et al. 2018); curves by Breslow.

    Vectors of the other modalities that there are stand beside the pooled bag.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config
        self._head = CoxHead("breslow")
        self.network = BagNetwork(config, self._head, self._module)

    def _module(self, widths: Widths, outputs: int, start: FloatArray | None) -> nn.Module:
        if widths.bag is None:
            raise ValueError(f"no modality {self.config.bag!r} to pool")
        config = self.config
        encoder = BagEncoder(widths.bag, config.width, config.pool, config.attention_width, config.dropout)
        return AbmilNetwork(encoder, config.width, widths.vectors, outputs)

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients."""
        self.network.fit(train, validation, context)
        outputs, _ = self.network.outputs(train.patients)
        self._head.fit_curves(np.mean(outputs, axis=0), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the mean log hazard ratio of the networks as risk, curves, and where the attention goes."""
        outputs, states = self.network.outputs(patients)
        found = self._head.predict(np.mean(outputs, axis=0), times)
        states |= attention_on_slides(patients, self.config.bag, found.risk, self.network.attention, states)
        kept = {name: state.astype(np.float32) for name, state in states.items()}
        return replace(found, states=kept, diagnostics=attention_diagnostics(states))

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network."""
        return replace(
            config,
            **bag_network_choices(trial),
            width=trial.suggest_categorical("width", [64, 128, 256, 512]),
            attention_width=trial.suggest_categorical("attention_width", [64, 128, 256]),
            dropout=trial.suggest_float("dropout", 0.0, 0.6),
        )
