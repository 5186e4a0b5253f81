"""KEMM: reports and prognostic knowledge look at slides and genes."""

from dataclasses import replace

import numpy as np

from benchmarks.types import Cohort, Context, FloatArray, Patients, Prediction, Trial
from methods.kemm.config import Config
from methods.kemm.faithful import with_validation
from methods.kemm.hazard_head import HazardHead
from methods.kemm.inputs import KnowledgeNetwork, MakeModule
from methods.kemm.network import KemmNetwork
from methods.shared.heads.cox_head import CoxHead
from methods.shared.training.attention_record import attention_diagnostics


class KEMM:
    """Refined reports and background knowledge as queries of slides and genes (Zhao et al. 2025).

    The prediction is the mean of several networks. ``states`` holds where each sentence looks.
    """

    config_type = Config

    def __init__(self, config: Config) -> None:
        self.config = config
        self._head: HazardHead | CoxHead = HazardHead(config) if config.loss == "nll" else CoxHead()
        self.network = KnowledgeNetwork(config, self._head, _maker(config))

    def fit(self, train: Cohort, validation: Cohort, context: Context) -> None:
        """Train on the training patients; the validation part is read with ``faithful`` or ``members=1`` alone.

        Raises
        ------
        UsageError
            If what the settings ask for is not there, such as knowledge of the cohort's disease.
        """
        if self.config.faithful and isinstance(self._head, HazardHead) and len(validation):
            self._head.edges_of = with_validation(train.outcome, validation.outcome)
        self.network.meet(train)
        self.network.fit(train, validation, context)
        if isinstance(self._head, CoxHead):
            outputs, _ = self.network.outputs(train.patients)
            self._head.fit_curves(np.mean(outputs, axis=0), train.outcome)

    def predict(self, patients: Patients, times: FloatArray) -> Prediction:
        """Return the mean of the networks, and where the sentences look."""
        outputs, states = self.network.outputs(patients)
        if isinstance(self._head, HazardHead):
            at_cuts = np.mean([self._head.survival_at_cuts(of_member) for of_member in outputs], axis=0)
            found = self._head.predict_from(at_cuts, times)
        else:
            found = self._head.predict(np.mean(outputs, axis=0), times)
        kept = {name: state.astype(np.float32) for name, state in states.items()}
        diagnostics = {
            **self._counts(outputs[0].shape[1]),
            **self.network.report_counts(patients),
            **attention_diagnostics(states),
        }
        return replace(found, states=kept, diagnostics=diagnostics)

    def _counts(self, outputs: int) -> dict[str, float]:
        """Return the numbers of tokens and trained numbers that belong in every record."""
        knowledge = self.network.knowledge
        counts = {"knowledge_tokens": float(sum(len(found.sentences) for found in knowledge.values()))}
        for name, config in self._of_both_kinds().items():
            counts[name] = float(self.network.parameter_count(_maker(config), outputs))
        if self.config.faithful:
            # What they report: the concordance on the part by which the epoch was chosen.
            counts["selected_by_c"] = float(np.mean([-record.best_loss for record in self.network.records]))
        return counts

    def _of_both_kinds(self) -> dict[str, Config]:
        """Return the settings with which text asks, and those with which as many learned queries do."""
        config = self.config
        if config.attention != "kecm":
            return {"parameters": config}
        learned = {"parameters_learned_queries": replace(config, kecm="off")}
        if config.report == "off" and config.pbk == "off":
            return learned
        return {"parameters_knowledge_queries": replace(config, kecm="on"), **learned}

    @staticmethod
    def search_space(trial: Trial, config: Config) -> Config:
        """Draw size, time axis and training of the network; of the authors' recipe nothing is drawn."""
        if config.faithful:
            return config
        return replace(
            config,
            width=trial.suggest_categorical("width", [128, 256, 384]),
            heads=trial.suggest_categorical("heads", [1, 4, 8]),
            layers=trial.suggest_int("layers", 1, 2),
            report_tokens=trial.suggest_categorical("report_tokens", [32, 64, 128]),
            dropout=trial.suggest_float("dropout", 0.1, 0.5),
            intervals=trial.suggest_categorical("intervals", [4, 8, 16]),
            learning_rate=trial.suggest_float("learning_rate", 1e-5, 1e-3, log=True),
            weight_decay=trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
            alpha=trial.suggest_float("alpha", 0.0, 0.5),
            cap=trial.suggest_categorical("cap", [1024, 4096, 8192]),
            fusion=trial.suggest_categorical("fusion", ["concat", "bilinear"]),
        )


def _maker(config: Config) -> MakeModule:
    """Return what makes an untrained network of some settings."""
    return lambda widths, texts, outputs, start: KemmNetwork(widths, texts, config, outputs, start)
