"""A perceptron with one output per cut of the time axis: all of a discrete-time method but its loss."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from benchmarks.types import Trial
from methods.shared.heads.discrete_head import DiscreteHead, DiscreteTimeLoss
from methods.shared.heads.discrete_outputs import Parametrisation
from methods.shared.heads.discrete_time import Censoring, Interpolation, Spacing
from methods.shared.heads.headed_perceptron import HeadedPerceptron
from methods.shared.layers.perceptron import PerceptronConfig, perceptron_choices


@dataclass(frozen=True, slots=True)
class DiscreteTimeConfig(PerceptronConfig):
    """Settings of a discrete-time perceptron, beside those of ``PerceptronConfig``.

    Parameters
    ----------
    intervals : int
        K, the number of intervals.
    spacing : {"equidistant", "quantiles", "event_quantiles"}
        Intervals of equal length, equal falls of the Kaplan-Meier curve, or equal numbers of events.
    censoring : {"earlier", "nearest", "later"}
        The cut to which a censoring is moved.
    interpolation : {"constant_density", "constant_hazard"}
        What is constant within an interval.
    start : {"marginal", "random"}
        Whether the untrained network predicts the curve of all training patients for everybody (the weights of the
        last layer are zero, its bias says the curve), or what its random weights happen to say.
    """

    intervals: Annotated[int, Field(ge=2)] = 10
    spacing: Spacing = "quantiles"
    censoring: Censoring = "nearest"
    interpolation: Interpolation = "constant_density"
    start: Literal["marginal", "random"] = "marginal"


def discrete_time_choices(trial: Trial, *, fewest_layers: int = 1) -> dict[str, Any]:
    """Draw the settings of a discrete-time perceptron from an Optuna trial."""
    return perceptron_choices(trial, fewest_layers=fewest_layers) | {
        "intervals": trial.suggest_int("intervals", 5, 50, log=True),
        "spacing": trial.suggest_categorical("spacing", ["equidistant", "quantiles"]),
        "interpolation": trial.suggest_categorical("interpolation", ["constant_density", "constant_hazard"]),
    }


class DiscreteTimePerceptron(HeadedPerceptron):
    """A perceptron with a ``DiscreteHead``.

    Parameters
    ----------
    config : DiscreteTimeConfig
        All settings.
    loss : callable
        Mean negative log-likelihood, or another loss, of outputs and labels.
    parametrisation : Parametrisation
        What the outputs mean.
    starts : int
        Networks whose outputs are averaged.
    """

    def __init__(
        self, config: DiscreteTimeConfig, loss: DiscreteTimeLoss, parametrisation: Parametrisation, *, starts: int = 1
    ) -> None:
        head = DiscreteHead(
            loss,
            parametrisation,
            intervals=config.intervals,
            spacing=config.spacing,
            censoring=config.censoring,
            interpolation=config.interpolation,
        )
        super().__init__(config, head, marginal_start=config.start == "marginal", starts=starts)
