"""Piecewise constant hazards on the clinical table."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from benchmarks.types import Trial
from methods.shared.heads.discrete_time import Spacing
from methods.shared.heads.headed_perceptron import HeadedPerceptron
from methods.shared.heads.piecewise_constant_head import PiecewiseConstantHead
from methods.shared.layers.perceptron import PerceptronConfig, perceptron_choices


@dataclass(frozen=True, slots=True)
class Config(PerceptronConfig):
    """Settings of the network, its training and its time axis; see ``PerceptronConfig``.

    Parameters
    ----------
    intervals : int
        K, the number of intervals.
    spacing : {"equidistant", "quantiles", "event_quantiles"}
        Intervals of equal length, equal falls of the Kaplan-Meier curve, or equal numbers of events.
    start : {"marginal", "random"}
        Whether the untrained network says the hazards of all training patients for everybody, or what its random
        weights happen to say.
    """

    intervals: Annotated[int, Field(ge=2)] = 10
    spacing: Spacing = "quantiles"
    start: Literal["marginal", "random"] = "marginal"


class PCHazard(HeadedPerceptron):
    """Hazards that are constant within intervals, by a network (Kvamme & Borgan 2021, PC-Hazard).

    Unlike in discrete time, event times stay as they are. Curves are continuous; the risk is the negative restricted
    mean of the curve.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        head = PiecewiseConstantHead(config.intervals, config.spacing)
        super().__init__(config, head, marginal_start=config.start == "marginal")

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network, and the time axis."""
        return replace(
            config,
            **perceptron_choices(trial),
            intervals=trial.suggest_int("intervals", 5, 50, log=True),
            spacing=trial.suggest_categorical("spacing", ["equidistant", "quantiles"]),
        )
