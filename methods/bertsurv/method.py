"""BERTSurv: notes and measurements in one network, trained for time to event or for an event up to a horizon."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from torch import nn

from benchmarks.errors import UsageError
from benchmarks.types import (
    Cohort,
    Context,
    Float32Array,
    FloatArray,
    Modality,
    Outcome,
    Patients,
    Prediction,
    Table,
    Trial,
)
from methods.bertsurv.config import Config
from methods.bertsurv.network import BertSurvNetwork
from methods.bertsurv.note_vectors import NoteEncoder, NoteVectors
from methods.bertsurv.notes import Notes
from methods.bertsurv.tfidf import TfidfVectors
from methods.shared.heads.binary_head import BinaryHead
from methods.shared.heads.cox_head import CoxHead
from methods.shared.training.bag_network import BagNetwork, Widths
from methods.shared.training.block_network import block_network_choices


class BertSurv:
    """Network on the vectors of clinical notes, measurements and other modalities (after Zhao et al. 2021).

    With the partial likelihood the risk is a log hazard ratio, curves are Breslow's. With the cross-entropy it is the
    log odds of an event up to the horizon, whose probability stands in ``states``; there is no curve.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients."""
        config = self.config
        self._head = self._make_head(train.outcome)
        self._vectors: NoteVectors | None = None
        if config.notes:
            self._notes = Notes(config.text).fit(train.patients, context)
            self._vectors = NoteVectors(self._make_encoder()).fit(self._notes.texts(train.patients), context)
        select_by = "loss" if config.loss == "bce" else config.select_by
        self.network = BagNetwork(config.network_settings(len(train)), self._head, self._module, select_by=select_by)
        shown, shown_validation = self._shown(train), self._shown(validation)
        if not shown.patients.modalities:
            raise UsageError("there is nothing to read: no notes, no measurements and no other modality")
        self.network.fit(shown, shown_validation, context)
        outputs, _ = self.network.outputs(shown.patients)
        self._head.fit_curves(np.mean(outputs, axis=0), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return risk and curves, or with the cross-entropy the log odds alone and the probability in ``states``."""
        shown, counts = self._shown_patients(patients)
        outputs, _ = self.network.outputs(shown)
        found = self._head.predict(np.mean(outputs, axis=0), times)
        states: dict[str, Float32Array] = {}
        diagnostics = {"trained_parameters": float(self._trained_parameters()), **counts}
        if isinstance(self._head, BinaryHead):
            states["event_probability"] = (1 / (1 + np.exp(-found.risk)))[:, None].astype(np.float32)
            diagnostics["horizon"] = self._head.horizon
        return replace(found, states=states, diagnostics=diagnostics)

    def _make_head(self, outcome: Outcome) -> CoxHead | BinaryHead:
        config = self.config
        if config.loss == "pll":
            return CoxHead(config.ties)
        return BinaryHead(config.horizon or float(np.median(outcome.time)), ipcw=config.ipcw)

    def _make_encoder(self) -> NoteEncoder:
        return TfidfVectors(self.config.words, self.config.text_components)

    def _module(self, widths: Widths, outputs: int, start: FloatArray | None) -> nn.Module:
        network = BertSurvNetwork(widths, self.config, outputs, start)
        self._parameters = sum(parameter.numel() for parameter in network.parameters())
        return network

    def _shown(self, cohort: Cohort) -> Cohort:
        patients, _ = self._shown_patients(cohort.patients)
        return replace(cohort, patients=patients)

    def _shown_patients(self, patients: Patients) -> tuple[Patients, Mapping[str, float]]:
        """Return the patients as the network sees them, the notes as bags of vectors, and what was read of them."""
        config = self.config
        shown: dict[str, Modality] = {
            name: modality
            for name, modality in patients.modalities.items()
            if name != config.text and (config.measurements or not isinstance(modality, Table))
        }
        counts: dict[str, float] = {}
        if self._vectors is not None:
            bags, found = self._vectors.transform(self._notes.texts(patients))
            shown[config.text] = bags
            counts = found.counts() | {
                "templated": float(self._notes.templated),
                "tokens_seen": float(self._vectors.tokens_seen),
            }
        return Patients(patients.ids, shown), counts

    def _trained_parameters(self) -> int:
        """Return how many numbers of one network, and of the encoder, were trained."""
        encoder = 0 if self._vectors is None else self._vectors.encoder.parameters
        return self._parameters + encoder

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network."""
        return replace(
            config,
            **block_network_choices(trial),
            note_width=trial.suggest_categorical("note_width", [32, 64, 128]),
            width=trial.suggest_categorical("width", [32, 64, 128, 256]),
            layers=trial.suggest_int("layers", 1, 3),
            dropout=trial.suggest_float("dropout", 0.0, 0.6),
        )
