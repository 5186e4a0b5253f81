"""ModalSurv: attention between modalities, a gate, and a distribution over intervals of time."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from torch import nn

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.evidence_cox.cross_fitted import CrossFittedPredictor
from methods.modalsurv.config import Config
from methods.modalsurv.faithful import MonthBins
from methods.modalsurv.network import ModalSurvNetwork
from methods.shared.heads.cox_head import CoxHead
from methods.shared.heads.deephit_loss import deephit_loss
from methods.shared.heads.discrete_head import DiscreteHead
from methods.shared.heads.discrete_outputs import DENSITY
from methods.shared.training.block_network import BlockNetwork, block_network_choices


class ModalSurv:
    """Cross-attention between modalities, sample-specific gate, DeepHit's head (Wahab et al. 2025).

    The prediction is the mean of the distributions of several networks, each stopped on an inner fold of the training
    part that it does not train on. Curves are interpolated with a constant density within an interval; the risk is the
    negative restricted mean of the curve.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients."""
        config = self.config
        self.head = self._head_for(train.time_unit)
        evidence = CrossFittedPredictor().fit(train, context) if config.offset == "evidence" else None
        self.network = BlockNetwork(
            config,
            self.head,
            self._module,
            offset=evidence,
            keep_start=evidence is not None,
            select_by="concordance" if config.faithful else config.select_by,
        )
        self.network.fit(train, validation, context, evidence.out_of_fold if evidence else None)
        if isinstance(self.head, CoxHead):
            outputs, _ = self.network.outputs(train.patients)
            self.head.fit_curves(np.mean(outputs, axis=0), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return curves and risk; ``states`` holds gate weights (n, M) and attention (n, M * M), if there are any."""
        outputs, states = self.network.outputs(patients)
        if isinstance(self.head, CoxHead):
            found = self.head.predict(np.mean(outputs, axis=0), times)
        else:
            at_cuts = np.mean([self.head.survival_at_cuts(of_member) for of_member in outputs], axis=0)
            found = Prediction.from_curves(times, self.head.curves(at_cuts, times))
        kept = {name: state.astype(np.float32) for name, state in states.items()}
        return replace(found, states=kept, diagnostics=self._diagnostics())

    def _diagnostics(self) -> dict[str, float]:
        if not self.config.faithful:
            return {}
        # What the authors report: the mean concordance on the folds by which each network was chosen.
        chosen_by = [-record.best_loss for record in self.network.records]
        return {"selected_by_c": float(np.mean(chosen_by))}

    def _head_for(self, time_unit: str) -> CoxHead | DiscreteHead | MonthBins:
        config = self.config
        if config.faithful:
            return MonthBins(time_unit)
        if config.head == "cox":
            return CoxHead()
        loss = deephit_loss(config.likelihood_weight, config.ranking_scale)
        return DiscreteHead(loss, DENSITY, intervals=config.intervals, spacing=config.spacing)

    def _module(self, widths: Sequence[int], outputs: int, start: FloatArray | None) -> nn.Module:
        return ModalSurvNetwork(widths, self.config, outputs, start)

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network, the time axis and the parts of the loss."""
        return replace(
            config,
            **block_network_choices(trial),
            width=trial.suggest_categorical("width", [64, 128, 256]),
            heads=trial.suggest_categorical("heads", [2, 4, 8]),
            feed_forward=trial.suggest_categorical("feed_forward", [1, 2, 4]),
            dropout=trial.suggest_float("dropout", 0.0, 0.5),
            intervals=trial.suggest_categorical("intervals", [10, 20, 30, 40]),
            likelihood_weight=trial.suggest_float("likelihood_weight", 0.05, 0.95),
            ranking_scale=trial.suggest_float("ranking_scale", 0.05, 1.0, log=True),
        )
