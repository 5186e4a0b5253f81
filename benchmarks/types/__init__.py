"""The types everyone shares: n patients, T grid times."""

from benchmarks.types.arrays import BoolArray, Float32Array, FloatArray, IntArray, StringArray
from benchmarks.types.cell import EXTERNAL, LAYOUT, Cell, told_recalibrated, told_shuffled
from benchmarks.types.cohort import Cohort, Patients, told_excluded
from benchmarks.types.context import Context, ProgressReporter, derived_seed, ignore_progress
from benchmarks.types.method import Method, Trial
from benchmarks.types.modality import Bags, BagSource, Described, Matrix, Modality, Table, Texts
from benchmarks.types.outcome import Outcome
from benchmarks.types.predicted import PredictedPart, StoredPredictions
from benchmarks.types.prediction import MAIN, TEACHER, Prediction
from benchmarks.types.record import STATUSES, Record, Status, warned
from benchmarks.types.split import Split
from benchmarks.types.tuning import OBJECTIVES, PRUNERS, Objective, Pruner, Tuning, told_tuned

__all__ = [
    "EXTERNAL",
    "LAYOUT",
    "MAIN",
    "OBJECTIVES",
    "PRUNERS",
    "STATUSES",
    "TEACHER",
    "BagSource",
    "Bags",
    "BoolArray",
    "Cell",
    "Cohort",
    "Context",
    "Described",
    "Float32Array",
    "FloatArray",
    "IntArray",
    "Matrix",
    "Method",
    "Modality",
    "Objective",
    "Outcome",
    "Patients",
    "PredictedPart",
    "Prediction",
    "ProgressReporter",
    "Pruner",
    "Record",
    "Split",
    "Status",
    "StoredPredictions",
    "StringArray",
    "Table",
    "Texts",
    "Trial",
    "Tuning",
    "derived_seed",
    "ignore_progress",
    "told_excluded",
    "told_recalibrated",
    "told_shuffled",
    "told_tuned",
    "warned",
]
