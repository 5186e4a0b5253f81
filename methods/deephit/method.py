"""DeepHit for a single risk on the clinical table."""

from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import Field

from benchmarks.types import Trial
from methods.shared.heads.deephit_loss import deephit_loss
from methods.shared.heads.discrete_outputs import DENSITY
from methods.shared.heads.discrete_perceptron import (
    DiscreteTimeConfig,
    DiscreteTimePerceptron,
    discrete_time_choices,
)


@dataclass(frozen=True, slots=True)
class Config(DiscreteTimeConfig):
    """Settings of the loss, beside those of ``DiscreteTimeConfig``.

    Parameters
    ----------
    likelihood_weight : float
        Weight of the negative log-likelihood; the ranking loss has the rest.
    ranking_scale : float
        sigma of the ranking loss: differences in risk well beyond it cost nothing more.
    starts : int
        Networks from random weights of their own, each stopped on its own inner fold of the training part, whose
        outputs are averaged; 1: one network, stopped by the validation part.
    """

    likelihood_weight: Annotated[float, Field(ge=0, le=1)] = 0.5
    ranking_scale: Annotated[float, Field(gt=0)] = 0.3
    starts: Annotated[int, Field(ge=1)] = 5


class DeepHit(DiscreteTimePerceptron):
    """DeepHit (Lee et al. 2018) for one kind of event.

    A softmax over the cuts and "later" gives the density of the event time. The loss is w times the negative
    log-likelihood and 1 - w times the mean over pairs of exp(-(F(t_i | x_i) - F(t_i | x_j)) / sigma), for
    patients i with an event at t_i and j still at risk. Curves are interpolated as in Kvamme & Borgan (2021), by
    default with a constant density in each interval; the risk is the negative restricted mean of the curve.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        loss = deephit_loss(config.likelihood_weight, config.ranking_scale)
        super().__init__(config, loss, DENSITY, starts=config.starts)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network, the time axis and the two parts of the loss."""
        return replace(
            config,
            **discrete_time_choices(trial),
            likelihood_weight=trial.suggest_float("likelihood_weight", 0.0, 1.0),
            ranking_scale=trial.suggest_float("ranking_scale", 0.05, 10.0, log=True),
        )
