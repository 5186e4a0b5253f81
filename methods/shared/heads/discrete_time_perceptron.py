"""A perceptron with one output per cut of the time axis: all of a discrete-time method but its loss."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field
from torch import Tensor

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.shared.heads.discrete_outputs import Parametrisation
from methods.shared.heads.discrete_time import Censoring, Interpolation, Spacing, TimeCuts, curves_between_cuts
from methods.shared.layers.perceptron import ClinicalPerceptron, PerceptronConfig, perceptron_choices

# Of outputs (n, K + 1), numbers of the cuts (n,) and event indicators (n,).
DiscreteTimeLoss: TypeAlias = Callable[[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class DiscreteTimeConfig(PerceptronConfig):
    """Settings of a discrete-time perceptron, beside those of ``PerceptronConfig``.

    Parameters
    ----------
    intervals : int
        K, the number of intervals.
    spacing : {"equidistant", "quantiles"}
        Intervals of equal length, or of equal falls of the Kaplan-Meier curve.
    censoring : {"earlier", "nearest"}
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


class DiscreteTimePerceptron:
    """Cuts, perceptron and interpolation: a method that adds its loss, what its outputs mean, and its search space.

    Parameters
    ----------
    config : DiscreteTimeConfig
        All settings.
    loss : callable
        Mean negative log-likelihood, or another loss, of outputs and labels.
    parametrisation : Parametrisation
        What the outputs mean.
    """

    def __init__(self, config: DiscreteTimeConfig, loss: DiscreteTimeLoss, parametrisation: Parametrisation) -> None:
        self.config = config
        self._loss = loss
        self._parametrisation = parametrisation
        self._perceptron = ClinicalPerceptron(config)

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Place the cuts by the training outcomes and train; the loss on the validation part stops the training."""
        config = self.config
        self._cuts = TimeCuts.fit(train.outcome, config.intervals, config.spacing, config.censoring, context)
        marginal = self._parametrisation.outputs(self._cuts.marginal_survival(train.outcome))
        self._perceptron.fit(
            train.patients,
            self._cuts.labels(train.outcome),
            validation.patients,
            self._cuts.labels(validation.outcome),
            self._loss,
            context,
            outputs=len(self._cuts.cuts),
            start=marginal if config.start == "marginal" else None,
        )

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the interpolated curves; the risk is their negative restricted mean."""
        at_cuts = self._parametrisation.survival(self._perceptron.outputs(patients))
        curves = curves_between_cuts(self._cuts.cuts, at_cuts, times, self.config.interpolation)
        return Prediction.from_curves(times, curves)
