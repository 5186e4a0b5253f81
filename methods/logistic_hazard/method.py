"""Logistic hazard on the clinical table."""

from dataclasses import dataclass, replace
from typing import Annotated

from pycox.models.loss import nll_logistic_hazard
from pydantic import Field

from benchmarks.types import Trial
from methods.shared.heads.discrete_outputs import HAZARDS
from methods.shared.heads.discrete_perceptron import (
    DiscreteTimeConfig,
    DiscreteTimePerceptron,
    discrete_time_choices,
)


@dataclass(frozen=True, slots=True)
class Config(DiscreteTimeConfig):
    """Settings of the network, its training and its time axis; see ``DiscreteTimeConfig``.

    Parameters
    ----------
    starts : int
        Networks from random weights of their own, each stopped on its own inner fold of the training part, whose
        outputs are averaged; 1: one network, stopped by the validation part.
    """

    starts: Annotated[int, Field(ge=1)] = 5


class LogisticHazard(DiscreteTimePerceptron):
    """Discrete-time hazards by a network (Brown 1975; Gensheimer & Narasimhan 2019, Nnet-survival).

    The hazard of interval k is the logistic function of output k. Curves are interpolated as in Kvamme & Borgan
    (2021), by default with a constant density in each interval; the risk is the negative restricted mean of the
    curve.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        super().__init__(config, nll_logistic_hazard, HAZARDS, starts=config.starts)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network, and the time axis."""
        return replace(config, **discrete_time_choices(trial))
