"""DeepSurv on the clinical table."""

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from benchmarks.types import Trial
from methods.shared.heads.cox_head import CoxHead, Ties
from methods.shared.heads.headed_perceptron import HeadedPerceptron
from methods.shared.layers.perceptron import PerceptronConfig, perceptron_choices


@dataclass(frozen=True, slots=True)
class Config(PerceptronConfig):
    """Settings of the network and its training; see ``PerceptronConfig``.

    A batch is a risk set, so it should not be small.

    Parameters
    ----------
    ties : {"efron", "breslow"}
        How events at the same time are counted.
    starts : int
        Networks from random weights of their own, each stopped on its own inner fold of the training part, whose log
        hazard ratios are averaged; 1: one network, stopped by the validation part.
    """

    layers: Annotated[int, Field(ge=0)] = 1
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.5
    learning_rate: Annotated[float, Field(gt=0)] = 3e-3
    batch_size: Annotated[int, Field(ge=2)] = 256
    patience: Annotated[int, Field(ge=1)] = 40
    ties: Ties = "efron"
    starts: Annotated[int, Field(ge=1)] = 5


class DeepSurv(HeadedPerceptron):
    """Cox model whose log hazard ratio is a network's output (Katzman et al. 2018).

    The network minimises the negative log partial likelihood with the batch as risk set; S(t | x) =
    exp(-H0(t) exp(lp)), H0 by Breslow from all training patients.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        # A constant cancels in the partial likelihood: Adam would make a random walk of it.
        super().__init__(config, CoxHead(config.ties), output_bias=False, starts=config.starts)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network."""
        return replace(config, **perceptron_choices(trial))
