"""Multimodal co-attention transformer: gene families choose the instances of the slides."""

from dataclasses import replace

from torch import nn

from benchmarks.types import FloatArray, Trial
from methods.mcat.config import Config
from methods.mcat.network import MCATNetwork
from methods.shared.heads.discrete_bag_survival import DiscreteBagSurvival
from methods.shared.training.bag_network import Widths
from methods.shared.training.token_bag_network import token_bag_network_choices


class MCAT(DiscreteBagSurvival):
    """Discrete hazards from gene families, the slides as these look at them, and other modalities (Chen et al. 2021).

    ``states`` holds where each family looks, and the weights of slide and gene tokens in their pools.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(config)

    def module(self, widths: Widths, outputs: int, start: FloatArray | None) -> nn.Module:
        """Return an untrained network."""
        return MCATNetwork(widths, self.config, outputs, start)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size, time axis and training of the network."""
        return replace(
            config,
            **token_bag_network_choices(trial),
            fusion=trial.suggest_categorical("fusion", ["concat", "bilinear"]),
            layers=trial.suggest_int("layers", 1, 2),
            heads=trial.suggest_categorical("heads", [1, 4, 8]),
        )
