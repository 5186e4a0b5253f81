"""Scores of stored cells: computed from their predictions, never by fitting."""

from collections import OrderedDict
from dataclasses import dataclass

import metrics
from benchmarks.protocol.protocol import EvaluationProtocol, protocol_id
from benchmarks.scoring.evaluation import evaluate, fidelity, prepare
from benchmarks.scoring.influence import CellInfluence, influence_as_bytes, influence_from_bytes, influence_of
from benchmarks.scoring.parseable import on_parseable
from benchmarks.storage.predictions import PREDICTIONS, read_predictions
from benchmarks.storage.store import CorruptedCellError, Store
from benchmarks.types import MAIN, TEACHER, PredictedPart, Record, StoredPredictions
from benchmarks.types.score import CellScores, Score, Scores

# Marks a number that a method reports of itself among the measures.
DIAGNOSTIC = "diagnostic:"

_KEPT_OUTCOMES = 64


@dataclass(frozen=True, slots=True, eq=False)
class ScoredCell:
    """A record with its scores and the influence of its test patients on them; both None unless it is ok."""

    record: Record
    scores: CellScores | None = None
    influence: CellInfluence | None = None


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

    def scores(self, record: Record) -> CellScores:
        """Return the scores of a finished cell, from its file or computed and stored.

        Kept scores stand for the predictions whose checksum they carry; those were verified when they were scored.

        Raises
        ------
        CorruptedCellError
            If the cell must be scored and its predictions are not what was written.
        """
        key = record.cell.key
        return self._kept(key, record) or self._compute(key, record)[0]

    def scores_and_influence(self, record: Record) -> tuple[CellScores, CellInfluence]:
        """Return the scores of a finished cell with the influence of its test patients on them.

        Raises
        ------
        CorruptedCellError
            As ``scores``.
        """
        key = record.cell.key
        scores = self._kept(key, record)
        content = None if scores is None else self.store.read_influence(key, scores.influence)
        if scores is None or content is None:
            return self._compute(key, record)
        try:
            return scores, influence_from_bytes(content)
        except Exception:  # no such file as is written here, though its checksum is the one that the scores name
            return self._compute(key, record)

    def _kept(self, key: str, record: Record) -> CellScores | None:
        kept = self.store.read_scores(key, protocol_id(record.cell.dataset, record.cell.grid_sha256))
        return kept if kept is not None and kept.predictions == record.files.get(PREDICTIONS) else None

    def _compute(self, key: str, record: Record) -> tuple[CellScores, CellInfluence]:
        try:
            return self._score(key, record)
        except CorruptedCellError:
            raise
        except Exception as error:
            # A defect of a metric keeps its traceback; nothing in it says whose predictions show the defect.
            error.add_note(f"while {key} was scored: {record.cell.label}")
            raise

    def _score(self, key: str, record: Record) -> tuple[CellScores, CellInfluence]:
        self.store.read(key)  # verifies the predictions
        predictions = read_predictions(self.store.folder(key))
        # The main prediction's grid is the protocol's: the cell was asked for it, and its checksum is in the key.
        protocol = EvaluationProtocol(record.cell.dataset, predictions.parts["test"].predictions[MAIN].times)
        if protocol.grid_sha256 != record.cell.grid_sha256:
            path = self.store.folder(key) / PREDICTIONS
            raise CorruptedCellError(f"{path} holds predictions at other times than the cell was asked for")
        variants: dict[str, dict[str, Scores]] = {}
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
                if prediction.parseable is not None:
                    found |= on_parseable(
                        protocol, predictions.train, part.outcome, prediction, found, strata=part.strata
                    )
                for name, value in prediction.diagnostics.items():
                    found[f"{DIAGNOSTIC}{name}"] = Score.of(value)
                variants.setdefault(variant, {})[part_name] = found
        test = predictions.parts["test"]
        influence = influence_of(protocol, self._prepare(record, protocol, predictions, "test", test), test)
        scores = CellScores(
            protocol=protocol.id,
            predictions=record.files[PREDICTIONS],
            influence=self.store.write_influence(key, influence_as_bytes(influence)),
            variants=variants,
        )
        self.store.write_scores(key, scores)
        self.computed += 1
        return scores, influence

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
