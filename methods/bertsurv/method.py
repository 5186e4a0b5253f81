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
from methods.bertsurv.config import TFIDF, Config
from methods.bertsurv.encoder_vectors import EncoderVectors
from methods.bertsurv.network import BertSurvNetwork
from methods.bertsurv.note_attention import note_attention
from methods.bertsurv.note_vectors import NoteEncoder, NoteVectors
from methods.bertsurv.notes import Notes
from methods.bertsurv.tfidf import TfidfVectors
from methods.bertsurv.tuning import TunedNetwork, read_part, tune
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
        """Train on the training patients; the validation part stops one network, and the tuning of an encoder.

        Raises
        ------
        UsageError
            If there is nothing to read, no such modality or encoder, or no validation part for what it is to stop.
        """
        config = self.config
        if config.train_last_layers and not len(validation.patients):
            raise UsageError(
                "a tuned encoder is stopped by the validation part, which is merged: take train_last_layers=0"
            )
        self._head = self._make_head(train.outcome)
        self._vectors: NoteVectors | None = None
        if config.notes:
            self._notes = Notes(config.text).fit(train.patients, context)
            encoder = make_encoder(config)
            self._vectors = NoteVectors(encoder).fit(self._notes.texts(train.patients), context)
        shown, shown_validation = self._shown(train), self._shown(validation)
        if not shown.patients.modalities:
            raise UsageError("there is nothing to read: no notes, no measurements and no other modality")
        contexts = [context]
        if config.train_last_layers:
            self._tune(train, shown, validation, shown_validation, context)
            shown, shown_validation = self._shown(train), self._shown(validation)
            contexts = [replace(context, seed=context.derived_seed("member", k)) for k in range(config.members)]
        self.networks = [self._network(shown, shown_validation, of_member) for of_member in contexts]
        self._head.fit_curves(self._outputs(shown.patients), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return risk and curves, or with the cross-entropy the log odds alone and the probability in ``states``."""
        shown, counts = self._shown_patients(patients)
        found = self._head.predict(self._outputs(shown), times)
        states: dict[str, Float32Array] = {}
        diagnostics = {"trained_parameters": float(self._trained_parameters()), **counts}
        if self.config.attention:
            states = self._attention(patients, shown)
        if isinstance(self._head, BinaryHead):
            states["event_probability"] = (1 / (1 + np.exp(-found.risk)))[:, None].astype(np.float32)
            diagnostics["horizon"] = self._head.horizon
        if self.config.train_last_layers:
            diagnostics["tuned_epoch"] = float(self.tuned_epoch)
        return replace(found, states=states, diagnostics=diagnostics)

    def _make_head(self, outcome: Outcome) -> CoxHead | BinaryHead:
        config = self.config
        if config.loss == "pll":
            return CoxHead(config.ties)
        return BinaryHead(config.horizon or float(np.median(outcome.time)), ipcw=config.ipcw)

    def _tune(
        self, train: Cohort, shown: Cohort, validation: Cohort, shown_validation: Cohort, context: Context
    ) -> None:
        """Tune the encoder: it and a network trained on its vectors as they are go on together."""
        assert self._vectors is not None
        encoder = self._vectors.encoder
        assert isinstance(encoder, EncoderVectors)
        with context.timed("tuning"):
            network = self._network(shown, shown_validation, context)
            seen_part, held_out = (
                read_part(
                    encoder,
                    self._notes.texts(whole.patients),
                    network.inputs(seen.patients, context.device),
                    whole.outcome,
                )
                for whole, seen in ((train, shown), (validation, shown_validation))
            )
            tuned = TunedNetwork(encoder, self._vectors.scale, self._made)
            record = tune(tuned, self._head, seen_part, held_out, self.config, context)
        self.tuned_epoch = record.best_epoch
        """Epoch of the tuned encoder, counted from 1; 0 if none was better than the encoder as it was."""
        encoder.tuned = self.tuned_epoch > 0
        self._vectors.tokens_seen += len(record.losses) * seen_part.tokens
        self._vectors.rescale(self._notes.texts(train.patients))

    def _network(self, train: Cohort, validation: Cohort, context: Context) -> BagNetwork:
        """Return networks, trained on patients whose notes are vectors."""
        select_by = "loss" if self.config.loss == "bce" else self.config.select_by
        settings = self.config.network_settings(len(train))
        network = BagNetwork(settings, self._head, self._module, select_by=select_by)
        network.fit(train, validation, context)
        return network

    def _outputs(self, shown: Patients) -> FloatArray:
        """Return the mean outputs of all networks, shape (n, 1)."""
        every = [values for network in self.networks for values in network.outputs(shown)[0]]
        mean: FloatArray = np.mean(every, axis=0)
        return mean

    def _module(self, widths: Widths, outputs: int, start: FloatArray | None) -> nn.Module:
        self._made = BertSurvNetwork(widths, self.config, outputs, start)
        return self._made

    def _attention(self, patients: Patients, shown: Patients) -> dict[str, Float32Array]:
        """Return where the heads look, with the pieces of a note weighted as all networks do on average."""
        assert self._vectors is not None
        encoder = self._vectors.encoder
        assert isinstance(encoder, EncoderVectors)
        shares = [
            np.mean(of_note, axis=0) for of_note in zip(*(n.attention(shown) for n in self.networks), strict=True)
        ]
        return note_attention(encoder, self._notes.texts(patients), shares)

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
        return sum(parameter.numel() for parameter in self._made.parameters()) + encoder

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size and training of the network, and how fast a tuned encoder learns; what is read stays."""
        drawn = block_network_choices(trial)
        if config.train_last_layers:
            drawn["tune_learning_rate"] = trial.suggest_float("tune_learning_rate", 1e-6, 1e-4, log=True)
        return replace(
            config,
            **drawn,
            note_width=trial.suggest_categorical("note_width", [32, 64, 128]),
            width=trial.suggest_categorical("width", [32, 64, 128, 256]),
            layers=trial.suggest_int("layers", 1, 3),
            dropout=trial.suggest_float("dropout", 0.0, 0.6),
        )


def make_encoder(config: Config) -> NoteEncoder:
    """Return the encoder that the settings name, not fitted yet."""
    if config.encoder == TFIDF:
        return TfidfVectors(config.words, config.text_components)
    return EncoderVectors(config)
