"""Pathways and slides attend to each other."""

from dataclasses import replace

from torch import nn

from benchmarks.types import FloatArray, Trial
from methods.shared.heads.discrete_bag_survival import DiscreteBagSurvival
from methods.shared.training.bag_network import Widths
from methods.shared.training.token_bag_network import token_bag_network_choices
from methods.survpath.config import Config
from methods.survpath.network import SurvPathNetwork


class SurvPath(DiscreteBagSurvival):
    """Discrete hazards from pathways and slides that attend to each other, and other modalities (Jaume et al. 2024).

    ``states`` holds where each pathway looks, and how much the instances look at each pathway.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config
        super().__init__(config)

    def module(self, widths: Widths, outputs: int, start: FloatArray | None) -> nn.Module:
        """Return an untrained network."""
        return SurvPathNetwork(widths, self.config, outputs, start)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size, time axis and training of the network."""
        return replace(
            config,
            **token_bag_network_choices(trial),
            feed_forward=trial.suggest_categorical("feed_forward", [1, 2, 4]),
        )
