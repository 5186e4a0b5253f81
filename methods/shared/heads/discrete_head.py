"""A network's outputs as a distribution over intervals of time."""

from collections.abc import Callable
from typing import ClassVar, TypeAlias

from torch import Tensor

from benchmarks.types import Context, FloatArray, Outcome, Prediction
from methods.shared.heads.discrete_outputs import Parametrisation
from methods.shared.heads.discrete_time import Censoring, Interpolation, Spacing, TimeCuts, curves_between_cuts

# Of outputs (n, K + 1), numbers of the cuts (n,) and event indicators (n,).
DiscreteTimeLoss: TypeAlias = Callable[[Tensor, Tensor, Tensor], Tensor]


class DiscreteHead:
    """Cuts of the time axis, one output a cut, and curves between the cuts (Kvamme & Borgan 2021).

    Parameters
    ----------
    loss : callable
        Mean loss of outputs, numbers of the cuts and event indicators, such as a negative log-likelihood.
    parametrisation : Parametrisation
        What the outputs mean.
    intervals : int
        K.
    spacing : {"equidistant", "quantiles", "event_quantiles"}
        Intervals of equal length, equal falls of the Kaplan-Meier curve, or equal numbers of events.
    censoring : {"earlier", "nearest", "later"}
        The cut to which a censoring is moved.
    interpolation : {"constant_density", "constant_hazard"}
        What is constant within an interval.
    """

    training_only: ClassVar = ("_loss",)

    def __init__(
        self,
        loss: DiscreteTimeLoss,
        parametrisation: Parametrisation,
        *,
        intervals: int,
        spacing: Spacing = "quantiles",
        censoring: Censoring = "nearest",
        interpolation: Interpolation = "constant_density",
    ) -> None:
        self._loss = loss
        self._parametrisation = parametrisation
        self.intervals = intervals
        self.spacing = spacing
        self.censoring = censoring
        self.interpolation = interpolation

    def prepare(self, outcome: Outcome, context: Context) -> int:
        """Place the cuts by the training outcomes; return their number."""
        self.cuts = TimeCuts.fit(outcome, self.intervals, self.spacing, self.censoring, context)
        return len(self.cuts.cuts)

    def start(self, outcome: Outcome) -> FloatArray:
        """Return the outputs that say the curve of all training patients, shape (K + 1,)."""
        return self._parametrisation.outputs(self.cuts.marginal_survival(outcome))

    def labels(self, outcome: Outcome) -> tuple[Tensor, Tensor]:
        """Return the number of the cut (int64) and the event indicator (float32) of n patients."""
        return self.cuts.labels(outcome)

    def loss(self, outputs: Tensor, *labels: Tensor) -> Tensor:
        """Return the mean loss of a batch."""
        index, event = labels
        return self._loss(outputs, index, event)

    def fit_curves(self, outputs: FloatArray, outcome: Outcome) -> None:
        """Learn nothing: the outputs say all of the curves."""

    def survival_at_cuts(self, outputs: FloatArray) -> FloatArray:
        """Return S at the cuts, shape (n, K + 1)."""
        return self._parametrisation.survival(outputs)

    def curves(self, at_cuts: FloatArray, times: FloatArray) -> FloatArray:
        """Return the curves at T times, shape (n, T), from survival at the cuts, shape (n, K + 1)."""
        return curves_between_cuts(self.cuts.cuts, at_cuts, times, self.interpolation)

    def risk(self, outputs: FloatArray, times: FloatArray) -> FloatArray:
        """Return the negative restricted mean of the curves."""
        return self.predict(outputs, times).risk

    def predict(self, outputs: FloatArray, times: FloatArray) -> Prediction:
        """Return the interpolated curves; the risk is their negative restricted mean."""
        return Prediction.from_curves(times, self.curves(self.survival_at_cuts(outputs), times))
