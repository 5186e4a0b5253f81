"""A method on a bag, tokens of genes and other modalities that ends in discrete hazards: all but its network."""

from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np
from pycox.models.loss import nll_logistic_hazard
from torch import nn

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction
from methods.shared.heads.discrete_head import DiscreteHead
from methods.shared.heads.discrete_outputs import HAZARDS
from methods.shared.training.attention_record import attention_diagnostics
from methods.shared.training.bag_network import Widths
from methods.shared.training.token_bag_network import TokenBagNetwork, TokenBagNetworkConfig


class DiscreteBagSurvival(ABC):
    """Hazards of a few intervals of time by the mean of several networks.

    The loss is the negative log-likelihood of discrete hazards with censoring (Zadeh & Schmid 2021). Curves are
    interpolated with a constant density between the cuts; the risk is the negative restricted mean of the curve.

    Parameters
    ----------
    config : TokenBagNetworkConfig
        All settings.
    """

    def __init__(self, config: TokenBagNetworkConfig) -> None:
        self._head = DiscreteHead(
            nll_logistic_hazard,
            HAZARDS,
            intervals=config.intervals,
            spacing=config.spacing,
            censoring=config.censoring,
        )
        self.network = TokenBagNetwork(config, self._head, self.module)

    @abstractmethod
    def module(self, widths: Widths, outputs: int, start: FloatArray | None) -> nn.Module:
        """Return an untrained network."""

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients."""
        self.network.fit(train, validation, context)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the mean curve of the networks, and where the attention goes."""
        outputs, states = self.network.outputs(patients)
        at_cuts = np.mean([self._head.survival_at_cuts(of_member) for of_member in outputs], axis=0)
        found = Prediction.from_curves(times, self._head.curves(at_cuts, times))
        kept = {name: state.astype(np.float32) for name, state in states.items()}
        return replace(found, states=kept, diagnostics=attention_diagnostics(states))
