"""Predictions with the patients they are of."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.types.arrays import StringArray
from benchmarks.types.outcome import Outcome
from benchmarks.types.prediction import Prediction


@dataclass(frozen=True, slots=True, eq=False)
class PredictedPart:
    """Patients of one part of a split, their outcome, and the predictions by variant (``MAIN`` is the main one)."""

    ids: StringArray
    outcome: Outcome
    strata: StringArray | None
    predictions: Mapping[str, Prediction]


@dataclass(frozen=True, slots=True, eq=False)
class StoredPredictions:
    """All that scoring needs: the predicted parts, and who was trained on, for the censoring weights."""

    train_ids: StringArray
    train: Outcome
    parts: Mapping[str, PredictedPart]
