"""Scores of stored cells: computed from their predictions, never by fitting."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import pandas as pd

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
    """

    def __init__(self, store: Store) -> None:
        self.store = store
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


def score_table(cells: Iterable[tuple[Record, dict[str, Any] | None]]) -> pd.DataFrame:
    """Return one row per cell, variant, part and measure, sorted; a cell without scores has one row with its cause.

    No time, host or order of execution enters: the same predictions give the same bytes.
    """
    rows = []
    for record, scores in cells:
        cell = record.cell
        common = {
            "dataset": cell.dataset,
            "method": cell.method,
            "modalities": "+".join(cell.modalities),
            "repeat": cell.repeat,
            "fold": cell.fold,
            "seed": cell.seed,
            "key": cell.key,
            "status": record.status,
            "cause": record.cause,
        }
        if scores is None:
            rows.append(common)
            continue
        for variant, parts in scores["variants"].items():
            for part, measures in parts.items():
                where = {**common, "protocol": scores["protocol"], "variant": variant, "part": part}
                for measure, score in measures.items():
                    numbers = {name: score[name] for name in (*_FLOAT_COLUMNS, "reason")}
                    rows.append({**where, "measure": measure, "score_status": score["status"], **numbers})
    columns = [*_TEXT_COLUMNS, *_NUMBER_COLUMNS]
    table = pd.DataFrame(rows, columns=columns)
    table[_FLOAT_COLUMNS] = table[_FLOAT_COLUMNS].astype("float64")
    order = ["dataset", "method", "variant", "modalities", "repeat", "fold", "part", "measure", "key"]
    return table.sort_values(order, kind="stable", ignore_index=True)


_TEXT_COLUMNS = [
    "dataset",
    "method",
    "variant",
    "modalities",
    "part",
    "measure",
    "score_status",
    "status",
    "cause",
    "reason",
    "protocol",
    "key",
]
_FLOAT_COLUMNS = ["value", "standard_error", "low", "high"]
_NUMBER_COLUMNS = ["repeat", "fold", "seed", *_FLOAT_COLUMNS]
