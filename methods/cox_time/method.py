"""Cox-Time on the clinical table."""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import torch
from pycox.models.cox_time import MLPVanillaCoxTime
from pycox.models.loss import CoxCCLoss
from pycox.preprocessing.label_transforms import LabTransCoxTime
from pydantic import Field
from torch import Tensor, nn

from benchmarks.types import Cohort, Context, FloatArray, IntArray, Outcome, Patients, Prediction, Trial
from methods.cox_time.case_control import LogRelativeRisk, RelativeRiskCurves, RiskSets
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.layers.perceptron import PerceptronConfig, as_tensor, perceptron_choices
from methods.shared.training.batches import ShuffledBatches
from methods.shared.training.loop import train as train_network
from methods.shared.training.reproducible import reproducible


@dataclass(frozen=True, slots=True)
class Config(PerceptronConfig):
    """Settings of the sampling and the time axis, beside those of ``PerceptronConfig``.

    ``batch_size`` counts patients with an event; each comes with its controls.

    Parameters
    ----------
    controls : int
        Patients at risk drawn for each event, anew in every epoch.
    validation_controls : int
        The same for the validation loss, drawn once.
    shrink : float
        Weight of the mean absolute log relative risk in the loss.
    log_times : bool
        Whether the network sees log(1 + t) instead of t, in either case standardised.
    """

    layers: Annotated[int, Field(ge=0)] = 1
    controls: Annotated[int, Field(ge=1)] = 1
    validation_controls: Annotated[int, Field(ge=1)] = 10
    shrink: Annotated[float, Field(ge=0)] = 0.0
    log_times: bool = False


class CoxTime:
    """Relative risk exp g(t, x) by a network that sees the time (Kvamme, Borgan & Scheel 2019).

    It minimises the case-control loss mean log(1 + sum over controls j of exp(g(t_i, x_j) - g(t_i, x_i))). Curves
    are step functions, by the Breslow-like baseline of ``RelativeRiskCurves``; the risk is the negative restricted
    mean of the curve, since no single number stands for g.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients; the case-control loss on the validation part stops the training."""
        table = train.patients.table()
        self._features = TabularPreprocessor().fit(table)
        x = as_tensor(self._features.transform(table), context.device)
        x_validation = as_tensor(self._features.transform(validation.patients.table()), context.device)
        self._times = LabTransCoxTime(log_duration=self.config.log_times)
        self._times.fit(train.outcome.time, train.outcome.event)
        with reproducible(context, "weights"):
            self._network: nn.Module = MLPVanillaCoxTime(
                x.shape[1], self.config.nodes, self.config.batch_norm, self.config.dropout or None
            ).to(context.device)
        self._train(x, train.outcome, x_validation, validation.outcome, context)
        self._curves = RelativeRiskCurves().fit(self._log_relative_risk(x), train.outcome)

    def _train(
        self, x: Tensor, outcome: Outcome, x_validation: Tensor, validation_outcome: Outcome, context: Context
    ) -> None:
        at_risk, at_risk_validation = RiskSets(outcome), RiskSets(validation_outcome)
        times, times_validation = self._scaled(outcome.time, x), self._scaled(validation_outcome.time, x)
        generator = context.generator("controls")
        every_case = np.arange(len(at_risk_validation.cases))
        fixed_controls = at_risk_validation.controls(
            every_case, self.config.validation_controls, context.generator("validation controls")
        )
        case_control_loss = CoxCCLoss(self.config.shrink)

        def loss(chosen: IntArray) -> Tensor:
            controls = at_risk.controls(chosen, self.config.controls, generator)
            value: Tensor = case_control_loss(*self._pairs(x, times, at_risk.cases[chosen], controls))
            return value

        def validation_loss() -> float:
            cases = at_risk_validation.cases
            return float(case_control_loss(*self._pairs(x_validation, times_validation, cases, fixed_controls)))

        batches = ShuffledBatches(len(at_risk.cases), self.config.batch_size)
        train_network(self._network, loss, validation_loss, batches, self.config.training, context)

    def _pairs(
        self, x: Tensor, times: Tensor, cases: IntArray, controls: IntArray
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return g of b cases, shape (b, 1), and of their controls, a tuple of the same shape, at the cases' times.

        All go through the network at once, so that batch normalisation sees cases and controls alike.
        """
        rows = torch.from_numpy(np.concatenate([cases, controls.ravel()]))
        at = times[torch.from_numpy(cases)].repeat(1 + len(controls), 1)
        of_cases, *of_controls = self._network(x[rows], at).split(len(cases))
        return of_cases, tuple(of_controls)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the curves; the risk is their negative restricted mean."""
        device = next(self._network.parameters()).device
        x = as_tensor(self._features.transform(patients.table()), device)
        return Prediction.from_curves(times, self._curves.survival(self._log_relative_risk(x), times))

    def _scaled(self, time: FloatArray, like: Tensor) -> Tensor:
        """Return times as the network sees them, shape (n, 1), on the device of another tensor."""
        scaled, _ = self._times.transform(time, np.ones(len(time)))
        return torch.from_numpy(scaled[:, None]).to(like.device)

    def _log_relative_risk(self, x: Tensor) -> LogRelativeRisk:
        """Return g(., x) of patients with features x, shape (n, p)."""

        def at(time: float) -> FloatArray:
            with torch.no_grad():
                column = self._scaled(np.array([time]), x).expand(len(x), 1)
                values: FloatArray = self._network(x, column)[:, 0].cpu().numpy().astype(np.float64)
            return values

        return at

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network, the shrinkage and the time axis."""
        return replace(
            config,
            **perceptron_choices(trial),
            shrink=trial.suggest_float("shrink", 1e-4, 1.0, log=True),
            log_times=trial.suggest_categorical("log_times", [False, True]),
        )
