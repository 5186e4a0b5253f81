"""Fit on one split and predict: the only place where a method meets patients."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.errors import RowError
from benchmarks.types import Cohort, Context, FloatArray, Method, Patients, Prediction, Split

PREDICTED_PARTS = ("test", "validation")


@dataclass(frozen=True, slots=True)
class FoldResult:
    """Predictions by part, and the seconds that ``fit`` and ``predict`` took (test part only)."""

    predictions: Mapping[str, Prediction]
    seconds: Mapping[str, float]


def fit_and_predict(method: Method, cohort: Cohort, split: Split, times: FloatArray, context: Context) -> FoldResult:
    """Fit on train and validation, predict test and validation.

    The method is given copies of its rows and, at prediction, patients without an outcome.
    """
    train, validation = cohort[split.train], cohort[split.validation]
    start = time.perf_counter()
    method.fit(train, validation, context)
    fitted = time.perf_counter()
    predictions = {"test": checked_prediction(method, cohort[split.test].patients, times)}
    predicted = time.perf_counter()
    predictions["validation"] = checked_prediction(method, validation.patients, times)
    return FoldResult(predictions, {"fit": fitted - start, "predict": predicted - fitted})


def checked_prediction(method: Method, patients: Patients, times: FloatArray) -> Prediction:
    """Predict, and name the patient if a value is invalid or the shape wrong."""
    try:
        prediction = method.predict(patients, times.copy())
    except RowError as error:
        raise error.named(patients.ids.tolist()) from error
    if not isinstance(prediction, Prediction):
        raise TypeError(f"predict returned {type(prediction).__name__}, not Prediction")
    for name, row in prediction.rows().items():
        where = f"variant {name!r}: " if name else ""
        if len(row) != len(patients):
            raise ValueError(f"{where}predict returned {len(row)} rows for {len(patients)} patients")
        if row.survival is not None and (len(row.times) != len(times) or (row.times != times).any()):
            raise ValueError(f"{where}predict returned curves on another grid than it was asked for")
    return prediction
