"""Predictions with the patients they are of."""

from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.types.arrays import BoolArray, StringArray
from benchmarks.types.outcome import Outcome
from benchmarks.types.prediction import Prediction


@dataclass(frozen=True, slots=True, eq=False)
class PredictedPart:
    """The n patients of one part of a split and what was predicted of them.

    Parameters
    ----------
    ids : array of str, shape (n,)
        Their identifiers.
    outcome : Outcome
        Their times and events.
    strata : array of str, shape (n,), or None
        Groups within which the concordance counts pairs.
    predictions : mapping of str to Prediction
        By variant; ``MAIN`` is the main one.
    present : mapping of str to array of bool, shape (n,), or None
        Who has which of the modalities that the method was shown; None in files that do not tell.
    """

    ids: StringArray
    outcome: Outcome
    strata: StringArray | None
    predictions: Mapping[str, Prediction]
    present: Mapping[str, BoolArray] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class StoredPredictions:
    """All that scoring needs: the predicted parts, and who was trained on, for the censoring weights."""

    train_ids: StringArray
    train: Outcome
    parts: Mapping[str, PredictedPart]
