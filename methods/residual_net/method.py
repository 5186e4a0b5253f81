"""A Cox model, and a network of the modalities other than the clinical table that may correct it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from torch import nn

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.evidence_cox.cross_fitted import CrossFittedPredictor
from methods.shared.features.tabular import TabularPreprocessor
from methods.shared.heads.cox_head import CoxHead
from methods.shared.heads.ridge_cox import RidgeCox
from methods.shared.layers.concatenated import Concatenated
from methods.shared.training.block_network import BlockNetwork, BlockNetworkConfig, block_network_choices

CLINICAL = "clinical"


@dataclass(frozen=True, slots=True)
class Config(BlockNetworkConfig):
    """Settings of the models, beside those of ``BlockNetworkConfig``.

    Parameters
    ----------
    offset : {"clinical", "evidence"}
        The model that is corrected: a ridge Cox model of the clinical table, or ``evidence_cox`` of all modalities.
    penalty : float
        Weight of the squared coefficients of the clinical Cox model.
    width : int
        Hidden nodes of the network.
    dropout : float
        Share of them dropped in training.
    """

    batch_size: Annotated[int, Field(ge=2)] = 128
    offset: Literal["clinical", "evidence"] = "clinical"
    penalty: Annotated[float, Field(ge=0)] = 1.0
    width: Annotated[int, Field(ge=1)] = 64
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3


class ResidualNet:
    """lp = x'b + g(the other modalities): b by a clinical Cox model, g by a network with x'b as its offset.

    Where g lowers the loss of the held-out patients in no epoch, it stays 0, and the model of the offset is the result.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config
        self._head = CoxHead()

    def _module(self, widths: Sequence[int], outputs: int, start: FloatArray | None) -> nn.Module:
        module = Concatenated(widths, self.config.width, self.config.dropout, outputs, bias=False)
        nn.init.zeros_(module.last.weight)
        return module

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Fit the model of the offset and train the correction on the training patients."""
        in_training: FloatArray | None = None
        if self.config.offset == "evidence":
            evidence = CrossFittedPredictor().fit(train, context)
            self._offset: Callable[[Patients], FloatArray] = evidence
            in_training = evidence.out_of_fold
        else:
            table = train.patients.table()
            self._features = TabularPreprocessor().fit(table)
            self._cox = RidgeCox(self.config.penalty).fit(self._features.transform(table), train.outcome)
            self._offset = self._clinical
        if set(train.patients.modalities) == {CLINICAL}:
            context.logger.info("there is no other modality: the Cox model is the result")
            self._correction: BlockNetwork | None = None
        else:
            self._correction = BlockNetwork(
                self.config, self._head, self._module, leave_out=(CLINICAL,), offset=self._offset, keep_start=True
            )
            self._correction.fit(train, validation, context, in_training)
        self._head.fit_curves(self._risk(train.patients), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return offset + mean correction as risk, the curves, and both parts in ``states``."""
        risk, offset = self._risk(patients), self._offset(patients)
        parts = np.concatenate([offset, risk - offset], axis=1).astype(np.float32)
        found = self._head.predict(risk, times)
        return replace(found, states={f"{self.config.offset}_and_correction": parts})

    def _clinical(self, patients: Patients) -> FloatArray:
        """Return the linear predictor of the clinical model, shape (n, 1)."""
        return self._cox.linear_predictor(self._features.transform(patients.table()))[:, None]

    def _risk(self, patients: Patients) -> FloatArray:
        """Return offset + mean correction, shape (n, 1)."""
        if self._correction is None:
            return self._offset(patients)
        outputs, _ = self._correction.outputs(patients)
        mean: FloatArray = np.mean(outputs, axis=0)
        return mean

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw the penalty, and size and training of the network."""
        return replace(
            config,
            **block_network_choices(trial),
            penalty=trial.suggest_float("penalty", 1e-1, 1e3, log=True),
            width=trial.suggest_categorical("width", [16, 32, 64, 128, 256]),
            dropout=trial.suggest_float("dropout", 0.0, 0.6),
        )
