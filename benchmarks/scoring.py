"""Scores of stored cells: computed from their predictions, never by fitting."""

from collections import OrderedDict
from dataclasses import asdict
from typing import Any

import metrics
from benchmarks.evaluation import Score, evaluate, fidelity, prepare
from benchmarks.execution.files import PredictedPart, StoredPredictions, read_predictions
from benchmarks.protocol import EvaluationProtocol, protocol_id
from benchmarks.store import Store
from benchmarks.types import TEACHER, Record

# Marks a number that a method reports of itself among the measures.
DIAGNOSTIC = "diagnostic:"

_KEPT_OUTCOMES = 64


class Scorer:
    """Score cells, sorting the outcome of a fold once for all methods that predict it.

    Parameters
    ----------
    store : Store
        Where predictions are read and scores kept.

    Attributes
    ----------
    computed : int
        How many cells were scored rather than read.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.computed = 0
        self._prepared: OrderedDict[tuple[str, ...], metrics.PreparedOutcome] = OrderedDict()

    def scores(self, record: Record) -> dict[str, Any]:
        """Return the scores of a finished cell, from its file or computed and stored.

        Returns
        -------
        dict
            ``{"protocol": id, "variants": {variant: {part: {measure: score}}}}``.
        """
        key = record.cell.key
        kept = self.store.read_scores(key, protocol_id(record.cell.dataset, record.cell.grid_sha256))
        if kept is not None:
            return kept
        predictions = read_predictions(self.store.folder(key))
        # The main prediction's grid is the protocol's: the cell was asked for it, and its checksum is in the key.
        protocol = EvaluationProtocol(record.cell.dataset, predictions.parts["test"].predictions[""].times)
        variants: dict[str, dict[str, Any]] = {}
        for part_name, part in predictions.parts.items():
            prepared = self._prepare(record, protocol, predictions, part_name, part)
            for variant, prediction in part.predictions.items():
                found = evaluate(
                    protocol,
                    predictions.train,
                    part.outcome,
                    prediction,
                    strata=part.strata,
                    prepared=prepared,
                )
                if TEACHER in part.predictions and variant != TEACHER:
                    found |= fidelity(prepared, prediction, part.predictions[TEACHER], strata=part.strata)
                for name, value in prediction.diagnostics.items():
                    found[f"{DIAGNOSTIC}{name}"] = Score("defined", value)
                variants.setdefault(variant, {})[part_name] = {name: asdict(score) for name, score in found.items()}
        scores = {"protocol": protocol.id, "variants": variants}
        self.store.write_scores(key, scores)
        self.computed += 1
        return scores

    def _prepare(
        self,
        record: Record,
        protocol: EvaluationProtocol,
        predictions: StoredPredictions,
        part_name: str,
        part: PredictedPart,
    ) -> metrics.PreparedOutcome:
        fold = (record.cell.data_sha256, record.cell.split_sha256, part_name, protocol.id)
        if fold not in self._prepared:
            self._prepared[fold] = prepare(protocol, predictions.train, part.outcome)
            if len(self._prepared) > _KEPT_OUTCOMES:
                self._prepared.popitem(last=False)
        return self._prepared[fold]
