"""Attention over a bag, low-rank products of each two modalities, a Cox model."""

from dataclasses import replace

import numpy as np
from torch import nn

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.abmil_bilinear.authors_recipe import AuthorsNetwork, CumulativeCoxHead
from methods.abmil_bilinear.config import Config
from methods.abmil_bilinear.gene_columns import matrix_encoder
from methods.abmil_bilinear.nearest_curves import NearestCurves
from methods.abmil_bilinear.network import BilinearNetwork
from methods.abmil_bilinear.rank_map import RankMap, tied_pairs
from methods.shared.heads.cox_head import CoxHead
from methods.shared.training.attention_on_slides import attention_on_slides
from methods.shared.training.attention_record import attention_diagnostics
from methods.shared.training.bag_network import BagNetwork, Widths, bag_network_choices

# The variant whose risk is the mapped time, with the same curves: what the rank map's ties cost in concordance.
RANK_MAP = "rank_map"
MAPPED_TIME = "mapped_time"


class ABMILBilinear:
    """Cox model of independent low-rank interactions of each two modalities (Keshvarikhojasteh et al. 2026).

    The risk is the mean log hazard ratio of several networks, curves are Breslow's, unless ``curve`` says otherwise.
    ``states`` holds the contributions that sum to the risk, the attention to the bag, and the time that the rank of
    the risk is mapped to.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config
        self._head = CumulativeCoxHead() if config.faithful else CoxHead("breslow")
        kind = AuthorsNetwork if config.faithful else BagNetwork
        self.network = kind(
            config,
            self._head,
            self._module,
            matrix=matrix_encoder(config),
            select_by="concordance" if config.faithful else "loss",
        )

    def _module(self, widths: Widths, outputs: int, start: FloatArray | None) -> nn.Module:
        return BilinearNetwork(widths, self.config)

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients."""
        self.network.fit(train, validation, context)
        if isinstance(self._head, CumulativeCoxHead):
            told = "%d of %d batches say anything of the risks (%.0f %%)"
            said, batches = self._head.with_gradient, self._head.batches
            context.logger.info(told, said, batches, 100 * said / batches)
        outputs, _ = self.network.outputs(train.patients)
        mean = np.mean(outputs, axis=0)
        self._head.fit_curves(mean, train.outcome)
        self._rank_map = RankMap().fit(mean[:, 0], train.outcome)
        if self.config.curve == "km_nearest":
            self._fit_nearest(train)

    def _fit_nearest(self, train: Cohort) -> None:
        """Bring the out-of-fold risks to one scale: a log hazard ratio has no zero, so each member has its own."""
        risk, zeros = np.empty(len(train)), []
        for rows, outputs in self.network.out_of_fold(train.patients):
            zeros.append(outputs.mean())
            risk[rows] = outputs[:, 0] - zeros[-1]
        self._zero = float(np.mean(zeros))
        self._nearest = NearestCurves().fit(risk, train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return risk and curves; contributions, attention and mapped times in ``states``."""
        outputs, states = self.network.outputs(patients)
        found = self._head.predict(np.mean(outputs, axis=0), times)
        if self.config.curve == "km_nearest":
            found = replace(found, survival=self._nearest.survival(found.risk - self._zero, times))
        states |= attention_on_slides(patients, self.config.bag, found.risk, self.network.attention, states)
        mapped = self._rank_map.times(found.risk)
        kept = {name: state.astype(np.float32) for name, state in {**states, MAPPED_TIME: mapped[:, None]}.items()}
        return replace(
            found,
            states=kept,
            diagnostics={
                "mapped_times": float(len(np.unique(mapped))),
                "mapped_ties": tied_pairs(mapped),
                **attention_diagnostics(states),
                **self._of_authors_recipe(),
            },
            variants={RANK_MAP: Prediction(-mapped, times, found.survival)},
        )

    def _of_authors_recipe(self) -> dict[str, float]:
        if not isinstance(self._head, CumulativeCoxHead):
            return {}
        return {
            # What the authors report: the mean concordance on the folds by which each network was chosen.
            "selected_by_c": float(np.mean([-record.best_loss for record in self.network.records])),
            "batches_with_gradient": self._head.with_gradient / self._head.batches,
        }

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network; of the authors' recipe nothing is drawn."""
        if config.faithful:
            return config
        return replace(
            config,
            **bag_network_choices(trial),
            rank=trial.suggest_categorical("rank", [4, 8, 16, 32, 64, 128]),
            pair_width=trial.suggest_categorical("pair_width", [16, 32, 64]),
            patch_width=trial.suggest_categorical("patch_width", [128, 256, 512]),
            attention_width=trial.suggest_categorical("attention_width", [64, 128, 256]),
            dropout=trial.suggest_float("dropout", 0.0, 0.6),
        )
